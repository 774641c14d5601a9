/**
 * Routes: RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE.
 *
 * Payload: struct rtmsg `| family | dst length | src length | tos | table | protocol | scope | type | flags u32 |`, then RTA_*
 * attributes. Source: include/uapi/linux/rtnetlink.h.
 */
import { cidrOf, formatCidr, parseInterfaceAddress } from '../../address/cidr.ts'
import { type IpAddress, bitsOf, ipToBytes, parseIp } from '../../address/ip.ts'
import type { AttributeNames } from './answer.ts'
import { type Attribute, attributeMap, bytes, encodeAttributes, fixedHeader, nested, readAddress, readIp, readU32, u32 } from './attribute.ts'
import { type Message, NLM_F_CREATE, NLM_F_EXCL } from './message.ts'
import type { NetlinkRequest } from './socket.ts'

export const RT_TABLE_MAIN = 254
export const RT_TABLE_LOCAL = 255
/** An address of this host. */
export const RTN_LOCAL = 2

export interface Route {
  readonly family: 4 | 6
  /** Canonical CIDR, or `default`. */
  readonly to: string
  readonly table: number
  /** RTN_UNICAST, RTN_LOCAL, … */
  readonly type: number
  /** Index of the link; of the first hop of several; absent for unreachable and the like. */
  readonly link?: number
  readonly via?: string
  readonly metric?: number
}

/** What is to be added: `metric` absent means the kernel's default (0; IPv6 makes it 1024). */
export interface RouteSpec {
  readonly family: 4 | 6
  readonly to: string
  readonly link: number
  readonly via?: string
  readonly table: number
  readonly local: boolean
  readonly metric?: number
  /** Before others to the same destination with this metric; otherwise there may be none. */
  readonly first?: boolean
  /** Absent: as `ip route` would choose it. */
  readonly scope?: number
  readonly mtu?: number
  readonly advmss?: number
}

const routeNames: AttributeNames = { 1: 'RTA_DST', 4: 'RTA_OIF', 5: 'RTA_GATEWAY', 6: 'RTA_PRIORITY', 8: 'RTA_METRICS', 15: 'RTA_TABLE' }

/** `ip route add TO via VIA dev LINK`, or `prepend`. @throws invalid-address, invalid-subnet */
export function newRoute(route: RouteSpec): NetlinkRequest {
  return routeRequest('RTM_NEWROUTE', route, route.first === true ? NLM_F_CREATE : NLM_F_CREATE | NLM_F_EXCL)
}

/** `ip route del TO via VIA dev LINK`. @throws invalid-address, invalid-subnet */
export function deleteRoute(route: RouteSpec): NetlinkRequest {
  return routeRequest('RTM_DELROUTE', route, 0)
}

/** All routes of a family, or those of one table. */
export function dumpRoutes(family: 4 | 6, table?: number): NetlinkRequest {
  const filter = table === undefined ? [] : [encodeAttributes([u32(RTA_TABLE, table)])]
  return { name: 'RTM_GETROUTE', type: types.RTM_GETROUTE, payload: [rtmsg({ family }), ...filter] }
}

/** @throws invalid-message */
export function decodeRoute(message: Message): Route {
  const header = fixedHeader(message.payload, RTMSG)
  const map = attributeMap(message.payload, RTMSG)
  const family = header.readUInt8(0) === AF_INET ? 4 : 6
  const table = map.get(RTA_TABLE)
  const hops = map.get(RTA_MULTIPATH)
  const link = map.get(RTA_OIF) ?? (hops !== undefined && hops.length >= 8 ? hops.subarray(4, 8) : undefined)
  const via = map.get(RTA_GATEWAY)
  const metric = map.get(RTA_PRIORITY)
  return {
    family,
    to: destination(family, map.get(RTA_DST), header.readUInt8(1)),
    table: table === undefined ? header.readUInt8(4) : readU32(table),
    type: header.readUInt8(7),
    ...link === undefined ? {} : { link: readU32(link) },
    ...via === undefined ? {} : { via: readIp(via) },
    ...metric === undefined ? {} : { metric: readU32(metric) },
  }
}

