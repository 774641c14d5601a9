/**
 * The host's networks as one picture: what `tsnet topology` shows, and its JSON. Plain data; fields are added, never renamed.
 *
 * What is not there is null or an empty list, so that a reader finds every field. Documented in docs/guide/topology.md.
 */
import type { Family, Protocol } from '../objects/firewall.ts'

export interface Topology {
  /** Grows where a field changes its meaning. */
  readonly version: 1
  /** ISO 8601. */
  readonly time: string
  readonly host: HostNode
  readonly networks: readonly NetworkNode[]
}

export interface HostNode {
  readonly name: string
  /** `iptables` or `nftables`; null where tsnet has no rules. */
  readonly firewall: string | null
  readonly forwarding: { readonly ipv4: boolean, readonly ipv6: boolean }
  readonly uplinks: readonly UplinkNode[]
}

/** A link that a default route of the host goes by. */
export interface UplinkNode {
  readonly name: string
  readonly up: boolean
  readonly mtu: number
  readonly mac: string | null
  readonly addresses: readonly string[]
  /** Next hops of the default routes. */
  readonly gateways: readonly string[]
  readonly statistics: LinkCounters | null
}

/** Of a link since it was made, as the host's end counts: for a container's link, `rx` is what the container sent. */
export interface LinkCounters {
  readonly rxPackets: number
  readonly rxBytes: number
  readonly txPackets: number
  readonly txBytes: number
  readonly rxDropped: number
  readonly txDropped: number
}

export interface NetworkNode {
  readonly id: string
  readonly name: string
  readonly driver: string
  readonly internal: boolean
  readonly labels: Readonly<Record<string, string>>
  /** Null for `host` and `none`. */
  readonly bridge: BridgeNode | null
  readonly subnets: readonly { readonly family: Family, readonly cidr: string, readonly gateway: string | null }[]
  readonly endpoints: readonly EndpointNode[]
  readonly rules: readonly RuleNode[]
  /** What the kernel does not have of it: `tsnet firewall repair` makes it again. */
  readonly missing: readonly string[]
}

export interface BridgeNode {
  readonly name: string
  readonly mtu: number
  readonly up: boolean
  readonly icc: boolean
  readonly masquerade: boolean
  readonly gatewayModes: { readonly ipv4: string, readonly ipv6: string }
  readonly statistics: LinkCounters | null
  /** Further bridges that hang on this one, beyond a thousand members. */
  readonly segments: readonly { readonly name: string, readonly up: boolean, readonly statistics: LinkCounters | null }[]
}

/** A rule of the nat table counts connections by their first packets, any other one every packet. */
export interface RuleNode {
  readonly family: Family
  readonly rule: string
  readonly packets: number
  readonly bytes: number
}

export interface EndpointNode {
  /** Empty for a container on `host` or `none`, which has no endpoint. */
  readonly id: string
  readonly name: string
  readonly container: ContainerNode | null
  /** Path of the network namespace; null for the host's. */
  readonly namespace: string | null
  /** Containers that use this one's network (`--network container:`). */
  readonly sharedBy: readonly string[]
  readonly link: EndpointLink | null
  readonly addresses: readonly { readonly family: Family, readonly cidr: string }[]
  /** The families whose default route, in the container, goes this way. */
  readonly gatewayFor: readonly Family[]
  /** Where the default routes of the container go, this way or by another of its networks. */
  readonly defaultRoutes: readonly { readonly family: Family, readonly network: string }[]
  readonly ports: readonly PortNode[]
  readonly missing: readonly string[]
}

export interface ContainerNode { readonly id: string, readonly name: string, readonly image: string }

/** A veth pair. */
export interface EndpointLink {
  readonly host: string
  readonly container: string
  /** The further bridge that it is on; null on the first. */
  readonly segment: string | null
  readonly mac: string
  readonly mtu: number
  readonly up: boolean
  readonly statistics: LinkCounters | null
}

export interface PortNode {
  readonly protocol: Protocol
  /** Null: every address of the host. */
  readonly hostIp: string | null
  readonly hostPorts: PortSpan
  readonly containerPorts: PortSpan
  /** Connections that were redirected, by their first packets; null where the kernel does not count them. */
  readonly packets: number | null
  readonly bytes: number | null
  readonly missing: boolean
}

export interface PortSpan { readonly first: number, readonly last: number }
