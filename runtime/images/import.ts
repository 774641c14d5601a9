/** A root file system archive as an image of one layer: `tsnet image import FILE|- NAME[:TAG]`. Read once, from front to back. */
import { createReadStream } from 'node:fs'
import { type ArchiveInput, checkFile, inputLabel } from './archive.ts'
import { applyChanges } from './changes.ts'
import { digestOf } from './hash.ts'
import { readDefaults } from './image-config.ts'
import type { ImageRecord } from './image.ts'
import { withSubject } from './invalid-image.ts'
import type { ImageStores, LoadOptions } from './load.ts'
import { type Platform, hostPlatform } from './platform.ts'
import { parseReference, tagName } from './reference.ts'

export interface ImportRequest {
  readonly input: ArchiveInput
  /** `NAME[:TAG]`; absent: the image is known by its id only. */
  readonly name?: string
  /** Dockerfile instructions, see `changes.ts`. */
  readonly changes?: readonly string[]
  /** Comment in the image's history. */
  readonly message?: string
  /** Absent: this machine's. */
  readonly platform?: Platform
}

/** @throws invalid-image, invalid-reference, invalid-argument */
export async function importImage(request: ImportRequest, stores: ImageStores, options: LoadOptions = {}): Promise<ImageRecord> {
  const { input } = request
  const reference = request.name === undefined ? undefined : tagName(parseReference(request.name))
  const changed = applyChanges(request.changes ?? [])
  if ('path' in input) checkFile(input.path, 'import image', { folders: false })
  const open = (): AsyncIterable<Uint8Array> => 'path' in input ? createReadStream(input.path, { highWaterMark: chunkBytes }) : input.stream
  using hold = stores.layers.hold()
  const layer = await withSubject(`import image ${inputLabel(input)}`, () => stores.layers.add({ open }, { hold, ...options }))
  const platform = request.platform ?? hostPlatform()
  const created = new Date().toISOString()
  const comment = request.message ?? `Imported from ${'path' in input ? input.path : '-'}`
  const configJson = JSON.stringify({
    architecture: platform.architecture,
    ...platform.variant === undefined ? {} : { variant: platform.variant },
    os: 'linux',
    created,
    config: changed,
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    history: [{ created, comment }],
  })
  return stores.images.add({
    id: digestOf(configJson),
    references: reference === undefined ? [] : [reference],
    created,
    os: 'linux',
    architecture: platform.architecture,
    ...platform.variant === undefined ? {} : { variant: platform.variant },
    layers: [layer],
    sizeBytes: layer.sizeBytes,
    defaults: readDefaults(changed),
    configJson,
  })
}

const chunkBytes = 256 * 1024
