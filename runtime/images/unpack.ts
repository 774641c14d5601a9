/**
 * A layer's tar archive into an empty folder, as overlayfs wants it: whiteouts become character devices 0:0, opaque directories get
 * trusted.overlay.opaque.
 *
 * Invariants: nothing is written outside the folder; every byte of the archive goes through both hashes; entries apply in order, a
 * later one replacing an earlier; a whiteout hides only what lower layers have. Where the archive leaves out a directory, or a hard link
 * points into a lower layer, the lower layers give what is missing, and the result depends on them. Source: image-spec layer.md.
 */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { isErrno } from '../../kernel/error.ts'
import { isTsnetError } from '../../errors/error.ts'
import {
  type Attributes, readAttributes, writeAttributes, writeFileAttributes, writeOpaque, writeTime,
} from '../rootfs/attributes.ts'
import { type MergedView, isWhiteout } from '../rootfs/merged-view.ts'
import { ByteReader, streamBytes } from './byte-reader.ts'
import { decompress } from './compression.ts'
import type { Digest } from './digest.ts'
import { finishDigest, hashing } from './hash.ts'
import { checkSymlink, readEntryPath, readLinkTarget } from './entry-path.ts'
import { invalidImage } from './invalid-image.ts'
import { LayerFolder, type LayerPath, type Place, writeAll } from './layer-folder.ts'
import { display } from './tar-header.ts'
import { type TarEntry, TarReader } from './tar-reader.ts'

export interface UnpackLimits { readonly maxBytes: number, readonly maxEntries: number }

/** Far beyond any real layer; what stops an archive that unpacks to more than the disk. */
export const defaultUnpackLimits: UnpackLimits = { maxBytes: 64 * 2 ** 30, maxEntries: 4_000_000 }

export interface UnpackRequest {
  /** The blob: a tar archive, plain or compressed. */
  readonly source: AsyncIterable<Uint8Array>
  /** An existing, empty folder that nobody else writes to. */
  readonly target: string
  /** The layers below, nearest first. */
  readonly lower: MergedView
  readonly limits?: UnpackLimits
}

export interface UnpackedLayer {
  /** Digest of the blob as it came. */
  readonly digest: Digest
  /** Digest of the uncompressed archive. */
  readonly diffId: Digest
  /** Content of all files. */
  readonly sizeBytes: number
  readonly entries: number
  /** True when something was taken from the layers below: the folder is right above these only. */
  readonly usedLower: boolean
}

/** @throws invalid-image; the caller removes what is in `target` then. */
export async function unpackLayer(request: UnpackRequest): Promise<UnpackedLayer> {
  const blob = createHash('sha256')
  const tar = createHash('sha256')
  const bytes = new ByteReader(streamBytes(hashing(decompress(hashing(request.source, blob)), tar)))
  using folder = new LayerFolder(request.target)
  const unpacker = new Unpacker(folder, request.lower, request.limits ?? defaultUnpackLimits)
  const reader = new TarReader(bytes)
  for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
    await unpacker.apply(entry, reader.content())
  }
  // What follows the end mark counts for the digests.
  while (await bytes.take(Number.MAX_SAFE_INTEGER) !== undefined) { /* hashed on the way */ }
  return { ...unpacker.finish(), digest: finishDigest(blob), diffId: finishDigest(tar) }
}

class Unpacker {
  readonly #folder: LayerFolder
  readonly #lower: MergedView
  readonly #limits: UnpackLimits
  /** Times of directories, set at the end: every object made in one changes it. */
  readonly #directoryTimes = new Map<string, bigint>()
  #bytes = 0
  #entries = 0
  #usedLower = false

  constructor(folder: LayerFolder, lower: MergedView, limits: UnpackLimits) {
    this.#folder = folder
    this.#lower = lower
    this.#limits = limits
  }

