/**
 * A static ELF executable of two segments: the interpreter (readable, executable) and everything else (readable, writable).
 *
 * Nothing is both writable and executable, the stack included. Both segments are mapped from the same file without padding:
 * their addresses are congruent to the file offsets modulo 64 KiB, the largest page size in use. Layout: elf(5).
 */
import { codeAddress, dataSegmentAddress, type Architecture } from './record.ts'

const machines: Readonly<Record<Architecture, number>> = { x64: 62, arm64: 183 }
const fileHeaderSize = 64
const programHeaderSize = 56
const headersSize = fileHeaderSize + 3 * programHeaderSize

const PT_LOAD = 1
const PT_GNU_STACK = 0x6474e551
const PF_X = 1
const PF_W = 2
const PF_R = 4
const alignment = 0x1_0000n

export interface ElfParts {
  readonly architecture: Architecture
  /** Position dependent, for `dataAddress(code.length)`. */
  readonly code: Uint8Array
  readonly data: Uint8Array
  /** Zeroed memory after the data. */
  readonly bssSize: number
}

/** Address of the first byte of the data, for code of that length. */
export function dataAddress(codeLength: number): number {
  return dataSegmentAddress + dataOffset(codeLength)
}

export function elfImage({ architecture, code, data, bssSize }: ElfParts): Uint8Array {
  const offset = dataOffset(code.length)
  const image = new Uint8Array(offset + data.length)
  const view = new DataView(image.buffer)
  image.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  view.setUint16(16, 2, true)
  view.setUint16(18, machines[architecture], true)
  view.setUint32(20, 1, true)
  view.setBigUint64(24, BigInt(codeAddress + headersSize), true)
  view.setBigUint64(32, BigInt(fileHeaderSize), true)
  view.setUint16(52, fileHeaderSize, true)
  view.setUint16(54, programHeaderSize, true)
  view.setUint16(56, 3, true)
  segment(view, 0, { type: PT_LOAD, flags: PF_R | PF_X, offset: 0, address: codeAddress, size: headersSize + code.length, zeros: 0 })
  segment(view, 1, { type: PT_LOAD, flags: PF_R | PF_W, offset, address: dataSegmentAddress + offset, size: data.length, zeros: bssSize })
  segment(view, 2, { type: PT_GNU_STACK, flags: PF_R | PF_W, offset: 0, address: 0, size: 0, zeros: 0 })
  image.set(code, headersSize)
  image.set(data, offset)
  return image
}

function dataOffset(codeLength: number): number { return headersSize + codeLength + 15 & ~15 }

interface Segment {
  readonly type: number
  readonly flags: number
  readonly offset: number
  readonly address: number
  readonly size: number
  readonly zeros: number
}

function segment(view: DataView, index: number, { type, flags, offset, address, size, zeros }: Segment): void {
  const at = fileHeaderSize + index * programHeaderSize
  view.setUint32(at, type, true)
  view.setUint32(at + 4, flags, true)
  view.setBigUint64(at + 8, BigInt(offset), true)
  view.setBigUint64(at + 16, BigInt(address), true)
  view.setBigUint64(at + 24, BigInt(address), true)
  view.setBigUint64(at + 32, BigInt(size), true)
  view.setBigUint64(at + 40, BigInt(size + zeros), true)
  view.setBigUint64(at + 48, type === PT_LOAD ? alignment : 16n, true)
}
