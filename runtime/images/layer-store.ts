/**
 * Unpacked layers on disk, each once for all images: ROOT/layers/KEY/fs, with KEY the layer's DiffID without `sha256:`.
 *
 * A layer that took something from the layers below it (see `unpack.ts`) is only right above those: its KEY is the ChainID.
 * It is unpacked into `.new-…` beside its place under an exclusive lock and renamed when whole, so that what has a name is complete, a
 * second process waits and finds it, and what a killed one leaves is removed by the next. Loaders keep a shared lock on every
 * layer until the image is recorded: what is neither locked nor used by a record is garbage. Blobs are not kept.
 *
 *     layers/<key>/fs            content        layers/.new-<key>/     being unpacked (locked), or left by a dead process
 *     layers/<key>/layer.json    {diffId, sizeBytes}                   layers/.old-<random>/  being removed
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isErrno } from '../../kernel/error.ts'
import { makeFolder } from '../../kernel/folder.ts'
import { randomHex } from '../../kernel/random.ts'
import { MergedView } from '../rootfs/merged-view.ts'
import { type Digest, hexOf } from './digest.ts'
import { type FolderLock, tryLockFolder, waitForFolder } from './folder-lock.ts'
import { invalidImage } from './invalid-image.ts'
import type { UnpackLimits, UnpackedLayer } from './unpack.ts'

/** A layer as an image record names it. */
export interface StoredLayer {
  readonly key: string
  readonly diffId: Digest
  /** Content of its files. */
  readonly sizeBytes: number
}

/** Layers in use by an operation; they cannot be collected before this is disposed of. */
export interface LayerHold extends Disposable { add(lock: FolderLock): void }

export interface LayerInput {
  /** The blob, opened only when the layer is not there yet. */
  readonly open: () => AsyncIterable<Uint8Array>
  /** Digest of the blob, where it is known. */
  readonly digest?: Digest
}

export interface LayerOptions { readonly hold: LayerHold, readonly signal?: AbortSignal, readonly limits?: UnpackLimits }

export class LayerStore {
  readonly #folder: string

  /** `root`: tsnet's state folder, ROOT. */
  constructor(root: string) {
    this.#folder = join(root, 'layers')
  }

