/** Ethernet addresses: parsing, and the one that is derived from an IP address so that it outlives a container's restarts. */
import { TsnetError } from '../errors/error.ts'
import { type IpAddress, formatIp, ipFromBytes, ipToBytes } from './ip.ts'

/** Lower case with colons. @throws invalid-address for what is malformed, a group address, or all zeros */
export function canonicalMac(text: string): string {
  const mac = text.toLowerCase().replaceAll('-', ':')
  const bad = (reason: string): TsnetError => new TsnetError('invalid-address',
    `read MAC address "${text.slice(0, 80)}": ${reason}`)
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac)) throw bad('it is not six bytes in hexadecimal, as in 02:42:ac:11:00:02')
  if (Number.parseInt(mac.slice(0, 2), 16) & 1) throw bad('it is a group address, which no single interface can have')
  if (mac === '00:00:00:00:00:00') throw bad('it is all zeros')
  return mac
}

/** `02:42` and the four bytes of an IPv4 address, or the last four of an IPv6 address. Locally administered. */
export function macOfIp(ip: IpAddress): string {
  return macOfBytes(ipToBytes(ip).slice(-4))
}

/** `02:42` and the four bytes of the name's FNV-1a hash: for an interface without an IP address. */
export function macOfName(name: string): string {
  const hash = new TextEncoder().encode(name).reduce((sum, byte) => Math.imul(sum ^ byte, 0x01000193), 0x811c9dc5)
  return macOfBytes(Uint8Array.of(hash >>> 24, hash >>> 16, hash >>> 8, hash))
}

function macOfBytes(last: Uint8Array): string {
  return ['02', '42', ...Array.from(last, byte => byte.toString(16).padStart(2, '0'))].join(':')
}

/** The link-local address that the kernel gives an interface with this MAC (EUI-64, RFC 4291). */
export function linkLocalOfMac(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = macToBytes(mac)
  return formatIp(ipFromBytes(Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f)))
}

/** Six bytes. @throws invalid-address */
export function macToBytes(mac: string): Uint8Array {
  return Uint8Array.from(canonicalMac(mac).split(':'), byte => Number.parseInt(byte, 16))
}
