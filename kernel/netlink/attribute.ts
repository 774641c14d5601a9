/**
 * Netlink attributes (TLVs): `| length u16 | type u16 | value … padded to 4 |`, nested to any depth.
 *
 * The two top bits of the type are flags: NLA_F_NESTED, which strict kernel parsers want on every nest, and NLA_F_NET_BYTEORDER.
 * rtnetlink's numbers are in host order, nf_tables' in network order: hence `u32` and `be32`. Source: include/uapi/linux/netlink.h.
 */
import { type IpAddress, formatIp, ipFromBytes } from '../../address/ip.ts'
import { TsnetError } from '../../errors/error.ts'
import { align } from './message.ts'

export const NLA_F_NESTED = 0x8000
const NLA_F_NET_BYTEORDER = 0x4000
const NLA_HDRLEN = 4

export interface Attribute {
  /** Without flags. */
  readonly type: number
  readonly nested: boolean
  readonly value: Buffer
}

export function bytes(type: number, value: Uint8Array): Attribute {
  return { type, nested: false, value: Buffer.from(value) }
}

export function u8(type: number, value: number): Attribute {
  return { type, nested: false, value: Buffer.of(value) }
}

export function u16(type: number, value: number): Attribute {
  return { type, nested: false, value: Buffer.of(value & 0xff, value >>> 8) }
}

export function u32(type: number, value: number): Attribute {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32LE(value >>> 0, 0)
  return { type, nested: false, value: buffer }
}

export function be16(type: number, value: number): Attribute {
  return { type, nested: false, value: Buffer.of(value >>> 8, value & 0xff) }
}

export function be32(type: number, value: number): Attribute {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(value >>> 0, 0)
  return { type, nested: false, value: buffer }
}

/** Text with the terminating zero that the kernel's string policy expects. */
export function text(type: number, value: string): Attribute {
  return { type, nested: false, value: Buffer.from(`${value}\0`) }
}

/** An attribute whose presence is its value. */
export function flag(type: number): Attribute {
  return { type, nested: false, value: Buffer.alloc(0) }
}

export function nested(type: number, attributes: readonly Attribute[]): Attribute {
  return { type, nested: true, value: encodeAttributes(attributes) }
}

/** @throws invalid-message for a value over 65531 bytes, which the length field cannot say */
export function encodeAttributes(attributes: readonly Attribute[]): Buffer {
  const buffer = Buffer.alloc(attributes.reduce((sum, { value }) => sum + align(NLA_HDRLEN + value.length), 0))
  let offset = 0
  for (const attribute of attributes) {
    const length = NLA_HDRLEN + attribute.value.length
    if (length > 0xffff) throw new TsnetError('invalid-message', `encode attribute ${attribute.type}: ${length} bytes are too many`)
    buffer.writeUInt16LE(length, offset)
    buffer.writeUInt16LE(attribute.type | (attribute.nested ? NLA_F_NESTED : 0), offset + 2)
    attribute.value.copy(buffer, offset + NLA_HDRLEN)
    offset += align(length)
  }
  return buffer
}

/** All attributes from `offset` on; values are views. @throws invalid-message */
export function decodeAttributes(buffer: Buffer, offset = 0): readonly Attribute[] {
  return [...locateAttributes(buffer, offset, buffer.length)].map(({ attribute }) => attribute)
}

export interface LocatedAttribute { readonly attribute: Attribute, readonly start: number, readonly end: number }

/** Attributes with where they are, between `offset` and `end`. @throws invalid-message */
export function* locateAttributes(buffer: Buffer, offset: number, end: number): Generator<LocatedAttribute> {
  // Fewer than four bytes at the end are padding, as the kernel's own nla_ok() has it.
  for (let start = offset; end - start >= NLA_HDRLEN;) {
    const length = attributeLength(buffer, start, end)
    const type = buffer.readUInt16LE(start + 2)
    const value = buffer.subarray(start + NLA_HDRLEN, start + length)
    const plain = type & ~(NLA_F_NESTED | NLA_F_NET_BYTEORDER)
    yield { attribute: { type: plain, nested: (type & NLA_F_NESTED) !== 0, value }, start, end: start + length }
    start += align(length)
  }
}

function attributeLength(buffer: Buffer, start: number, end: number): number {
  const length = buffer.readUInt16LE(start)
  if (length >= NLA_HDRLEN && start + length <= end) return length
  throw new TsnetError('invalid-message', `decode attribute at byte ${start}: length ${length} of ${end - start} bytes`)
}

/**
 * Values by type, those of `wanted` only where it is given; of a type that is there twice, the last. A loop of its own: dumps of hundreds of
 * links, with forty attributes each, go through here. @throws invalid-message
 */
export function attributeMap(buffer: Buffer, offset = 0, wanted?: ReadonlySet<number>): ReadonlyMap<number, Buffer> {
  const map = new Map<number, Buffer>()
  for (let start = offset; buffer.length - start >= NLA_HDRLEN;) {
    const length = attributeLength(buffer, start, buffer.length)
    const type = buffer.readUInt16LE(start + 2) & ~(NLA_F_NESTED | NLA_F_NET_BYTEORDER)
    if (wanted === undefined || wanted.has(type)) map.set(type, buffer.subarray(start + NLA_HDRLEN, start + length))
    start += align(length)
  }
  return map
}

/** A message's fixed header, checked to be all there. @throws invalid-message */
export function fixedHeader(payload: Buffer, length: number): Buffer {
  if (payload.length < length) {
    throw new TsnetError('invalid-message', `decode netlink message: ${payload.length} bytes where its header alone has ${length}`)
  }
  return payload.subarray(0, length)
}

/** An address of 4 or 16 bytes. @throws invalid-message */
export function readAddress(value: Buffer): IpAddress {
  if (value.length !== 4 && value.length !== 16) {
    throw new TsnetError('invalid-message', `decode address: ${value.length} bytes where 4 or 16 are needed`)
  }
  return ipFromBytes(value)
}

/** As `readAddress`, in text. @throws invalid-message */
export function readIp(value: Buffer): string {
  return formatIp(readAddress(value))
}

/** Text up to the first zero. */
export function readText(value: Buffer): string {
  const end = value.indexOf(0)
  return value.toString('utf8', 0, end < 0 ? value.length : end)
}

/** @throws invalid-message where the value has fewer than four bytes */
export function readU32(value: Buffer): number {
  if (value.length < 4) throw new TsnetError('invalid-message', `decode attribute: ${value.length} bytes where 4 are needed`)
  return value.readUInt32LE(0)
}

/** As `readU32`, in network order. */
export function readBe32(value: Buffer): number {
  readU32(value)
  return value.readUInt32BE(0)
}