/** The canonical spelling of a destination (`default`, an address or a CIDR), as `decodeRoute` has it. */
export function canonicalDestination(to: string): string {
  if (to === 'default') return to
  const cidr = cidrOf(parseDestination(to))
  return cidr.prefix === 0 ? 'default' : formatCidr(cidr)
}

function destination(family: 4 | 6, address: Buffer | undefined, prefix: number): string {
  if (prefix === 0) return 'default'
  const ip = readAddress(address ?? Buffer.alloc(family === 4 ? 4 : 16))
  return formatCidr(cidrOf({ ip, prefix: Math.min(prefix, bitsOf(ip.family)) }))
}

function parseDestination(to: string): { readonly ip: IpAddress, readonly prefix: number } {
  if (to.includes('/')) return parseInterfaceAddress(to)
  const ip = parseIp(to)
  return { ip, prefix: bitsOf(ip.family) }
}

function routeRequest(name: 'RTM_NEWROUTE' | 'RTM_DELROUTE', route: RouteSpec, flags: number): NetlinkRequest {
  const to = route.to === 'default' ? undefined : parseDestination(route.to)
  const prefix = to?.prefix ?? 0
  const scope = name === 'RTM_DELROUTE' ? RT_SCOPE_NOWHERE : scopeOf(route)
  const header = rtmsg({
    family: route.family, prefix, table: route.table > 0xff ? RT_TABLE_UNSPEC : route.table, scope, type: route.local ? RTN_LOCAL : RTN_UNICAST,
    ...name === 'RTM_NEWROUTE' ? { protocol: RTPROT_BOOT } : {},
  })
  const attributes = [
    ...to === undefined || prefix === 0 ? [] : [bytes(RTA_DST, ipToBytes(to.ip))],
    ...route.via === undefined ? [] : [bytes(RTA_GATEWAY, ipToBytes(parseIp(route.via)))],
    u32(RTA_OIF, route.link),
    ...route.metric === undefined ? [] : [u32(RTA_PRIORITY, route.metric)],
    ...route.table > 0xff ? [u32(RTA_TABLE, route.table)] : [],
    ...metricsOf(route),
  ]
  return {
    name, type: types[name], flags, payload: [header, encodeAttributes(attributes)], detail: route.to,
    layout: { headerLength: RTMSG, names: routeNames },
  }
}

function metricsOf({ mtu, advmss }: RouteSpec): readonly Attribute[] {
  const metrics = [...mtu === undefined ? [] : [u32(RTAX_MTU, mtu)], ...advmss === undefined ? [] : [u32(RTAX_ADVMSS, advmss)]]
  return metrics.length === 0 ? [] : [nested(RTA_METRICS, metrics)]
}

/** As `ip route` chooses it: IPv6 has no scopes, a gateway is everywhere, the rest is on the link, or on this host. */
function scopeOf(route: RouteSpec): number {
  if (route.scope !== undefined) return route.scope
  if (route.family === 6 || route.via !== undefined) return 0
  return route.local ? RT_SCOPE_HOST : RT_SCOPE_LINK
}

interface RtmsgFields {
  readonly family: 4 | 6, readonly prefix?: number, readonly table?: number, readonly protocol?: number
  readonly scope?: number, readonly type?: number
}

function rtmsg({ family, prefix = 0, table = 0, protocol = 0, scope = 0, type = 0 }: RtmsgFields): Buffer {
  const buffer = Buffer.alloc(RTMSG)
  buffer.set([family === 4 ? AF_INET : AF_INET6, prefix, 0, 0, table, protocol, scope, type])
  return buffer
}

const types = { RTM_NEWROUTE: 24, RTM_DELROUTE: 25, RTM_GETROUTE: 26 } as const
const RTMSG = 12
const AF_INET = 2
const AF_INET6 = 10
const RTA_DST = 1
const RTA_OIF = 4
const RTA_GATEWAY = 5
const RTA_PRIORITY = 6
const RTA_METRICS = 8
const RTAX_MTU = 2
const RTAX_ADVMSS = 8
const RT_TABLE_UNSPEC = 0
const RTA_MULTIPATH = 9
const RTA_TABLE = 15
const RTN_UNICAST = 1
const RTPROT_BOOT = 3
const RT_SCOPE_LINK = 253
const RT_SCOPE_HOST = 254
const RT_SCOPE_NOWHERE = 255