  async apply(entry: TarEntry, content: AsyncIterable<Buffer>): Promise<void> {
    const { maxBytes, maxEntries } = this.#limits
    this.#bytes += entry.size
    if (this.#bytes > maxBytes) throw invalidImage(`entry "${display(entry.path)}": the layer unpacks to more than ${maxBytes} bytes`)
    if (++this.#entries > maxEntries) throw invalidImage(`the layer has more than ${maxEntries} entries`)
    try {
      await this.#apply(entry, content)
    } catch (cause) {
      // What the kernel refuses about a name or a combination is the archive's fault; a full disk is not.
      if (isTsnetError(cause, 'invalid-image') || !isErrno(cause, 'EPERM', 'EINVAL', 'EISDIR', 'ENOTDIR', 'EMLINK', 'ENAMETOOLONG', 'ERANGE')) {
        throw cause
      }
      throw invalidImage(`entry "${display(entry.path)}": ${cause instanceof Error ? cause.message : ''}`, { cause })
    }
  }

  finish(): Pick<UnpackedLayer, 'sizeBytes' | 'entries' | 'usedLower'> {
    if (!this.#directoryTimes.has('')) this.#inheritRoot()
    for (const [path, mtimeNs] of this.#directoryTimes) {
      const place = path === '' ? this.#folder.root : this.#folder.place(split(path))
      if (place !== undefined && this.#folder.stat(place)?.isDirectory() === true) writeTime(place, mtimeNs)
    }
    return { sizeBytes: this.#bytes, entries: this.#entries, usedLower: this.#usedLower }
  }

  /** A layer that says nothing of the root has it as the layer below; overlayfs shows the nearest one's. */
  #inheritRoot(): void {
    const below = this.#lower.lookup('')
    const path = below?.kind === 'directory' ? below.paths[0] : undefined
    if (path === undefined || below === undefined) return
    const { mode, uid, gid } = below.stat
    if ((mode & 0o7777) === defaultDirectory.mode && uid === 0 && gid === 0) return
    this.#usedLower = true
    writeAttributes(this.#folder.root, readAttributes(path))
  }

  async #apply(entry: TarEntry, content: AsyncIterable<Buffer>): Promise<void> {
    const meaning = readEntryPath(entry.path)
    switch (meaning.kind) {
      case 'ignored': return
      case 'opaque': this.#ensureDirectory(meaning.parent); writeOpaque(this.#directory(meaning.parent)); return
      case 'whiteout': this.#whiteout(meaning); return
      case 'root':
        if (entry.type !== 'directory') throw invalidImage(`entry "${display(entry.path)}": the root is not a directory`)
        writeAttributes(this.#folder.root, entry)
        this.#directoryTimes.set('', entry.mtimeNs)
        return
      case 'object': await this.#object(entry, meaning, content)
    }
  }

  async #object(entry: TarEntry, path: LayerPath, content: AsyncIterable<Buffer>): Promise<void> {
    if (entry.type === 'directory') {
      const place = this.#makeDirectory(path)
      writeAttributes(place, entry)
      this.#directoryTimes.set(join(path), entry.mtimeNs)
      return
    }
    if (entry.type === 'link') {
      this.#link(entry, path)
      return
    }
    if (entry.type === 'symlink') checkSymlink(entry.path, entry.linkPath)
    const place = this.#clear(path)
    switch (entry.type) {
      case 'file': await this.#file(place, entry, content); return
      case 'symlink': this.#folder.makeSymlink(place, entry.linkPath); writeAttributes(place, entry, { link: true }); return
      case 'character': case 'block': case 'fifo':
        this.#folder.makeNode(place, { type: entry.type, major: entry.major, minor: entry.minor })
        writeAttributes(place, entry)
    }
  }

  async #file(place: Place, entry: TarEntry, content: AsyncIterable<Buffer>): Promise<void> {
    const fd = this.#folder.createFile(place)
    try {
      for await (const piece of content) writeAll(fd, piece)
      writeFileAttributes(fd, entry)
    } finally {
      closeSync(fd)
    }
  }

  #link(entry: TarEntry, path: LayerPath): void {
    const target = readLinkTarget(entry.path, entry.linkPath)
    if (join(target) === join(path)) return
    const existing = this.#folder.place(target)
    if (existing === undefined || this.#folder.stat(existing) === undefined) this.#copyUp(entry, target)
    this.#clear(path)
    try {
      this.#folder.link(target, path)
    } catch (cause) {
      if (!isErrno(cause, 'ENOENT', 'EXDEV')) throw cause
      throw invalidImage(`entry "${display(entry.path)}": hard link to "${display(entry.linkPath)}" cannot be made`, { cause })
    }
  }

  /** Brings a file of the lower layers into this one under the same name, so that it can be linked to. */
  #copyUp(entry: TarEntry, path: LayerPath): void {
    const node = this.#lower.lookup(join(path), { followLast: false })
    if (node === undefined || node.kind === 'directory' || !(node.stat.isFile() || node.stat.isSymbolicLink())) {
      throw invalidImage(`entry "${display(entry.path)}": hard link to "${display(entry.linkPath)}", which is no file of the image`)
    }
    if (!node.stat.isFile()) throw invalidImage(`entry "${display(entry.path)}": hard link to a symbolic link of a lower layer`)
    this.#usedLower = true
    this.#bytes += node.stat.size
    const fd = this.#folder.createFile(this.#clear(path))
    try {
      copyContent(node.path, fd)
      writeFileAttributes(fd, readAttributes(node.path))
    } finally {
      closeSync(fd)
    }
  }

  #whiteout(path: LayerPath): void {
    this.#ensureDirectory(path.parent)
    const place = this.#folder.place(path) ?? notADirectory(path)
    const stat = this.#folder.stat(place)
    // This layer's own object stays; a directory must not let the deleted one show through.
    if (stat === undefined) this.#folder.makeWhiteout(place)
    else if (stat.isDirectory()) writeOpaque(place)
  }

  /** A free place for a new object: what an earlier entry left there is removed. */
  #clear(path: LayerPath): Place {
    this.#ensureDirectory(path.parent)
    const place = this.#folder.place(path) ?? notADirectory(path)
    if (this.#folder.stat(place) === undefined) return place
    this.#folder.remove(place)
    return this.#folder.place(path) ?? notADirectory(path)
  }

  /** The directory `path`, new or as it is; one that takes the place of a whiteout hides the lower one. */
  #makeDirectory(path: LayerPath): Place {
    this.#ensureDirectory(path.parent)
    const place = this.#folder.place(path) ?? notADirectory(path)
    const stat = this.#folder.stat(place)
    if (stat?.isDirectory() === true) return place
    const cleared = stat === undefined ? place : this.#clear(path)
    this.#folder.makeDirectory(cleared)
    if (stat !== undefined && isWhiteout(stat)) writeOpaque(cleared)
    return cleared
  }

