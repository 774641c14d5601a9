/**
 * Links (network interfaces) in rtnetlink's words: encoders, one per kind and change, and the decoder of RTM_NEWLINK.
 *
 * Payload: struct ifinfomsg `| family u8 | 0 | type u16 | index i32 | flags u32 | change mask u32 |`, then IFLA_* attributes.
 * Source: include/uapi/linux/if_link.h, rtnetlink.h, veth.h.
 */
import { canonicalMac } from '../../address/mac.ts'
import type { BridgeLinkObject, BridgeObject, VethObject } from '../../objects/object.ts'
import type { AttributeNames } from './answer.ts'
import { type Attribute, attributeMap, bytes, encodeAttributes, fixedHeader, nested, readText, readU32, text, u32, u8 } from './attribute.ts'
import { vlanFilteringData } from './bridge-vlan.ts'
import { NLM_F_CREATE, NLM_F_EXCL, type Message } from './message.ts'
import type { NetlinkRequest } from './socket.ts'

export interface Link {
  readonly index: number
  readonly name: string
  readonly mtu: number
  readonly up: boolean
  /** IFLA_INFO_KIND: `bridge`, `veth`; absent for physical links and lo. */
  readonly kind?: string
  readonly alias?: string
  /** Index of the bridge it is enslaved to. */
  readonly master?: number
  /** Index of the link that it stands on or, for a veth, of its peer, in whatever namespace that is. */
  readonly link?: number
  readonly mac?: string
  /** Absent where the request left it out. */
  readonly statistics?: LinkStatistics
}

/** What went through a link since it was made, as seen from the link: received is what came in from its other side. */
export interface LinkStatistics {
  readonly rxPackets: number
  readonly rxBytes: number
  readonly txPackets: number
  readonly txBytes: number
  readonly rxDropped: number
  readonly txDropped: number
}

export const linkNames: AttributeNames = {
  1: 'IFLA_ADDRESS', 3: 'IFLA_IFNAME', 4: 'IFLA_MTU', 10: 'IFLA_MASTER', 13: 'IFLA_TXQLEN', 20: 'IFLA_IFALIAS', 28: 'IFLA_NET_NS_FD',
  12: { name: 'IFLA_PROTINFO', nested: { 4: 'IFLA_BRPORT_MODE', 33: 'IFLA_BRPORT_ISOLATED' } },
  18: { name: 'IFLA_LINKINFO', nested: {
    1: 'IFLA_INFO_KIND', 2: { name: 'IFLA_INFO_DATA', nested: { 1: 'VETH_INFO_PEER' } }, 4: 'IFLA_INFO_SLAVE_KIND', 5: 'IFLA_INFO_SLAVE_DATA',
  } },
}

/** `ip link add NAME type bridge`, down. */
export function newBridge(bridge: BridgeObject): NetlinkRequest {
  return linkRequest('RTM_NEWLINK', bridge.name, NLM_F_CREATE | NLM_F_EXCL, [
    ifinfomsg({}),
    encodeAttributes([
      text(IFLA_IFNAME, bridge.name),
      ...bridge.mtu === undefined ? [] : [u32(IFLA_MTU, bridge.mtu)],
      ...bridge.mac === undefined ? [] : [bytes(IFLA_ADDRESS, macBytes(bridge.mac))],
      nested(IFLA_LINKINFO, [text(IFLA_INFO_KIND, 'bridge'), ...bridge.vlanFiltering === true ? [vlanFilteringData(true)] : []]),
    ]),
  ])
}

/**
 * A veth pair by one request: `host` up and enslaved to the link `master`, `peer` renamed and inside the namespace open as `netnsFd`,
 * or beside it where there is none.
 * The peer cannot be made up here (ENOTCONN: its other end is not registered yet).
 */
