/**
 * Firewall objects: what a network or endpoint wants of netfilter, in words that both backends understand.
 *
 * The host-wide frame (chains, jumps, the loopback guard) is no object: a backend makes it with the first of these and removes it
 * with the last, in the same transaction.
 */
export type Family = 4 | 6
export type Protocol = 'tcp' | 'udp' | 'sctp'

/** Docker 28's gateway modes: what may reach the containers of a network from outside, and whether NAT is used. */
export type GatewayMode = 'nat' | 'nat-unprotected' | 'routed' | 'isolated'

/**
 * The filter rules of one network and family: established in, out allowed, `icc` between members, foreign traffic dropped but what
 * is published; raw: drop what is sent to `subnet` (but to `gateway`) from any interface but the bridge.
 */
export interface IsolationObject {
  readonly kind: 'isolation'
  readonly family: Family
  readonly bridge: string
  readonly subnets: readonly string[]
  readonly gateways: readonly string[]
  readonly icc: boolean
  readonly internal: boolean
  readonly mode: GatewayMode
  /** Containers leave with their own addresses (no masquerade): answers carry them as destination, so the raw drop is left out. */
  readonly unmasqueraded?: boolean
  /** No more than filter rules: addresses are guarded and translated elsewhere. With `nat-unprotected`, what no rule decides goes on to the host's own. */
  readonly filterOnly?: boolean
  /** Links of the host by which published ports may be reached at the containers' own addresses, without NAT. */
  readonly trusted?: readonly string[]
  /** The sources that may reach published ports, as subnets, members of the network and the host aside; absent: everybody. */
  readonly publishedTo?: readonly string[]
}

/** Masquerade what leaves `subnet` by another interface than `bridge`; SNAT to `source` where given. */
export interface MasqueradeObject {
  readonly kind: 'masquerade', readonly family: Family, readonly bridge: string, readonly subnet: string, readonly source?: string
}

/** An inclusive range of ports; one port has first = last. */
export interface PortRange { readonly first: number, readonly last: number }

/**
 * One published port or range of an endpoint: DNAT from `hostIp` (absent: every address of the host) and `host` to
 * `containerIp` and `container` (ranges of equal length), the accept for it, and the masquerade that hairpin needs.
 */
export interface PublishObject {
  readonly kind: 'publish'
  readonly family: Family
  readonly bridge: string
  readonly protocol: Protocol
  readonly hostIp?: string
  readonly host: PortRange
  readonly containerIp: string
  readonly container: PortRange
  /** Gateway mode `routed`: no NAT, only the accept for `containerIp` and `container`; `hostIp` and `host` are not used. */
  readonly routed?: boolean
  /** With NAT, and with the accept for `containerIp` and `container` as well: the network has `trusted` links. */
  readonly direct?: boolean
  /**
   * One port alone: only what meets these, too, is redirected. Words of the backend's own tool, as the user wrote them: `-s`, `10.0.0.0/8` for
   * iptables; `ip`, `saddr`, `10.0.0.0/8` for nftables.
   */
  readonly conditions?: readonly string[]
  /** One port alone: marked before it is redirected, for rules of others. */
  readonly mark?: PortMark
}

/** Sets bits in a packet's mark, or hands it to a chain of another program (iptables alone). `from`: sources, as subnets; absent: everybody. */
export type PortMark =
  | { readonly bits: number, readonly from?: readonly string[] }
  | { readonly chain: string, readonly from?: readonly string[] }

/**
 * tsnet turned forwarding on, so the host would start to route between its other interfaces: drop forwarded packets that touch no
 * interface of ours. Host-wide, one per family; made by the first network that needs it, gone with the last.
 */
export interface ForwardGuardObject { readonly kind: 'forward-guard', readonly family: Family }

/**
 * The names of a network: what its members ask `address`, the network's gateway, on port 53 (udp and tcp) goes to `port` of the same
 * address, where the resolver listens, and is let in. Before published ports: a container's `-p 53:53` does not take the names away.
 */
export interface ResolverObject {
  readonly kind: 'resolver', readonly family: Family, readonly bridge: string, readonly address: string, readonly port: number
}

/**
 * Published ports behind an interface that has no isolation object: masquerade what uses them from the host itself or, with `subnet`,
 * from that subnet by way of the same interface. An interface may have several subnets.
 */
export interface HairpinObject {
  readonly kind: 'hairpin', readonly family: Family, readonly bridge: string, readonly subnet?: string
  /** With `subnet`: whoever uses a port of that subnet. Without it, `nobody`: another program masquerades, and only the loopback is guarded. */
  readonly who?: 'everybody' | 'nobody'
}

/**
 * A further bridge of a network, beyond the ports of the first: where bridge-nf hands its frames to netfilter, they pass as they are, since
 * the first bridge, which they come through, is where the network's rules are.
 */
export interface SegmentObject { readonly kind: 'segment', readonly family: Family, readonly bridge: string }

export type FirewallObject = IsolationObject | MasqueradeObject | PublishObject | ForwardGuardObject | ResolverObject | HairpinObject | SegmentObject