  /** Makes the missing directories above an entry, with the attributes they have in the layers below. */
  #ensureDirectory(path: string): void {
    if (this.#folder.place({ parent: path, name: '.' }) !== undefined) return
    const parent = split(path)
    this.#ensureDirectory(parent.parent)
    const place = this.#folder.place(parent) ?? notADirectory(parent)
    const stat = this.#folder.stat(place)
    if (stat !== undefined && !isWhiteout(stat)) notADirectory(parent)
    const made = this.#makeDirectory(parent)
    const below = stat === undefined ? this.#lower.lookup(path, { followLast: false }) : undefined
    const nearest = below?.kind === 'directory' ? below.paths[0] : undefined
    if (nearest !== undefined) this.#usedLower = true
    writeAttributes(made, nearest === undefined ? defaultDirectory : readAttributes(nearest))
  }

  /** The directory itself, also where its name is a link to it. */
  #directory(path: string): Place {
    return this.#folder.place({ parent: path, name: '.' }) ?? notADirectory(split(path))
  }
}

const defaultDirectory: Attributes = { mode: 0o755, uid: 0, gid: 0, mtimeNs: 0n, xattrs: new Map() }

function notADirectory(path: LayerPath): never {
  throw invalidImage(`entry below "${display(join(path))}": that is not a directory of the layer`)
}

function copyContent(from: Buffer, to: number): void {
  const source = openSync(from, 'r')
  try {
    const buffer = Buffer.alloc(1024 * 1024)
    for (let size = readSync(source, buffer); size > 0; size = readSync(source, buffer)) writeAll(to, buffer.subarray(0, size))
  } finally {
    closeSync(source)
  }
}

function split(path: string): LayerPath {
  const slash = path.lastIndexOf('/')
  return { parent: path.slice(0, Math.max(slash, 0)), name: path.slice(slash + 1) }
}

function join({ parent, name }: LayerPath): string {
  return parent === '' ? name : `${parent}/${name}`
}