export function newVeth(veth: VethObject, netnsFd: number | undefined, master: number | undefined): NetlinkRequest {
  const mtu = veth.mtu === undefined ? [] : [u32(IFLA_MTU, veth.mtu)]
  const peer = Buffer.concat([ifinfomsg({}), encodeAttributes([
    text(IFLA_IFNAME, veth.peer), bytes(IFLA_ADDRESS, macBytes(veth.mac)), ...mtu, ...oneQueue, ...netnsFd === undefined ? [] : [u32(IFLA_NET_NS_FD, netnsFd)],
  ])])
  return linkRequest('RTM_NEWLINK', veth.host, NLM_F_CREATE | NLM_F_EXCL, [
    ifinfomsg({ flags: [[IFF_UP, true]] }),
    encodeAttributes([
      text(IFLA_IFNAME, veth.host),
      ...mtu, ...oneQueue,
      ...master === undefined ? [] : [u32(IFLA_MASTER, master)],
      nested(IFLA_LINKINFO, [text(IFLA_INFO_KIND, 'veth'), nested(IFLA_INFO_DATA, [{ type: VETH_INFO_PEER, nested: true, value: peer }])]),
    ]),
  ])
}

/** A veth pair of which both ends stay here, down. */
export function newVethHere({ host, peer, mtu }: BridgeLinkObject): NetlinkRequest {
  const size = mtu === undefined ? [] : [u32(IFLA_MTU, mtu)]
  const other = Buffer.concat([ifinfomsg({}), encodeAttributes([text(IFLA_IFNAME, peer), ...size])])
  return linkRequest('RTM_NEWLINK', host, NLM_F_CREATE | NLM_F_EXCL, [ifinfomsg({}), encodeAttributes([
    text(IFLA_IFNAME, host), ...size,
    nested(IFLA_LINKINFO, [text(IFLA_INFO_KIND, 'veth'), nested(IFLA_INFO_DATA, [{ type: VETH_INFO_PEER, nested: true, value: other }])]),
  ])])
}

export interface LinkChange {
  readonly up?: boolean
  /** Takes every frame, or every multicast one, whoever it is for. */
  readonly promisc?: boolean
  readonly allmulti?: boolean
  readonly txQueueLength?: number
  /** 0 takes the link out of its bridge. */
  readonly master?: number
  readonly mtu?: number
  readonly mac?: string
  readonly alias?: string
}

/** Changes an existing link, found by name. Twin: `ip link set NAME …`. */
export function setLink(name: string, change: LinkChange): NetlinkRequest {
  return linkRequest('RTM_SETLINK', name, 0, [
    ifinfomsg({ flags: flagsOf(change) }),
    encodeAttributes([
      text(IFLA_IFNAME, name),
      ...change.txQueueLength === undefined ? [] : [u32(IFLA_TXQLEN, change.txQueueLength)],
      ...change.mtu === undefined ? [] : [u32(IFLA_MTU, change.mtu)],
      ...change.mac === undefined ? [] : [bytes(IFLA_ADDRESS, macBytes(change.mac))],
      ...change.master === undefined ? [] : [u32(IFLA_MASTER, change.master)],
      ...change.alias === undefined ? [] : [text(IFLA_IFALIAS, change.alias)],
    ]),
  ])
}

/** Each flag that is to change, and whether it is to be set. */
function flagsOf({ up, promisc, allmulti }: LinkChange): readonly (readonly [flag: number, on: boolean])[] {
  const flags = [[IFF_UP, up], [IFF_PROMISC, promisc], [IFF_ALLMULTI, allmulti]] as const
  return flags.flatMap(([flag, on]) => on === undefined ? [] : [[flag, on] as const])
}

export interface BridgePort {
  /** A frame may go out by the port it came in by. */
  readonly hairpin: boolean
  /** No frames to other isolated ports. */
  readonly isolated: boolean
}

/** What differs from a port as the kernel makes it. */
export function needsPortFlags({ master, hairpin, isolated }: VethObject): boolean {
  return master !== undefined && (hairpin || isolated === true)
}

export function portOf({ hairpin, isolated }: VethObject): BridgePort {
  return { hairpin, isolated: isolated === true }
}

/**
 * What a veth's host end has besides, by its name: it may follow the request that makes the link in the same send.
 * Twins: `ip link set HOST alias ALIAS`, `ip link set HOST type bridge_slave hairpin on isolated on`.
 */
