/**
 * CIDR blocks as values: parsing, containment, overlap, and the n-th address, in bigint arithmetic for both families.
 *
 * An **interface address** (`172.17.0.1/16`) may have host bits, a **subnet** (`172.17.0.0/16`) may not.
 */
import { TsnetError } from '../errors/error.ts'
import { type AddressFamily, type IpAddress, bitsOf, formatIp, parseIp } from './ip.ts'

/** A block of 2^(width - prefix) addresses from `first`, whose host bits are zero. */
export interface Cidr { readonly family: AddressFamily, readonly first: bigint, readonly prefix: number }

export interface InterfaceAddress { readonly ip: IpAddress, readonly prefix: number }

/** An address with the length of its subnet's prefix. @throws invalid-address, invalid-subnet */
export function parseInterfaceAddress(text: string): InterfaceAddress {
  const slash = text.indexOf('/')
  if (slash < 0) throw badSubnet(text, 'the prefix length is missing, as in 10.0.0.0/24')
  const ip = parseIp(text.slice(0, slash))
  const length = text.slice(slash + 1)
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bitsOf(ip.family)) {
    throw badSubnet(text, `the prefix length is not a number from 0 to ${bitsOf(ip.family)}`)
  }
  return { ip, prefix: Number(length) }
}

/** A subnet. @throws invalid-address, invalid-subnet; with host bits set it names the subnet that was probably meant */
export function parseCidr(text: string): Cidr {
  const address = parseInterfaceAddress(text)
  const cidr = cidrOf(address)
  if (cidr.first !== address.ip.value) throw badSubnet(text, `it has host bits set; the subnet is ${formatCidr(cidr)}`)
  return cidr
}

/** The subnet that an interface address is in. */
export function cidrOf({ ip, prefix }: InterfaceAddress): Cidr {
  const hostBits = BigInt(bitsOf(ip.family) - prefix)
  return { family: ip.family, first: ip.value >> hostBits << hostBits, prefix }
}

/** The subnet of an interface address in text: `172.17.0.1/16` gives `172.17.0.0/16`. */
export function subnetOf(text: string): string {
  return formatCidr(cidrOf(parseInterfaceAddress(text)))
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIp({ family: cidr.family, value: cidr.first })}/${cidr.prefix}`
}

/** Number of addresses, network and broadcast included. */
export function sizeOf(cidr: Cidr): bigint {
  return 1n << BigInt(bitsOf(cidr.family) - cidr.prefix)
}

export function lastOf(cidr: Cidr): bigint {
  return cidr.first + sizeOf(cidr) - 1n
}

export function containsIp(cidr: Cidr, ip: IpAddress): boolean {
  return ip.family === cidr.family && ip.value >= cidr.first && ip.value <= lastOf(cidr)
}

/** True where all of `inner` is in `outer`. */
export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return inner.prefix >= outer.prefix && overlaps(outer, inner)
}

/** True where the two have an address in common. Blocks either nest or are apart. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.family === b.family && a.first <= lastOf(b) && b.first <= lastOf(a)
}

/**
 * The address `index` after the first; negative counts from the end (-1 is the last). @throws invalid-address outside the
 * block
 */
export function nthAddress(cidr: Cidr, index: bigint): IpAddress {
  const value = index < 0n ? lastOf(cidr) + 1n + index : cidr.first + index
  if (value < cidr.first || value > lastOf(cidr)) {
    throw new TsnetError('invalid-address', `find address ${index} of ${formatCidr(cidr)}: it has ${sizeOf(cidr)} addresses`)
  }
  return { family: cidr.family, value }
}

/** An address with the prefix length of its subnet, as a link wants it: `172.18.0.2/24`. */
export function formatInterfaceAddress(ip: IpAddress, cidr: Cidr): string {
  return `${formatIp(ip)}/${cidr.prefix}`
}

function badSubnet(text: string, reason: string): TsnetError {
  return new TsnetError('invalid-subnet', `read subnet "${text.slice(0, 80)}": ${reason}`, { data: { subnet: text } })
}
