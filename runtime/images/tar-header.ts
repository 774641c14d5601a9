/**
 * One 512-byte tar header: ustar, GNU and old (v7) alike.
 *
 * Names are bytes, not text: they are kept as "byte strings", one character per byte (latin1), which split, compare and serve as map
 * keys, and turn back into the same bytes. Source: POSIX pax(1), GNU tar manual "Standard"; numbers above the octal field are base-256.
 *
 *     0 name 100 | mode 8 | uid 8 | gid 8 | size 12 | mtime 12 | checksum 8 | 156 type 1 | 157 link 100
 *     257 magic "ustar" 6 | version 2 | uname 32 | gname 32 | 329 major 8 | minor 8 | 345 prefix 155
 */
import { invalidImage } from './invalid-image.ts'

export const blockSize = 512

export interface TarHeader {
  readonly path: string
  readonly linkPath: string
  /** The raw type character; '0' for the old NUL. */
  readonly typeFlag: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtimeSeconds: number
  readonly major: number
  readonly minor: number
}

/** Undefined for a block of zeros, the end mark. @throws invalid-image for anything that is no header. */
export function decodeTarHeader(block: Buffer): TarHeader | undefined {
  if (block.every(byte => byte === 0)) return undefined
  if (!hasValidChecksum(block)) throw invalidImage('not a tar archive, or damaged: a header has a wrong checksum')
  const name = text(block, 0, 100)
  const magic = block.toString('latin1', 257, 263)
  const prefix = magic === 'ustar\0' ? text(block, 345, 155) : ''
  const type = String.fromCharCode(block[156] ?? 0)
  const devices = magic.startsWith('ustar')
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    linkPath: text(block, 157, 100),
    typeFlag: type === '\0' ? '0' : type,
    mode: number(block, 100, 8, 'mode') & 0o7777,
    uid: number(block, 108, 8, 'uid'),
    gid: number(block, 116, 8, 'gid'),
    size: number(block, 124, 12, 'size'),
    mtimeSeconds: number(block, 136, 12, 'mtime'),
    major: devices ? number(block, 329, 8, 'device number') : 0,
    minor: devices ? number(block, 337, 8, 'device number') : 0,
  }
}

/** The sum of all bytes with the checksum field as spaces; some old archivers summed signed bytes. */
function hasValidChecksum(block: Buffer): boolean {
  let unsigned = 8 * 0x20
  let signed = unsigned
  for (let i = 0; i < blockSize; i++) {
    if (i >= 148 && i < 156) continue
    const byte = block[i] ?? 0
    unsigned += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  const stored = Number.parseInt(text(block, 148, 8).trim(), 8)
  return stored === unsigned || stored === signed
}

function text(block: Buffer, offset: number, length: number): string {
  const field = block.toString('latin1', offset, offset + length)
  const end = field.indexOf('\0')
  return end < 0 ? field : field.slice(0, end)
}

function number(block: Buffer, offset: number, length: number, what: string): number {
  const first = block[offset] ?? 0
  const value = (first & 0x80) === 0 ? octal(text(block, offset, length)) : base256(block.subarray(offset, offset + length))
  if (!Number.isSafeInteger(value) || (value < 0 && what !== 'mtime')) {
    throw invalidImage(`a tar header has a bad ${what} (entry "${display(text(block, 0, 100))}")`)
  }
  return value
}

function octal(field: string): number {
  const digits = field.trim()
  if (digits === '') return 0
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN
}

/** Two's complement, big-endian, without the marker bit. */
function base256(field: Buffer): number {
  const negative = ((field[0] ?? 0) & 0x40) !== 0
  let value = BigInt((field[0] ?? 0) & 0x7f)
  for (const byte of field.subarray(1)) value = value << 8n | BigInt(byte)
  if (negative) value -= 1n << BigInt(field.length * 8 - 1)
  return Number(value)
}

/** A byte string as text, for messages. */
export function display(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
