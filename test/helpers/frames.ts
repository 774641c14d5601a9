/**
 * Frames made by hand, byte by byte, as a container with CAP_NET_RAW can send them: with any sender it likes.
 *
 * Each carries a word in its payload by which an observer knows it again.
 */
import { ipToBytes, parseIp } from '../../address/ip.ts'
import { macToBytes } from '../../address/mac.ts'

export interface Station { readonly mac: string, readonly v4: string, readonly v6: string }

export const ETHERNET_BROADCAST = Buffer.alloc(6, 0xff)

export function ethernet(from: string, to: Uint8Array | string, type: number, payload: Uint8Array): Buffer {
  const destination = typeof to === 'string' ? macToBytes(to) : to
  return Buffer.concat([destination, macToBytes(from), be16(type), payload])
}

/** A tag of 802.1Q (or, with another type, 802.1ad) in front of a frame's type. */
export function tagged(frame: Buffer, vlan: number, type = 0x8100): Buffer {
  return Buffer.concat([frame.subarray(0, 12), be16(type), be16(vlan), frame.subarray(12)])
}

export function udp4(from: string, to: string, word: string): Buffer {
  const datagram = udp(word)
  const header = Buffer.concat([
    Buffer.of(0x45, 0), be16(20 + datagram.length), be16(0), be16(0x4000), Buffer.of(64, 17), be16(0), bytesOf(from), bytesOf(to),
  ])
  header.writeUInt16BE(checksum(header), 10)
  return Buffer.concat([header, datagram])
}

export function udp6(from: string, to: string, word: string): Buffer {
  const datagram = udp(word)
  datagram.writeUInt16BE(pseudoChecksum(from, to, 17, datagram), 6)
  return ipv6(from, to, 17, datagram)
}

/** 1 asks, 2 answers. */
export function arp(operation: 1 | 2, sender: { readonly mac: string, readonly ip: string }, target: string, word: string): Buffer {
  return Buffer.concat([
    be16(1), be16(0x0800), Buffer.of(6, 4), be16(operation), macToBytes(sender.mac), bytesOf(sender.ip), Buffer.alloc(6), bytesOf(target),
    Buffer.from(word),
  ])
}

/** 135 solicits, 136 advertises; with `behind`, an extension header of options comes before it. */
export function neighbour(
  type: 135 | 136, from: string, to: string, { target, word, behind = false }: { readonly target: string, readonly word: string, readonly behind?: boolean },
): Buffer {
  const text = Buffer.from(word)
  const units = Math.ceil((text.length + 2) / 8)
  // An option of a type that nobody knows carries the word.
  const option = Buffer.concat([Buffer.of(253, units), text], units * 8)
  const message = Buffer.concat([Buffer.of(type, 0), be16(0), Buffer.of(type === 136 ? 0x20 : 0, 0, 0, 0), bytesOf(target), option])
  message.writeUInt16BE(pseudoChecksum(from, to, 58, message), 2)
  // Six bytes of PadN in a destination options header.
  return behind ? ipv6(from, to, 60, Buffer.concat([Buffer.of(58, 0, 1, 4, 0, 0, 0, 0), message])) : ipv6(from, to, 58, message)
}

/** Says, to all nodes, that `from` is a router, for half an hour. */
export function routerAdvertisement(from: string): Buffer {
  const message = Buffer.concat([Buffer.of(134, 0), be16(0), Buffer.of(64, 0), be16(1800), Buffer.alloc(8)])
  message.writeUInt16BE(pseudoChecksum(from, 'ff02::1', 58, message), 2)
  return ipv6(from, 'ff02::1', 58, message)
}

function ipv6(from: string, to: string, next: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0x60, 0, 0, 0), be16(payload.length), Buffer.of(next, 255), bytesOf(from), bytesOf(to), payload])
}

function udp(word: string): Buffer {
  const payload = Buffer.from(word)
  return Buffer.concat([be16(9), be16(9), be16(8 + payload.length), be16(0), payload])
}

function pseudoChecksum(from: string, to: string, next: number, payload: Buffer): number {
  return checksum(Buffer.concat([bytesOf(from), bytesOf(to), Buffer.of(0, 0), be16(payload.length), Buffer.of(0, 0, 0, next), payload]))
}

function checksum(data: Buffer): number {
  let sum = 0
  for (let at = 0; at < data.length; at += 2) sum += data[at]! << 8 | (data[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

function bytesOf(ip: string): Uint8Array {
  return ipToBytes(parseIp(ip))
}

function be16(value: number): Buffer {
  return Buffer.of(value >>> 8 & 0xff, value & 0xff)
}