export function setVeth(veth: VethObject): NetlinkRequest {
  return linkRequest('RTM_NEWLINK', veth.host, 0, [
    ifinfomsg({}),
    encodeAttributes([
      text(IFLA_IFNAME, veth.host), text(IFLA_IFALIAS, veth.alias),
      ...needsPortFlags(veth)
        ? [nested(IFLA_LINKINFO, [text(IFLA_INFO_SLAVE_KIND, 'bridge'), nested(IFLA_INFO_SLAVE_DATA, portFlags(portOf(veth)))])] : [],
    ]),
  ])
}

/** Twin: `bridge link set dev NAME hairpin on|off isolated on|off`. */
export function setBridgePort(name: string, index: number, port: BridgePort): NetlinkRequest {
  return linkRequest('RTM_SETLINK', name, 0, [
    ifinfomsg({ family: AF_BRIDGE, index }),
    encodeAttributes([nested(IFLA_PROTINFO, portFlags(port))]),
  ])
}

function portFlags({ hairpin, isolated }: BridgePort): readonly Attribute[] {
  return [u8(IFLA_BRPORT_MODE, hairpin ? 1 : 0), u8(IFLA_BRPORT_ISOLATED, isolated ? 1 : 0)]
}

/** By index, so that a link which has taken the name meanwhile is not hit. Twin: `ip link del NAME`. */
export function deleteLink(index: number, name: string): NetlinkRequest {
  return linkRequest('RTM_DELLINK', name, 0, [ifinfomsg({ index })])
}

export function getLink(name: string): NetlinkRequest {
  return linkRequest('RTM_GETLINK', name, 0, [ifinfomsg({}), encodeAttributes([text(IFLA_IFNAME, name), withoutStatistics])])
}

export function dumpLinks(): NetlinkRequest {
  return { name: 'RTM_GETLINK', type: types.RTM_GETLINK, payload: [ifinfomsg({}), encodeAttributes([withoutStatistics])] }
}

/** As `dumpLinks`, with the counters of each link, which cost the kernel a walk over all processors. */
export function dumpLinksWithStatistics(): NetlinkRequest {
  return { name: 'RTM_GETLINK', type: types.RTM_GETLINK, payload: [ifinfomsg({})] }
}

/** @throws invalid-message */
export function decodeLink(message: Message): Link {
  const header = fixedHeader(message.payload, IFINFOMSG)
  const map = attributeMap(message.payload, IFINFOMSG, decodedAttributes)
  const info = map.get(IFLA_LINKINFO)
  const kind = info === undefined ? undefined : attributeMap(info, 0, decodedInfo).get(IFLA_INFO_KIND)
  const alias = map.get(IFLA_IFALIAS)
  const master = map.get(IFLA_MASTER)
  const link = map.get(IFLA_LINK)
  const mac = map.get(IFLA_ADDRESS)
  const statistics = map.get(IFLA_STATS64)
  return {
    index: header.readInt32LE(4),
    name: readText(map.get(IFLA_IFNAME) ?? Buffer.alloc(0)),
    mtu: readU32(map.get(IFLA_MTU) ?? Buffer.alloc(4)),
    up: (header.readUInt32LE(8) & IFF_UP) !== 0,
    ...kind === undefined ? {} : { kind: readText(kind) },
    ...alias === undefined ? {} : { alias: readText(alias) },
    ...master === undefined ? {} : { master: readU32(master) },
    ...link === undefined ? {} : { link: readU32(link) },
    ...mac?.length === 6 ? { mac: mac.toString('hex').replace(/..(?=.)/g, '$&:') } : {},
    ...statistics === undefined ? {} : { statistics: decodeStatistics(statistics) },
  }
}

/** What an administrator can change of any link, as it is. */
export interface LinkDetails {
  readonly mac: string, readonly mtu: number, readonly promisc: boolean, readonly allmulti: boolean, readonly txQueueLength: number
}

