/**
 * IP addresses as values: strict parsing, canonical text (RFC 5952), bytes in network order.
 *
 * Strict means: what two programs could read differently is refused. Octal-looking or short IPv4 parts, zone ids, IPv4-mapped
 * IPv6 addresses and whitespace have no place in a network's configuration. `parse(format(x)) = x` for every value.
 */
import { TsnetError } from '../errors/error.ts'

export type AddressFamily = 4 | 6

export interface IpAddress { readonly family: AddressFamily, readonly value: bigint }

/** Width of an address in bits. */
export function bitsOf(family: AddressFamily): 32 | 128 {
  return family === 4 ? 32 : 128
}

/** @throws invalid-address saying what is wrong with it */
export function parseIp(text: string): IpAddress {
  const result = readIp(text)
  if (typeof result === 'string') {
    throw new TsnetError('invalid-address', `read address "${text.slice(0, 80)}": ${result}`, { data: { address: text } })
  }
  return result
}

export function isIp(text: string): boolean {
  return typeof readIp(text) !== 'string'
}

/** The family of a canonical or user-given address; undefined where it is none. */
export function familyOf(text: string): AddressFamily | undefined {
  const result = readIp(text)
  return typeof result === 'string' ? undefined : result.family
}

/** The one spelling of the address. @throws invalid-address */
export function canonicalIp(text: string): string {
  return formatIp(parseIp(text))
}

/** Canonical text: dotted quad, or RFC 5952 (lower case, longest run of zeros as `::`). */
export function formatIp(ip: IpAddress): string {
  return ip.family === 4 ? formatV4(Number(ip.value)) : formatV6(ip.value)
}

/** 4 or 16 bytes in network order. */
export function ipToBytes(ip: IpAddress): Uint8Array {
  const bytes = new Uint8Array(bitsOf(ip.family) / 8)
  let rest = ip.value
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return bytes
}

/** @throws invalid-address for any other number of bytes than 4 or 16 */
export function ipFromBytes(bytes: Uint8Array): IpAddress {
  if (bytes.length !== 4 && bytes.length !== 16) {
    throw new TsnetError('invalid-address', `read address: ${bytes.length} bytes where 4 or 16 are needed`)
  }
  const [a = 0, b = 0, c = 0, d = 0] = bytes
  if (bytes.length === 4) return { family: 4, value: BigInt(((a * 256 + b) * 256 + c) * 256 + d) }
  return { family: 6, value: bytes.reduce((value, byte) => value << 8n | BigInt(byte), 0n) }
}

/** True for 127.0.0.0/8 and ::1. */
export function isLoopback(ip: IpAddress): boolean {
  return ip.family === 4 ? ip.value >> 24n === 127n : ip.value === 1n
}

/** True for 0.0.0.0 and ::. */
export function isUnspecified(ip: IpAddress): boolean {
  return ip.value === 0n
}

/** The address, or the reason why it is none. */
function readIp(text: string): IpAddress | string {
  if (!text.includes(':')) return readV4(text)
  if (text.includes('%')) return 'a zone id is not allowed here'
  return readV6(text)
}

function readV4(text: string): IpAddress | string {
  const parts = text.split('.')
  if (parts.length !== 4) return 'it is not an IPv4 or IPv6 address'
  let value = 0
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part)) return 'it is not an IPv4 or IPv6 address'
    if (part.length > 1 && part.startsWith('0')) return `"${part}" begins with a zero, which some programs read as octal`
    if (Number(part) > 255) return `"${part}" is more than 255`
    value = value * 256 + Number(part)
  }
  return { family: 4, value: BigInt(value) }
}

function readV6(text: string): IpAddress | string {
  const halves = text.split('::')
  if (halves.length > 2) return '"::" is there more than once'
  const groups = halves.map(half => half === '' ? [] : half.split(':'))
  const embedded = expandEmbeddedV4(groups)
  if (typeof embedded === 'string') return embedded
  const all = groups.flat()
  if (all.some(group => !/^[0-9a-f]{1,4}$/i.test(group))) return 'it is not an IPv4 or IPv6 address'
  if (halves.length === 1 ? all.length !== 8 : all.length > 7) return 'it has the wrong number of groups'
  const [head = [], tail = []] = groups
  const zeros = Array<string>(8 - all.length).fill('0')
  const value = BigInt(`0x${[...head, ...zeros, ...tail].map(group => group.padStart(4, '0')).join('')}`)
  if (value >> 32n === 0xffffn) {
    return `it is an IPv4 address in IPv6 clothes; write ${formatIp({ family: 4, value: value & 0xffffffffn })}`
  }
  return { family: 6, value }
}

/** Puts a dotted quad at the end (64:ff9b::192.0.2.1) into two groups; the reason where it is no good one. */
function expandEmbeddedV4(groups: string[][]): string | undefined {
  const last = groups.at(-1)
  const quad = last?.at(-1)
  if (last === undefined || quad === undefined || !quad.includes('.')) return undefined
  const v4 = readV4(quad)
  if (typeof v4 === 'string') return v4
  last.splice(-1, 1, (v4.value >> 16n).toString(16), (v4.value & 0xffffn).toString(16))
  return undefined
}

function formatV4(value: number): string {
  return `${value >>> 24}.${value >>> 16 & 0xff}.${value >>> 8 & 0xff}.${value & 0xff}`
}

function formatV6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => Number(value >> BigInt(112 - 16 * i) & 0xffffn))
  let best = { start: -1, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  const text = (part: readonly number[]): string => part.map(group => group.toString(16)).join(':')
  if (best.start < 0) return text(groups)
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`
}
