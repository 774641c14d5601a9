/**
 * The files of an image archive by name, in whatever order they are wanted: out of a tar archive, or out of a folder.
 *
 * A plain tar file is indexed by its headers and read where it lies. What can be read only once (standard input, compressed
 * archives) is written, uncompressed, to a file without a name first: the kernel removes it with its descriptor, also after a kill.
 */
import { closeSync, constants, createReadStream, fstatSync, openSync, readSync, rmSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { isErrno } from '../../kernel/error.ts'
import { makeFolder } from '../../kernel/folder.ts'
import { randomHex } from '../../kernel/random.ts'
import { ByteReader, type ByteSource } from './byte-reader.ts'
import { decompress, sniffCompression } from './compression.ts'
import { maxJsonBytes } from './image-json.ts'
import { invalidImage } from './invalid-image.ts'
import { writeAll } from './layer-folder.ts'
import { TarReader } from './tar-reader.ts'
import { display } from './tar-header.ts'

export interface ArchiveFiles extends Disposable {
  has(path: string): boolean
  /** A small file, whole. @throws invalid-image where it is missing or no document */
  read(path: string): Promise<Buffer>
  /** @throws invalid-image while reading, where it is missing */
  open(path: string): AsyncIterable<Uint8Array>
}

const chunkBytes = 256 * 1024
const indexChunkBytes = 16 * 1024
const maxArchiveEntries = 100_000

/** A tar archive at `path`, or whatever `stream` gives. `scratch` is a folder on disk with room for the archive. */
export async function openTarFiles(input: { readonly path: string } | { readonly stream: AsyncIterable<Uint8Array> }, scratch: string):
  Promise<ArchiveFiles> {
  const fd = await openPlain(input, scratch)
  try {
    return await indexTar(fd)
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** The archive as a descriptor that can be read anywhere: the file itself where it is plain, else a copy. */
async function openPlain(input: { readonly path: string } | { readonly stream: AsyncIterable<Uint8Array> }, scratch: string): Promise<number> {
  if ('stream' in input) return await spool(decompress(input.stream), scratch)
  const fd = openSync(input.path, 'r')
  let isPlain = false
  try {
    isPlain = isPlainFile(fd)
    return isPlain ? fd : await spool(decompress(fileStream(fd)), scratch)
  } finally {
    if (!isPlain) closeSync(fd)
  }
}

/** An image layout in a folder. */
export function openFolderFiles(folder: string): ArchiveFiles {
  const pathOf = (name: string): string => join(folder, posix.normalize(`/${name}`))
  const has = (name: string): boolean => statSync(pathOf(name), { throwIfNoEntry: false })?.isFile() === true
  const open = (name: string): AsyncIterable<Uint8Array> => {
    if (!has(name)) throw missing(name)
    return createReadStream(pathOf(name), { highWaterMark: chunkBytes })
  }
  return { has, open, read: async name => await readSmall(open(name), name), [Symbol.dispose]: () => { /* nothing is held open */ } }
}

interface IndexEntry { readonly offset: number, readonly size: number, readonly link?: string }

async function indexTar(fd: number): Promise<ArchiveFiles> {
  const index = new Map<string, IndexEntry>()
  const reader = new TarReader(new ByteReader(fileBytes(fd)))
  for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
    if (index.size > maxArchiveEntries) throw invalidImage('not an image archive: too many files')
    const path = inside(display(entry.path))
    if (entry.type === 'file') index.set(path, { offset: reader.contentOffset, size: entry.size })
    const target = display(entry.linkPath)
    if (entry.type === 'symlink') index.set(path, { offset: 0, size: 0, link: inside(posix.join(posix.dirname(path), target)) })
    if (entry.type === 'link') index.set(path, { offset: 0, size: 0, link: inside(target) })
  }
  const find = (path: string): IndexEntry | undefined => {
    let entry = index.get(inside(path))
    for (let hops = 0; entry?.link !== undefined; hops++) entry = hops > maxLinks ? undefined : index.get(entry.link)
    return entry
  }
  const open = (path: string): AsyncIterable<Uint8Array> => {
    const entry = find(path)
    if (entry === undefined) throw missing(path)
    return fileStream(fd, entry.offset, entry.size)
  }
  return {
    has: path => find(path) !== undefined, open, read: async path => await readSmall(open(path), path), [Symbol.dispose]: () => closeSync(fd),
  }
}

const maxLinks = 8

/** True for a file that can be read at any offset and is not compressed. */
function isPlainFile(fd: number): boolean {
  if (!fstatSync(fd).isFile()) return false
  const start = Buffer.alloc(8)
  return sniffCompression(start.subarray(0, readSync(fd, start, 0, start.length, 0))) === 'none'
}

async function spool(source: AsyncIterable<Uint8Array>, scratch: string): Promise<number> {
  makeFolder(scratch, 0o711)
  const fd = openUnnamed(scratch)
  try {
    for await (const chunk of source) writeAll(fd, chunk)
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** O_TMPFILE; where the file system has none, a file that loses its name at once. */
function openUnnamed(folder: string): number {
  try {
    return openSync(folder, O_TMPFILE | constants.O_RDWR, 0o600)
  } catch (error) {
    if (!isErrno(error, 'EOPNOTSUPP', 'EISDIR', 'ENOENT') && !(error instanceof Error && 'code' in error && error.code === 'ENOTSUP')) throw error
    const path = join(folder, `.spool-${randomHex(8)}`)
    const fd = openSync(path, 'wx+', 0o600)
    rmSync(path)
    return fd
  }
}

const O_TMPFILE = 0o20200000

/** Reads at offsets of its own, so that the descriptor can be shared. */
function fileBytes(fd: number): ByteSource {
  const { size } = fstatSync(fd)
  let position = 0
  return {
    next() {
      const buffer = Buffer.allocUnsafe(indexChunkBytes)
      const length = readSync(fd, buffer, 0, buffer.length, position)
      position += length
      return Promise.resolve(length === 0 ? undefined : buffer.subarray(0, length))
    },
    skip(bytes) {
      const skipped = Math.min(bytes, Math.max(0, size - position))
      position += skipped
      return skipped
    },
  }
}

async function* fileStream(fd: number, offset?: number, size = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array> {
  let done = 0
  while (done < size) {
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, size - done))
    const length = readSync(fd, buffer, 0, buffer.length, offset === undefined ? null : offset + done)
    if (length === 0) {
      if (Number.isFinite(size)) throw invalidImage('the archive is truncated')
      return
    }
    done += length
    yield buffer.subarray(0, length)
  }
}

async function readSmall(source: AsyncIterable<Uint8Array>, path: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of source) {
    length += chunk.length
    if (length > maxJsonBytes) throw invalidImage(`${path}: is longer than ${maxJsonBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** A name inside the archive: `..` stops at its top. */
function inside(path: string): string {
  return posix.normalize(`/${path}`).slice(1)
}

function missing(path: string): Error {
  return invalidImage(`${path}: is missing`)
}
