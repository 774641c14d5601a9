/** Ethernet addresses: parsing, and the one that is derived from an IPv4 address so that it outlives a container's restarts. */
import { TsnetError } from '../errors/error.ts'
import { type IpAddress, ipToBytes } from './ip.ts'

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
  return ['02', '42', ...Array.from(ipToBytes(ip).slice(-4), byte => byte.toString(16).padStart(2, '0'))].join(':')
}
