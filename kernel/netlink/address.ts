/**
 * Addresses of links: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR.
 *
 * Payload: struct ifaddrmsg `| family u8 | prefix u8 | flags u8 | scope u8 | link index u32 |`, then IFA_* attributes.
 * IPv6 addresses are added NODAD: duplicate detection would keep them unusable for a second, and we hand them out ourselves.
 * Source: include/uapi/linux/if_addr.h.
 */
import { type InterfaceAddress, parseInterfaceAddress } from '../../address/cidr.ts'
import { formatIp, ipToBytes, isLoopback } from '../../address/ip.ts'
import type { AttributeNames } from './answer.ts'
import { attributeMap, bytes, encodeAttributes, fixedHeader, readIp, u32 } from './attribute.ts'
import { type Message, NLM_F_CREATE, NLM_F_EXCL } from './message.ts'
import type { NetlinkRequest } from './socket.ts'

export interface LinkAddress {
  readonly family: 4 | 6
  /** Index of the link. */
  readonly link: number
  /** Canonical, with prefix length: `172.18.0.2/16`. */
  readonly cidr: string
}

const addressNames: AttributeNames = { 1: 'IFA_ADDRESS', 2: 'IFA_LOCAL', 8: 'IFA_FLAGS' }

/** `ip addr add CIDR dev LINK [nodad]`. @throws invalid-address */
export function newAddress(link: number, cidr: string): NetlinkRequest {
  return addressRequest('RTM_NEWADDR', link, cidr, NLM_F_CREATE | NLM_F_EXCL)
}

/** `ip addr del CIDR dev LINK`. @throws invalid-address */
export function deleteAddress(link: number, cidr: string): NetlinkRequest {
  return addressRequest('RTM_DELADDR', link, cidr, 0)
}

/** All addresses of the namespace, or those of one link, in one family. */
export function dumpAddresses(family: 4 | 6, link = 0): NetlinkRequest {
  return { name: 'RTM_GETADDR', type: types.RTM_GETADDR, payload: [ifaddrmsg(family, 0, link, 0)] }
}

/** @throws invalid-message */
export function decodeAddress(message: Message): LinkAddress {
  const header = fixedHeader(message.payload, IFADDRMSG)
  const map = attributeMap(message.payload, IFADDRMSG)
  const family = header.readUInt8(0) === AF_INET ? 4 : 6
  const address = map.get(IFA_LOCAL) ?? map.get(IFA_ADDRESS) ?? Buffer.alloc(family === 4 ? 4 : 16)
  return { family, link: header.readUInt32LE(4), cidr: `${readIp(address)}/${header.readUInt8(1)}` }
}

/** The canonical spelling of an address with prefix, as `decodeAddress` has it. */
export function canonicalInterfaceAddress(cidr: string): string {
  const { ip, prefix } = parseInterfaceAddress(cidr)
  return `${formatIp(ip)}/${prefix}`
}

function addressRequest(name: 'RTM_NEWADDR' | 'RTM_DELADDR', link: number, cidr: string, flags: number): NetlinkRequest {
  const address: InterfaceAddress = parseInterfaceAddress(cidr)
  const { ip, prefix } = address
  const value = ipToBytes(ip)
  const scope = isLoopback(ip) ? RT_SCOPE_HOST : 0
  const nodad = name === 'RTM_NEWADDR' && ip.family === 6 ? [u32(IFA_FLAGS, IFA_F_NODAD)] : []
  return {
    name,
    type: types[name],
    flags,
    payload: [ifaddrmsg(ip.family, prefix, link, scope), encodeAttributes([bytes(IFA_LOCAL, value), bytes(IFA_ADDRESS, value), ...nodad])],
    detail: cidr,
    layout: { headerLength: IFADDRMSG, names: addressNames },
  }
}

function ifaddrmsg(family: 4 | 6, prefix: number, link: number, scope: number): Buffer {
  const buffer = Buffer.alloc(IFADDRMSG)
  buffer.set([family === 4 ? AF_INET : AF_INET6, prefix, 0, scope])
  buffer.writeUInt32LE(link, 4)
  return buffer
}

const types = { RTM_NEWADDR: 20, RTM_DELADDR: 21, RTM_GETADDR: 22 } as const
const IFADDRMSG = 8
const AF_INET = 2
const AF_INET6 = 10
const IFA_ADDRESS = 1
const IFA_LOCAL = 2
const IFA_FLAGS = 8
const IFA_F_NODAD = 2
const RT_SCOPE_HOST = 254
