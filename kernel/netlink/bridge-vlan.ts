/**
 * VLANs of bridges and their ports in rtnetlink's words: encoders, and what a bridge says of its own.
 *
 * A port's VLANs are changed by RTM_SETLINK and RTM_DELLINK of family AF_BRIDGE, in IFLA_AF_SPEC. Source: include/uapi/linux/if_bridge.h,
 * net/bridge/br_netlink.c; the bytes are those of iproute2 (test/integration/kernel/bridge-vlan.test.ts).
 */
import { type Attribute, attributeMap, bytes, encodeAttributes, nested, text, u16, u8 } from './attribute.ts'
import type { Message } from './message.ts'
import type { NetlinkRequest } from './socket.ts'

/** Inclusive; one VLAN has first = last. */
export interface VlanRange { readonly first: number, readonly last: number }

/** IFLA_INFO_DATA of a bridge. */
export function vlanFilteringData(on: boolean): Attribute {
  return nested(IFLA_INFO_DATA, [u8(IFLA_BR_VLAN_FILTERING, on ? 1 : 0)])
}

/** Twin: `ip link set NAME type bridge vlan_filtering 0|1`. */
export function setVlanFiltering(name: string, index: number, on: boolean): NetlinkRequest {
  return {
    name: 'RTM_NEWLINK', type: RTM_NEWLINK, detail: name,
    payload: [header(0, index), encodeAttributes([nested(IFLA_LINKINFO, [text(IFLA_INFO_KIND, 'bridge'), vlanFilteringData(on)])])],
  }
}

/** Twin: `bridge vlan add dev NAME vid FIRST[-LAST] [pvid untagged] master`. */
export function addPortVlan(name: string, index: number, range: VlanRange, { untagged }: { readonly untagged: boolean }): NetlinkRequest {
  return { name: 'RTM_SETLINK', type: RTM_SETLINK, detail: name, payload: portVlan(index, range, untagged ? BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED : 0) }
}

/** Twin: `bridge vlan del dev NAME vid FIRST[-LAST] master`. */
export function deletePortVlan(name: string, index: number, range: VlanRange): NetlinkRequest {
  return { name: 'RTM_DELLINK', type: RTM_DELLINK, detail: name, payload: portVlan(index, range, 0) }
}

/** What a bridge says of VLANs; undefined for other links. @throws invalid-message */
export function decodeBridgeVlans({ payload }: Message): { readonly filtering: boolean, readonly defaultVlan: number } | undefined {
  const info = attributeMap(payload, IFINFOMSG).get(IFLA_LINKINFO)
  const data = info === undefined ? undefined : attributeMap(info).get(IFLA_INFO_DATA)
  if (data === undefined) return undefined
  const map = attributeMap(data)
  const vlan = map.get(IFLA_BR_VLAN_DEFAULT_PVID)
  return { filtering: map.get(IFLA_BR_VLAN_FILTERING)?.[0] === 1, defaultVlan: vlan?.length === 2 ? vlan.readUInt16LE(0) : 1 }
}

/** struct bridge_vlan_info `| flags u16 | vid u16 |`; a range is two of them. */
function portVlan(index: number, { first, last }: VlanRange, flags: number): readonly Buffer[] {
  const info = (vid: number, more: number): Attribute =>
    bytes(IFLA_BRIDGE_VLAN_INFO, Buffer.of((flags | more) & 0xff, (flags | more) >>> 8, vid & 0xff, vid >>> 8))
  const infos = first === last ? [info(first, 0)] : [info(first, BRIDGE_VLAN_INFO_RANGE_BEGIN), info(last, BRIDGE_VLAN_INFO_RANGE_END)]
  return [header(AF_BRIDGE, index), encodeAttributes([nested(IFLA_AF_SPEC, [u16(IFLA_BRIDGE_FLAGS, BRIDGE_FLAGS_MASTER), ...infos])])]
}

/** struct ifinfomsg */
function header(family: number, index: number): Buffer {
  const buffer = Buffer.alloc(IFINFOMSG)
  buffer.writeUInt8(family, 0)
  buffer.writeInt32LE(index, 4)
  return buffer
}

const RTM_NEWLINK = 16
const RTM_DELLINK = 17
const RTM_SETLINK = 19
const IFINFOMSG = 16
const AF_BRIDGE = 7
const IFLA_LINKINFO = 18
const IFLA_AF_SPEC = 26
const IFLA_INFO_KIND = 1
const IFLA_INFO_DATA = 2
const IFLA_BR_VLAN_FILTERING = 7
const IFLA_BR_VLAN_DEFAULT_PVID = 39
const IFLA_BRIDGE_FLAGS = 0
const IFLA_BRIDGE_VLAN_INFO = 2
const BRIDGE_FLAGS_MASTER = 1
const BRIDGE_VLAN_INFO_PVID = 2
const BRIDGE_VLAN_INFO_UNTAGGED = 4
const BRIDGE_VLAN_INFO_RANGE_BEGIN = 8
const BRIDGE_VLAN_INFO_RANGE_END = 16