  /** Content of a layer: an overlay lower directory. */
  contentPath(key: string): string {
    return join(this.#folder, key, 'fs')
  }

  /** Begins an operation that makes or finds layers; also removes what dead processes left. */
  hold(): LayerHold {
    makeFolder(this.#folder, 0o700)
    this.#sweep()
    const locks = new DisposableStack()
    return { add: lock => locks.use(lock), [Symbol.dispose]: () => locks.dispose() }
  }

  /**
   * The layer `diffIds.at(-1)` above the layers of `below` (base first), unpacked unless it is there.
   * @throws invalid-image when the blob is bad or not what its digests say
   */
  async ensure(input: LayerInput, diffIds: readonly Digest[], below: readonly StoredLayer[], options: LayerOptions): Promise<StoredLayer> {
    const { chainIds } = await import('./hash.ts')
    const diffId = diffIds.at(-1)
    const chainId = chainIds(diffIds).at(-1)
    if (diffId === undefined || chainId === undefined) throw invalidImage('a layer without DiffID')
    const keys = [hexOf(diffId), hexOf(chainId)]
    for (;;) {
      const found = this.#find(keys, options.hold)
      if (found !== undefined) return found
      const temporary = join(this.#folder, `.new-${hexOf(chainId)}`)
      const lock = keys.some(key => existsSync(join(this.#folder, key))) ? undefined : this.#lockNew(temporary)
      if (lock === undefined) {
        // Another process unpacks it, or has just given it its name and not yet opened it to others.
        await waitForFolder(options.signal)
        continue
      }
      if (keys.some(key => existsSync(join(this.#folder, key)))) {
        rmSync(temporary, { recursive: true, force: true })
        lock[Symbol.dispose]()
        continue
      }
      const made = await this.#make({ temporary, lock, below, options }, input, unpacked => {
        if (input.digest !== undefined && unpacked.digest !== input.digest) {
          throw invalidImage(`the content is not that of its digest ${input.digest} but ${unpacked.digest}`)
        }
        if (unpacked.diffId !== diffId) throw invalidImage(`the content is not that of its DiffID ${diffId} but ${unpacked.diffId}`)
        return unpacked.usedLower ? hexOf(chainId) : hexOf(diffId)
      })
      if (made !== undefined) return made
    }
  }

  /** A base layer whose DiffID is not known beforehand. @throws invalid-image */
  async add(input: LayerInput, options: LayerOptions): Promise<StoredLayer> {
    for (;;) {
      const temporary = join(this.#folder, `.new-${randomHex(16)}`)
      const lock = this.#lockNew(temporary)
      if (lock === undefined) continue
      const made = await this.#make({ temporary, lock, below: [], options }, input, unpacked => hexOf(unpacked.diffId))
      if (made !== undefined) return made
    }
  }

  /** Moves every layer out of the way that is neither in `used` nor held, and removes it. Within a write transaction: see ImageStore. */
  collect(used: ReadonlySet<string>): readonly string[] {
    const collected: string[] = []
    for (const key of this.#names().filter(name => !name.startsWith('.') && !used.has(name))) {
      using lock = tryLockFolder(join(this.#folder, key), 'exclusive')
      if (lock === undefined) continue
      const old = join(this.#folder, `.old-${randomHex(8)}`)
      renameSync(join(this.#folder, key), old)
      collected.push(old)
    }
    return collected
  }

  /** Keys of all complete layers. */
  list(): readonly string[] {
    return this.#names().filter(name => !name.startsWith('.'))
  }

  /** Undefined when the layer was collected right after it got its name: once more. */
  async #make(
    place: { readonly temporary: string, readonly lock: FolderLock, readonly below: readonly StoredLayer[], readonly options: LayerOptions },
    input: LayerInput, keyOf: (unpacked: UnpackedLayer) => string,
  ): Promise<StoredLayer | undefined> {
    const { temporary, lock, below, options } = place
    using locks = new DisposableStack()
    locks.use(lock)
    try {
      const target = join(temporary, 'fs')
      mkdirSync(target, { mode: 0o755 })
      const lower = new MergedView(below.toReversed().map(layer => this.contentPath(layer.key)))
      const source = abortable(input.open(), options.signal)
      // With all that reads archives; whoever only runs images does without.
      const { unpackLayer } = await import('./unpack.ts')
      const unpacked = await unpackLayer({ source, target, lower, ...options.limits === undefined ? {} : { limits: options.limits } })
      const key = keyOf(unpacked)
      const { diffId, sizeBytes } = unpacked
      writeFileSync(join(temporary, 'layer.json'), `${JSON.stringify({ diffId, sizeBytes })}\n`)
      this.#publish(temporary, key)
      lock.share()
      if (!lock.stillAt(join(this.#folder, key))) return this.#find([key], options.hold)
      options.hold.add(lock)
      locks.move()
      return { key, diffId, sizeBytes }
    } catch (error) {
      rmSync(temporary, { recursive: true, force: true })
      throw error
    }
  }

  #publish(temporary: string, key: string): void {
    try {
      renameSync(temporary, join(this.#folder, key))
    } catch (error) {
      // Another process imported the same content; its copy is as good.
      if (!isErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error
      rmSync(temporary, { recursive: true, force: true })
    }
  }

  #find(keys: readonly string[], hold: LayerHold): StoredLayer | undefined {
    for (const key of keys) {
      const path = join(this.#folder, key)
      const lock = tryLockFolder(path, 'shared')
      if (lock === undefined) continue
      hold.add(lock)
      const { diffId, sizeBytes } = JSON.parse(readFileSync(join(path, 'layer.json'), 'utf8')) as Omit<StoredLayer, 'key'>
      return { key, diffId, sizeBytes }
    }
    return undefined
  }

  /** An empty folder under an exclusive lock; undefined while another process has it. */
  #lockNew(path: string): FolderLock | undefined {
    try {
      mkdirSync(path, { mode: 0o700 })
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error
    }
    const lock = tryLockFolder(path, 'exclusive')
    if (lock === undefined) return undefined
    for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true, force: true })
    return lock
  }

  /** Removes what nobody works on any more. */
  #sweep(): void {
    for (const name of this.#names()) {
      const path = join(this.#folder, name)
      if (name.startsWith('.old-')) rmSync(path, { recursive: true, force: true })
      if (!name.startsWith('.new-')) continue
      using lock = tryLockFolder(path, 'exclusive')
      if (lock !== undefined) rmSync(path, { recursive: true, force: true })
    }
  }

  #names(): readonly string[] {
    return existsSync(this.#folder) ? readdirSync(this.#folder) : []
  }
}

async function* abortable(source: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    signal?.throwIfAborted()
    yield chunk
  }
}
