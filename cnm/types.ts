/**
 * The nouns of the Container Network Model as stored records: plain, serialisable, versioned by the store.
 *
 * A **Network** is a set of endpoints that reach each other. An **Endpoint** joins one sandbox to one network. A **Sandbox** is
 * the network stack of a container: a network namespace, or the host's, or another container's.
 */
import type { GatewayMode, PortRange, Protocol, Family } from '../objects/firewall.ts'
import type { KernelObject } from '../objects/object.ts'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }
/** 64 hexadecimal digits. */
export type NetworkId = Branded<'NetworkId'>
export type EndpointId = Branded<'EndpointId'>
export type SandboxId = Branded<'SandboxId'>

/**
 * `creating` and `deleting` belong to the process that holds `owner`'s lock; once that is dead, recovery removes the record's
 * objects.
 */
export type RecordState = 'creating' | 'ready' | 'deleting'

export interface RecordBase<Id extends string> {
  readonly id: Id
  readonly state: RecordState
  /** Name of the lock file (under the run root) of the process at work on this record. */
  readonly owner: string
  /** /proc/sys/kernel/random/boot_id at creation: after a reboot the kernel has none of the objects. */
  readonly bootId: string
  /** What the kernel holds for this record, in order of creation. */
  readonly objects: readonly KernelObject[]
  /** Its creation was told of, as an event; so will its end be. */
  readonly announced?: true
}

export type DriverName = 'bridge' | 'host' | 'none' | 'container'

export interface Subnet {
  readonly family: Family
  /** CIDR without host bits: `172.18.0.0/24`. */
  readonly cidr: string
  /** Plain address; absent where the network has none (isolated). */
  readonly gateway?: string
  readonly ipRange?: string
  /** `--aux-address NAME=ADDRESS`: reserved, never handed out. */
  readonly auxAddresses: Readonly<Record<string, string>>
}

export interface NetworkRecord extends RecordBase<NetworkId> {
  readonly name: string
  readonly driver: DriverName
  /** ISO 8601 with nanoseconds, as Docker prints it. */
  readonly created: string
  readonly subnets: readonly Subnet[]
  readonly internal: boolean
  /** A word of Docker's, remembered for `inspect`; every network is. */
  readonly attachable?: boolean
  readonly enableIPv4: boolean
  readonly enableIPv6: boolean
  readonly labels: Readonly<Record<string, string>>
  /** Driver options as given with `-o`, under Docker's names. */
  readonly options: Readonly<Record<string, string>>
  /** Bridges beyond the first, which the network has grown by; absent: none. */
  readonly segments?: number
  /** What the driver made of `options`; for bridge: BridgeOptions. */
  readonly parsed: BridgeOptions | undefined
  /** Another runtime's: made, used, removed and resolved by way of it alone. Absent: tsnet's own. */
  readonly foreign?: ForeignNetwork
}

/** `addressSpaces`: in which of the runtime's address spaces each family's subnet was chosen; in one, no two networks overlap. */
export interface ForeignNetwork { readonly runtime: 'docker', readonly addressSpaces: Readonly<Partial<Record<Family, string>>> }

/** What the proxy says to a container before the client does: nothing, or who the client is, in a version of the PROXY protocol. */
export type Ipv6Proxy = 'plain' | 'v1' | 'v2'

/** The bridge driver's options after parsing, with every default resolved. */
export interface BridgeOptions {
  readonly bridgeName: string
  readonly mtu: number
  readonly icc: boolean
  readonly masquerade: boolean
  readonly hostBindingV4?: string
  readonly gatewayModeV4: GatewayMode
  readonly gatewayModeV6: GatewayMode
  readonly interfacePrefix: string
  readonly snatV4?: string
  readonly snatV6?: string
  /** Links by which published ports may be reached at the containers' own addresses; absent: none. */
  readonly trustedInterfaces?: readonly string[]
  /** The bridge has no IPv4 address; the gateway is somebody else's. */
  readonly inhibitV4?: boolean
  /** The subnets that may reach published ports, of both families; absent: everybody. */
  readonly publishedTo?: readonly string[]
  /** Whether a container is kept to its own MAC and addresses; absent: it is. */
  readonly antiSpoofing?: boolean
  /** TCP ports of containers without IPv6 are served over IPv6 too, by a process; absent: they are not. */
  readonly ipv6Proxy?: Ipv6Proxy
}

