/**
 * Images by name and id, in the state database; their layers in a `LayerStore`.
 *
 * An image is one row; each of its names is a row of its own (parent `reference`), so that a name leads to its image by one lookup and
 * belongs to one image only. Removal is decided inside a write transaction together with the containers that use the image. Layers are
 * collected after the record is gone, again under the write lock, so that no image can be recorded meanwhile that needs one.
 */
import { rmSync } from 'node:fs'
import { TsnetError } from '../../errors/error.ts'
import type { ReadTransaction, Store, Transaction } from '../../store/store.ts'
import type { ContainerRecord } from '../types.ts'
import { diskUsage } from '../files/disk-usage.ts'
import { type Digest, isDigest } from './digest.ts'
import type { ImageRecord } from './image.ts'
import type { LayerStore } from './layer-store.ts'
import { requireRunnable } from './platform.ts'
import { familiarName, parseReference, tagName } from './reference.ts'

interface NameRow { readonly reference: string, readonly imageId: Digest }

export interface RemovedImage {
  /** Names the image had and lost, in full. */
  readonly untagged: readonly string[]
  /** Absent when the image itself stays, for its other names or for containers. */
  readonly deleted?: Digest
}

export interface ImagePrune { readonly all: boolean, readonly accepts: (image: ImageRecord) => boolean }
export interface PrunedImages { readonly removed: readonly RemovedImage[], readonly reclaimedBytes: number }

const nameParent = 'reference'

export class ImageStore {
  readonly #store: Store
  readonly #layers: LayerStore

  constructor(store: Store, layers: LayerStore) {
    this.#store = store
    this.#layers = layers
  }

  /** Records an image, whose layers are held; its names leave the images that had them. The record as it is now, with all its names. */
  add(image: ImageRecord): ImageRecord {
    return this.#store.write(tx => {
      const old = tx.table<ImageRecord>('images').get(image.id)
      putImage(tx, { ...image, references: old?.references ?? [] })
      for (const reference of image.references) giveName(tx, reference, image.id)
      return tx.table<ImageRecord>('images').get(image.id) ?? image
    })
  }

  /** All images, latest first. */
  list(): readonly ImageRecord[] {
    const images = this.#store.read(tx => tx.table<ImageRecord>('images').list({ parent: '' }))
    return images.toSorted((a, b) => b.created.localeCompare(a.created))
  }

  /** By id, name[:tag], name@digest or prefix of the id. @throws invalid-reference, invalid-argument for an ambiguous prefix */
  find(ref: string): ImageRecord | undefined {
    return this.#store.read(tx => findImage(tx, ref))
  }

  /** @throws image-not-found */
  get(ref: string): ImageRecord {
    return this.find(ref) ?? notFound(ref)
  }

  /** As `get`, for an image that a container shall run from. @throws image-not-found, platform-unsupported */
  getRunnable(ref: string): ImageRecord {
    const image = this.get(ref)
    requireRunnable(ref, image.architecture)
    return image
  }

  /** Overlay lower directories, nearest first. */
  lowers(image: ImageRecord): readonly string[] {
    return image.layers.toReversed().map(layer => this.#layers.contentPath(layer.key))
  }

  /** Gives the image `ref` the further name `name[:tag]`, taking it from the image that has it. @throws image-not-found */
  tag(ref: string, name: string): void {
    const reference = tagName(parseReference(name))
    this.#store.write(tx => {
      const image = findImage(tx, ref) ?? notFound(ref)
      giveName(tx, reference, image.id)
    })
  }

  /**
   * By name: takes the name away, and the image with its last one. By id: the image with all names, of which there may be only one
   * unless `force`. With `force` an image in use only loses its names.
   * @throws image-not-found, image-in-use
   */
  remove(ref: string, options: { readonly force: boolean }): RemovedImage {
    const removed = this.#store.write(tx => removeImage(tx, ref, options.force))
    this.collectGarbage()
    return removed
  }

  /** Removes what no container uses and `accepts` takes: images without names, with `all` those with names too. */
  prune({ all, accepts }: ImagePrune): PrunedImages {
    const removed = this.#store.write(tx => {
      const used = new Set(tx.table<ContainerRecord>('containers').list().map(({ imageId }) => imageId))
      return tx.table<ImageRecord>('images').list({ parent: '' })
        .filter(image => (all || image.references.length === 0) && !used.has(image.id) && accepts(image))
        .map(image => removeImage(tx, image.id, true))
    })
    return { removed, reclaimedBytes: this.#collect(diskUsage) }
  }

  /** Removes the layers that no image has and no running load needs. */
  collectGarbage(): void {
    this.#collect(() => 0)
  }

  /** The sum of what `measure` says of the folders that go. */
  #collect(measure: (folder: string) => number): number {
    const collected = this.#store.write(tx => {
      const images = tx.table<ImageRecord>('images').list({ parent: '' })
      return this.#layers.collect(new Set(images.flatMap(image => image.layers.map(layer => layer.key))))
    })
    return collected.reduce((sum, folder) => {
      const size = measure(folder)
      rmSync(folder, { recursive: true, force: true })
      return sum + size
    }, 0)
  }
}

