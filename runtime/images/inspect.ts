/** An image as `docker image inspect` prints it: the fields that other tools read, under Docker's names. */
import type { ImageRecord } from './image.ts'
import { familiarName } from './reference.ts'

export function inspectImage(image: ImageRecord): Readonly<Record<string, unknown>> {
  const { config, history } = JSON.parse(image.configJson) as { config?: unknown, history?: readonly { comment?: string }[] | null }
  const repositories = new Set(image.references.map(name => name.slice(0, name.lastIndexOf(':'))))
  return {
    Id: image.id,
    RepoTags: image.references.map(familiarName),
    RepoDigests: image.manifestDigest === undefined ? [] : [...repositories].map(name => `${familiarName(name)}@${image.manifestDigest}`),
    Comment: history?.at(-1)?.comment ?? '',
    Created: image.created,
    Architecture: image.architecture,
    ...image.variant === undefined ? {} : { Variant: image.variant },
    Os: image.os,
    Size: image.sizeBytes,
    Config: config ?? {},
    RootFS: { Type: 'layers', Layers: image.layers.map(layer => layer.diffId) },
  }
}