/** @throws invalid-message */
export function decodeLinkDetails(message: Message): LinkDetails {
  const { mac = '', mtu } = decodeLink(message)
  const flags = fixedHeader(message.payload, IFINFOMSG).readUInt32LE(8)
  const queue = attributeMap(message.payload, IFINFOMSG).get(IFLA_TXQLEN)
  return {
    mac, mtu, promisc: (flags & IFF_PROMISC) !== 0, allmulti: (flags & IFF_ALLMULTI) !== 0, txQueueLength: queue === undefined ? 0 : readU32(queue),
  }
}

/** struct rtnl_link_stats64, of which every kernel has the first eight numbers. */
function decodeStatistics(value: Buffer): LinkStatistics {
  const fields = fixedHeader(value, 8 * SIZEOF_U64)
  const number = (index: number): number => Number(fields.readBigUInt64LE(index * SIZEOF_U64))
  return { rxPackets: number(0), txPackets: number(1), rxBytes: number(2), txBytes: number(3), rxDropped: number(6), txDropped: number(7) }
}

function linkRequest(name: keyof typeof types, detail: string, flags: number, payload: readonly Buffer[]): NetlinkRequest {
  return { name, type: types[name], flags, payload, detail, layout: { headerLength: IFINFOMSG, names: linkNames } }
}

interface IfinfomsgFields {
  readonly family?: number, readonly index?: number
  /** Those to be changed, each with its new value. */
  readonly flags?: readonly (readonly [flag: number, on: boolean])[]
}

function ifinfomsg({ family = 0, index = 0, flags = [] }: IfinfomsgFields): Buffer {
  const buffer = Buffer.alloc(IFINFOMSG)
  buffer.writeUInt8(family, 0)
  buffer.writeInt32LE(index, 4)
  buffer.writeUInt32LE(flags.reduce((sum, [flag, on]) => on ? sum | flag : sum, 0), 8)
  buffer.writeUInt32LE(flags.reduce((sum, [flag]) => sum | flag, 0), 12)
  return buffer
}

const types = { RTM_NEWLINK: 16, RTM_DELLINK: 17, RTM_GETLINK: 18, RTM_SETLINK: 19 } as const
const IFINFOMSG = 16
const SIZEOF_U64 = 8
const IFF_UP = 1
const IFF_PROMISC = 0x100
const IFF_ALLMULTI = 0x200
const AF_BRIDGE = 7
const IFLA_ADDRESS = 1
const IFLA_IFNAME = 3
const IFLA_MTU = 4
const IFLA_LINK = 5
const IFLA_MASTER = 10
const IFLA_PROTINFO = 12
const IFLA_TXQLEN = 13
const IFLA_LINKINFO = 18
const IFLA_IFALIAS = 20
const IFLA_STATS64 = 23
const IFLA_NET_NS_FD = 28
const IFLA_EXT_MASK = 29
const IFLA_NUM_TX_QUEUES = 31
const IFLA_NUM_RX_QUEUES = 32
const IFLA_INFO_KIND = 1
const IFLA_INFO_DATA = 2
const IFLA_INFO_SLAVE_KIND = 4
const IFLA_INFO_SLAVE_DATA = 5
const VETH_INFO_PEER = 1
const IFLA_BRPORT_MODE = 4
const IFLA_BRPORT_ISOLATED = 33
const RTEXT_FILTER_SKIP_STATS = 8
/**
 * A pair uses one queue anyhow (veth_init_queues). Unless it is made with one, it is made with one for each processor, for `ethtool -L`, of
 * which all but one are taken down again at once, with their files in /sys.
 */
const oneQueue = [u32(IFLA_NUM_TX_QUEUES, 1), u32(IFLA_NUM_RX_QUEUES, 1)]
const withoutStatistics = u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)

function macBytes(mac: string): Buffer {
  return Buffer.from(canonicalMac(mac).replaceAll(':', ''), 'hex')
}
/** What `decodeLink` reads; a bridge has forty attributes more. */
const decodedAttributes: ReadonlySet<number> = new Set([
  IFLA_ADDRESS, IFLA_IFNAME, IFLA_MTU, IFLA_LINK, IFLA_MASTER, IFLA_LINKINFO, IFLA_IFALIAS, IFLA_STATS64,
])
const decodedInfo: ReadonlySet<number> = new Set([IFLA_INFO_KIND])