/** For use inside a transaction that also records what uses the image. */
export function findImage(tx: ReadTransaction, ref: string): ImageRecord | undefined {
  const images = tx.table<ImageRecord>('images')
  const id = ref.startsWith('sha256:') ? ref.slice('sha256:'.length) : ref
  if (/^[0-9a-f]{64}$/.test(id)) return images.get(`sha256:${id}`) ?? images.list({ parent: '' }).find(hasManifest(`sha256:${id}`))
  const isPrefix = /^[0-9a-f]+$/.test(id)
  if (ref === id) {
    const named = findByReference(tx, ref)
    if (named !== undefined || !isPrefix) return named
  }
  return isPrefix ? images.findByIdPrefix(`sha256:${id}`) : undefined
}

/** `docker.io/library/busybox:latest` as `busybox:latest`; the short id for an image without names. */
export function shownName(image: ImageRecord): string {
  const [reference] = image.references
  return reference === undefined ? image.id.slice('sha256:'.length, 'sha256:'.length + 12) : familiarName(reference)
}

function findByReference(tx: ReadTransaction, ref: string): ImageRecord | undefined {
  const { repository, tag, digest } = parseReference(ref)
  if (digest !== undefined) {
    return tx.table<ImageRecord>('images').list({ parent: '' }).find(image => hasManifest(digest)(image)
      && image.references.some(reference => reference.startsWith(`${repository}:`)))
  }
  const row = tx.table<NameRow>('images').findByName(`${repository}:${tag}`, nameParent)
  return row === undefined ? undefined : tx.table<ImageRecord>('images').get(row.imageId)
}

function hasManifest(digest: string): (image: ImageRecord) => boolean {
  return image => image.id === digest || image.manifestDigest === digest
}

function removeImage(tx: Transaction, ref: string, force: boolean): RemovedImage {
  const image = findImage(tx, ref) ?? notFound(ref)
  const named = isName(tx, ref, image)
  const untagged = named === undefined ? image.references : [named]
  if (named === undefined && image.references.length > 1 && !force) {
    throw new TsnetError('image-in-use', `remove image "${ref}": it has several names (${image.references.map(familiarName).join(', ')}); `
      + 'remove them, or use -f', { data: { references: image.references } })
  }
  const stays = image.references.length > untagged.length
  const users = stays ? [] : usersOf(tx, image.id)
  if (users.length > 0 && !force) {
    throw new TsnetError('image-in-use', `remove image "${ref}": it is used by ${users.length > 1 ? 'containers' : 'container'} `
      + users.map(name => `"${name}"`).join(', '), { data: { containers: users } })
  }
  for (const reference of untagged) takeName(tx, reference)
  if (stays || users.length > 0) return { untagged }
  tx.table('images').delete(image.id)
  return { untagged, deleted: image.id }
}

/** The full name that `ref` is, if it is a name of the image and not an id. */
function isName(tx: ReadTransaction, ref: string, image: ImageRecord): string | undefined {
  if (isDigest(ref) || ref.startsWith('sha256:') || ref.includes('@') || image.id === `sha256:${ref}`) return undefined
  const { repository, tag } = parseReference(ref)
  const name = `${repository}:${tag}`
  return tx.table<NameRow>('images').findByName(name, nameParent)?.imageId === image.id ? name : undefined
}

function usersOf(tx: ReadTransaction, id: Digest): readonly string[] {
  return tx.table<ContainerRecord>('containers').list().filter(container => container.imageId === id).map(container => container.name)
}

function giveName(tx: Transaction, reference: string, imageId: Digest): void {
  takeName(tx, reference)
  const image = tx.table<ImageRecord>('images').get(imageId)
  if (image === undefined) return
  putImage(tx, { ...image, references: [...image.references, reference].toSorted() })
  tx.table<NameRow>('images').put({ id: `${nameParent} ${reference}`, name: reference, parent: nameParent }, { reference, imageId })
}

function takeName(tx: Transaction, reference: string): void {
  const row = tx.table<NameRow>('images').findByName(reference, nameParent)
  if (row === undefined) return
  const image = tx.table<ImageRecord>('images').get(row.imageId)
  if (image !== undefined) putImage(tx, { ...image, references: image.references.filter(name => name !== reference) })
  tx.table('images').delete(`${nameParent} ${reference}`)
}

function putImage(tx: Transaction, image: ImageRecord): void {
  tx.table<ImageRecord>('images').put({ id: image.id }, image)
}

function notFound(ref: string): never {
  throw new TsnetError('image-not-found', `find image "${ref}": there is none; \`tsnet image ls\` lists them`, { data: { image: ref } })
}
