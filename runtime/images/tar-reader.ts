/**
 * A tar archive as a sequence of entries, read once from front to back: GNU long names, PAX headers (global ones too) applied.
 *
 * An own reader, because the tar packages at hand decode extended attributes and names as UTF-8 text and so destroy them: file
 * capabilities (security.capability) are binary. Sparse files and multi-volume archives are refused, by name.
 */
import type { ByteReader } from './byte-reader.ts'
import { invalidImage } from './invalid-image.ts'
import { type PaxRecords, decodePax, mergePax, paxBytes, paxInteger, paxTime, paxXattrs } from './tar-pax.ts'
import { type TarHeader, blockSize, decodeTarHeader, display } from './tar-header.ts'

export type TarEntryType = 'file' | 'link' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo'

export interface TarEntry {
  readonly type: TarEntryType
  /** As in the archive, not yet checked. A byte string, as `linkPath` is. */
  readonly path: string
  readonly linkPath: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes of content; 0 for all but files. */
  readonly size: number
  readonly mtimeNs: bigint
  readonly major: number
  readonly minor: number
  readonly xattrs: ReadonlyMap<string, Buffer>
}

/** More than any real PAX header: each attribute may have 64 KiB. */
const maxExtensionBytes = 4 * 1024 * 1024

const types: Readonly<Record<string, TarEntryType>> = {
  0: 'file', 1: 'link', 2: 'symlink', 3: 'character', 4: 'block', 5: 'directory', 6: 'fifo', 7: 'file',
}
const refused: Readonly<Record<string, string>> = {
  S: 'a sparse file; make the archive without --sparse', M: 'a part of a multi-volume archive', D: 'an incremental backup',
}

export class TarReader {
  readonly #bytes: ByteReader
  #global: PaxRecords = new Map()
  /** Content bytes of the current entry not read yet, and the padding after them. */
  #remaining = 0
  #padding = 0
  #started = false

  constructor(bytes: ByteReader) {
    this.#bytes = bytes
  }

  /** The next entry; what is left of the one before is skipped. Undefined at the end. @throws invalid-image */
  async next(): Promise<TarEntry | undefined> {
    let pax = this.#global
    let longPath: string | undefined
    let longLink: string | undefined
    for (;;) {
      const header = await this.#header()
      if (header === undefined) return undefined
      switch (header.typeFlag) {
        case 'x': pax = mergePax(this.#global, decodePax(await this.#extension(header))); break
        case 'g': this.#global = mergePax(this.#global, decodePax(await this.#extension(header))); break
        case 'L': longPath = longName(await this.#extension(header)); break
        case 'K': longLink = longName(await this.#extension(header)); break
        case 'V': await this.#extension(header); break
        default: {
          const entry = toEntry(header, pax, { path: longPath, linkPath: longLink })
          this.#remaining = entry.size
          this.#padding = paddingOf(entry.size)
          return entry
        }
      }
    }
  }

  /** Content of the current entry, in pieces. @throws invalid-image where the archive ends too early */
  async *content(): AsyncGenerator<Buffer> {
    while (this.#remaining > 0) {
      const piece = await this.#bytes.take(this.#remaining)
      if (piece === undefined) throw truncated()
      this.#remaining -= piece.length
      yield piece
    }
  }

  /** Where the content of the current entry begins: bytes from the start of the archive. */
  get contentOffset(): number {
    return this.#bytes.position
  }

  async #header(): Promise<TarHeader | undefined> {
    const unread = this.#remaining + this.#padding
    if (await this.#bytes.skip(unread) < unread) throw truncated()
    this.#remaining = 0
    this.#padding = 0
    const block = await this.#bytes.read(blockSize)
    if (block.length === 0) {
      if (!this.#started) throw invalidImage('the file is empty')
      return undefined
    }
    if (block.length < blockSize) throw this.#started ? truncated() : invalidImage('not a tar archive: shorter than one block')
    this.#started = true
    return decodeTarHeader(block)
  }

  async #extension(header: TarHeader): Promise<Buffer> {
    if (header.size > maxExtensionBytes) throw invalidImage(`a tar extension header is ${header.size} bytes long`)
    const data = await this.#bytes.read(header.size)
    const padding = paddingOf(header.size)
    if (data.length < header.size || await this.#bytes.skip(padding) < padding) throw truncated()
    return data
  }
}

interface LongNames { readonly path: string | undefined, readonly linkPath: string | undefined }

function toEntry(header: TarHeader, pax: PaxRecords, long: LongNames): TarEntry {
  const path = paxBytes(pax, 'path') ?? long.path ?? header.path
  const why = refused[header.typeFlag] ?? ([...pax.keys()].some(key => key.startsWith('GNU.sparse')) ? refused['S'] : undefined)
  if (why !== undefined) throw invalidImage(`entry "${display(path)}": is ${why}`)
  const listed = types[header.typeFlag]
  if (listed === undefined) throw invalidImage(`entry "${display(path)}": has the unknown type "${header.typeFlag}"`)
  // Archives older than type 5 mark a directory by a slash at the end.
  const type = listed === 'file' && path.endsWith('/') ? 'directory' : listed
  return {
    type, path,
    linkPath: paxBytes(pax, 'linkpath') ?? long.linkPath ?? header.linkPath,
    mode: header.mode,
    uid: paxInteger(pax, 'uid') ?? header.uid,
    gid: paxInteger(pax, 'gid') ?? header.gid,
    // Archivers write a size for links, too, without content.
    size: type === 'file' ? paxInteger(pax, 'size') ?? header.size : 0,
    mtimeNs: paxTime(pax, 'mtime') ?? BigInt(header.mtimeSeconds) * 1_000_000_000n,
    major: header.major,
    minor: header.minor,
    xattrs: paxXattrs(pax),
  }
}

function longName(data: Buffer): string {
  const end = data.indexOf(0)
  return data.toString('latin1', 0, end < 0 ? data.length : end)
}

function paddingOf(size: number): number {
  return (blockSize - size % blockSize) % blockSize
}

function truncated(): Error {
  return invalidImage('the archive is truncated')
}
