/**
 * Kernel objects as data: what a network or an endpoint is, as an ordered list of plain, serialisable records.
 *
 * Drivers return these lists; the executor creates and removes them through the families (`objects/family.ts`); the store
 * keeps them; `--dry-run`, `inspect`, recovery and the golden tests read them. Nothing here calls the kernel.
 * `netns` is the path of a network namespace; absent means the namespace tsnet itself runs in (the host's).
 */
import type { BridgeFilterObject } from './bridge-filter.ts'
import type { FirewallObject } from './firewall.ts'

/** A named network namespace: a bind mount of its nsfs file at `path`. Twin: `ip netns add`. */
export interface NetnsObject { readonly kind: 'netns', readonly path: string }

/** A Linux bridge, created down. `alias` marks it as ours (IFLA_IFALIAS). Twin: `ip link add NAME type bridge`. */
export interface BridgeObject {
  readonly kind: 'bridge', readonly name: string, readonly mtu?: number, readonly mac?: string, readonly alias: string
  /** Frames go only where their VLAN is; every port begins in VLAN 1. Twin: `ip link set NAME type bridge vlan_filtering 1`. */
  readonly vlanFiltering?: boolean
}

/** VLANs of a port, on a bridge that filters them, from 1 to 4094. Twin: `bridge vlan add dev PORT vid … master`. */
export interface PortVlans {
  /** The one of frames without a tag, both ways (`pvid untagged`). */
  readonly untagged?: number
  /** Inclusive ranges. */
  readonly tagged: readonly (readonly [first: number, last: number])[]
  /** The port stays, besides, in the VLAN that the bridge puts every port in. */
  readonly keepsDefault: boolean
}

/**
 * A veth pair made by one request: `host` up, in the host's namespace and enslaved to `master`; `peer` in `netns`, brought up
 * afterwards. Removing it removes both ends. Without `netns` the peer begins down in the host's namespace, for another runtime to move:
 * where it is then, and what it is called there, is that runtime's affair.
 */
export interface VethObject {
  readonly kind: 'veth'
  readonly host: string
  readonly peer: string
  readonly netns?: string
  readonly mac: string
  readonly master?: string
  readonly mtu?: number
  /** Hairpin mode of the bridge port. Twin: `bridge link set dev HOST hairpin on`. */
  readonly hairpin: boolean
  /** The bridge does not believe that the peer's MAC has moved to another port. Twin: `bridge fdb replace MAC dev HOST master static sticky`. */
  readonly sticky?: boolean
  /** A port that cannot reach other such ports, only the bridge itself: members without icc. Twin: `bridge link set dev HOST isolated on`. */
  readonly isolated?: boolean
  /** Absent: what the bridge gives every port. */
  readonly vlans?: PortVlans
  /** The peer stays down, for a later object or another program to bring up. */
  readonly peerDown?: boolean
  readonly alias: string
}

/**
 * A veth pair between two bridges of the host, both ends up: what floods the one floods the other.
 * Twin: `ip link add HOST master FROM type veth peer name PEER`, `ip link set PEER master TO`.
 */
export interface BridgeLinkObject {
  readonly kind: 'bridge-link', readonly host: string, readonly peer: string, readonly from: string, readonly to: string
  readonly mtu?: number, readonly alias: string
  /** Of the end on `from`, as a member's. */
  readonly isolated?: boolean
  /** Of the end on `from`: a redirected frame may go back. On `to`, it would move its sender's MAC: members' MACs are sticky there. */
  readonly hairpin?: boolean
}

/** An address on a link. IPv6 addresses are added NODAD. Twin: `ip addr add CIDR dev ON`. */
export interface AddressObject { readonly kind: 'address', readonly on: string, readonly cidr: string, readonly netns?: string }

/** A link brought up (and left up on removal: it goes with its link). Twin: `ip link set NAME up`. */
export interface LinkUpObject { readonly kind: 'link-up', readonly name: string, readonly netns?: string }

/**
 * A route. `metricAboveIfindex` n means metric n + the ifindex of `dev`; `tableId` is the number of a table, in place of `table`.
 * `first`: before others to the same destination, where there are any: `ip route prepend`. Twin: `ip route add TO via VIA dev DEV`.
 */
export interface RouteObject {
  readonly kind: 'route'
  readonly to: string
  readonly family: 4 | 6
  readonly dev: string
  readonly via?: string
  readonly netns?: string
  readonly type?: 'unicast' | 'local'
  readonly table?: 'main' | 'local'
  readonly metricAboveIfindex?: number
  readonly metric?: number
  readonly first?: boolean
  readonly tableId?: number
  readonly scope?: number
  readonly mtu?: number
  readonly advmss?: number
}

/**
 * A sysctl. `keep`: not put back on removal (ip_forward). `optional`: a missing file is not an error. Without `keep`, it lives in
 * a folder of a link or namespace of ours and goes with it. Twin: `sysctl -w KEY=VALUE`; slashes part the key: net/ipv4/ip_forward.
 */
export interface SysctlObject {
  readonly kind: 'sysctl', readonly key: string, readonly value: string, readonly netns?: string
  readonly keep?: boolean, readonly optional?: boolean
}

/**
 * A limit of what leaves a link: a token bucket as its root queueing discipline. What a container receives leaves the host's end of its veth
 * pair, what it sends leaves the end inside (`netns`). Twin: `tc qdisc replace dev ON root tbf rate RATE burst BURST limit LIMIT`.
 */
export interface BandwidthObject {
  readonly kind: 'bandwidth', readonly on: string, readonly bitsPerSecond: number, readonly burstBytes: number, readonly netns?: string
}

export type LinkObject =
  | NetnsObject | BridgeObject | VethObject | BridgeLinkObject | AddressObject | LinkUpObject | RouteObject | SysctlObject | BandwidthObject

export type KernelObject = LinkObject | FirewallObject | BridgeFilterObject
export type ObjectKind = KernelObject['kind']