/** A published port or range after allocation: host and container ranges have equal length. */
export interface PortBinding {
  readonly protocol: Protocol
  /** Absent: all addresses of the host, both families as far as the container has them. */
  readonly hostIp?: string
  readonly host: PortRange
  readonly container: PortRange
  /** Of an endpoint's ports: published in these families only; absent: in all that the endpoint is the gateway of. */
  readonly families?: readonly Family[]
}

/** A published port of a sandbox, whichever endpoint publishes it at the time; `held`: the families its host side is bound in. */
export type SandboxPort = Omit<PortBinding, 'families'> & { readonly held: readonly Family[] }

/**
 * A port as asked for; `host` absent: tsnet chooses; a `host` range with a single container port: the first free of the range.
 */
export interface PortRequest {
  readonly protocol: Protocol
  readonly hostIp?: string
  readonly host?: PortRange
  readonly container: PortRange
}

export interface EndpointRecord extends RecordBase<EndpointId> {
  readonly networkId: NetworkId
  readonly sandboxId: SandboxId
  /** The container's name; addresses stick to it. */
  readonly name: string
  /** Further names under which the members of the network find it. */
  readonly aliases?: readonly string[]
  /** Whom the network's resolver asks for it in place of the host's servers. */
  readonly nameservers?: readonly string[]
  /** The name of the link inside the container: eth0. */
  readonly interfaceName: string
  readonly hostInterface: string
  readonly mac: string
  readonly addresses: readonly { readonly family: Family, readonly cidr: string }[]
  /** Further addresses of the interface, with their prefixes; absent: none. */
  readonly linkLocal?: readonly string[]
  /** The families whose address was asked for (`--ip`); absent: none. */
  readonly fixed?: readonly Family[]
  /** Which of the network's bridges it is on; absent: the first. */
  readonly segment?: number
  /** Those of the sandbox that go through this endpoint: all, where it is the gateway. */
  readonly ports: readonly PortBinding[]
  /** The families whose default route, in this sandbox, goes through this endpoint. */
  readonly gatewayFor: readonly Family[]
  /** `--gw-priority`; absent: 0. */
  readonly gwPriority?: number
  /** Endpoint options as given with `--driver-opt`, under Docker's names. */
  readonly options?: Readonly<Record<string, string>>
  /** Settings of the interface, slashes in the keys, its name put in. */
  readonly sysctls?: readonly { readonly key: string, readonly value: string }[]
  /** On a network of another runtime, in a sandbox that is that runtime's. */
  readonly foreign?: ForeignEndpoint
}

/** An endpoint that another runtime asked for: it moves the link into the namespace, and configures it there, by itself. */
export interface ForeignEndpoint {
  /** Path of the namespace as the runtime gave it; absent: not joined. */
  readonly sandboxKey?: string
  /** The start of the runtime, counted, in which the endpoint got the way it is. */
  readonly generation: number
  /** Since when, in milliseconds since 1970. */
  readonly since: number
  /** The ports as asked for; absent: not published. */
  readonly requested?: readonly PortRequest[]
  /** The container, once the runtime has been asked for it. */
  readonly container?: { readonly id: string, readonly name: string, readonly image: string }
}

/** A subnet that another runtime asked for, from which it hands out addresses by way of tsnet. */
export interface PoolRecord {
  /** The same for the same request, so that it outlives the store: `SPACE/SUBNET[/RANGE]`. */
  readonly id: string
  readonly space: string
  readonly cidr: string
  readonly ipRange?: string
  /** The start of the runtime, counted, in which it was asked for last. */
  readonly generation: number
  /** Milliseconds since 1970. */
  readonly since: number
}

export interface SandboxRecord extends RecordBase<SandboxId> {
  /** The container's name, for sentences; absent: it has none, or is older than the field. */
  readonly name?: string
  readonly driver: DriverName
  /** Path of the namespace (`RUN_ROOT/netns/ID`); absent: the host's own. */
  readonly netns?: string
  /** For `container:`: the sandbox whose namespace this one shares. */
  readonly sharedWith?: SandboxId
  /** Published ports; absent: none. What its endpoints publish beyond these is on its way in or out. */
  readonly ports?: readonly SandboxPort[]
  /**
   * Name of the lock of the process that changes the ports; absent: none does. When it is dead, whoever comes next makes the
   * endpoints publish what `ports` says.
   */
  readonly portsOwner?: string
  /** Addresses that were asked for stay its own when it is deleted. */
  readonly keepsAddresses?: boolean
}
