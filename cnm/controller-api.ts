/**
 * What the doors see of the core: create, inspect and remove networks, and give a container its network stack.
 *
 * Every call is atomic: it succeeds, or leaves no trace and throws a TsnetError. Calls of several processes may run at once.
 */
import type { Family } from '../objects/firewall.ts'
import type { KernelObject } from '../objects/object.ts'
import type {
  EndpointRecord, ForeignNetwork, NetworkId, NetworkRecord, PortRequest, SandboxId, SandboxPort, SandboxRecord,
} from './types.ts'

export interface SubnetSpec {
  readonly subnet?: string
  readonly gateway?: string
  readonly ipRange?: string
  readonly auxAddresses?: Readonly<Record<string, string>>
}

export interface NetworkSpec {
  /** Of another runtime's network: the id is that runtime's. */
  readonly foreign?: ForeignNetwork & { readonly id: NetworkId }
  readonly name: string
  readonly driver?: string
  readonly subnets?: readonly SubnetSpec[]
  readonly internal?: boolean
  readonly attachable?: boolean
  readonly enableIPv4?: boolean
  readonly enableIPv6?: boolean
  readonly labels?: Readonly<Record<string, string>>
  readonly options?: Readonly<Record<string, string>>
}

export interface EndpointSpec {
  /** Name or id of the network; the default network is made on first use. */
  readonly network: string
  readonly name: string
  /** A fixed address per family (`--ip`, `--ip6`). */
  readonly ip?: string
  readonly ip6?: string
  readonly mac?: string
  /** Further addresses of the interface, from the link-local ranges. */
  readonly linkLocal?: readonly string[]
  /** The endpoint with the highest is the default gateway; absent: 0. */
  readonly gwPriority?: number
  /** Names besides `name` under which the members of the network find it. */
  readonly aliases?: readonly string[]
  /** Whom the network's resolver asks for it in place of the host's servers. */
  readonly nameservers?: readonly string[]
  /** Endpoint options, under Docker's names. */
  readonly options?: Readonly<Record<string, string>>
  /** Ports of the sandbox, wherever they are given: they are published through its default gateway. */
  readonly ports?: readonly PortRequest[]
}

/** An endpoint that was added to a sandbox, or taken from it. */
export interface Connection {
  readonly endpoint: EndpointRecord
  readonly network: NetworkRecord
  readonly warnings: readonly string[]
}

/** Ports that a sandbox in use has gained or lost. */
export interface PortsChange { readonly ports: readonly SandboxPort[], readonly warnings: readonly string[] }

/**
 * What `--network` said: an own namespace with endpoints, an own one with only lo, the host's, or another container's.
 * `name`: what sentences call the container.
 */
export type SandboxSpec = { readonly id: SandboxId, readonly name?: string } & (
  | {
    readonly mode: 'bridge', readonly endpoints: readonly EndpointSpec[]
    /** Addresses that were asked for stay the sandbox's when it is deleted, until `releaseAddresses`: for a container that is only stopped. */
    readonly keepsAddresses?: boolean
  }
  | { readonly mode: 'none' | 'host' }
  | { readonly mode: 'container', readonly target: SandboxId }
)

/** A sandbox and its endpoints, ready; `heldPorts` are bound, close-on-exec descriptors that reserve the published ports. */
export interface Attachment {
  readonly sandbox: SandboxRecord
  readonly endpoints: readonly { readonly endpoint: EndpointRecord, readonly network: NetworkRecord }[]
  readonly heldPorts: readonly number[]
  /** Sentences for the user that are no failure: a wildcard port without its [::1] part, for one. */
  readonly warnings: readonly string[]
}

export interface NetworkController {
  createNetwork(spec: NetworkSpec): Promise<{ readonly network: NetworkRecord, readonly warnings: readonly string[] }>
  /** The objects `createNetwork` would make, without making them. */
  planNetwork(spec: NetworkSpec): Promise<readonly KernelObject[]>
  /** @throws network-in-use with the endpoints' names; predefined-network for host and none. */
  deleteNetwork(nameOrId: string): Promise<NetworkRecord>
  /** Deletes the user's networks that `accepts` takes and that have no endpoint; one that gets its first meanwhile stays. */
  pruneNetworks(accepts: (network: NetworkRecord) => boolean): Promise<readonly NetworkRecord[]>
  /** By full id, name, or unambiguous prefix of the id. @throws network-not-found */
  getNetwork(nameOrId: string): NetworkRecord
  /** All networks, host and none included, sorted by name. */
  listNetworks(): readonly NetworkRecord[]
  /** What is to be said of networks and the host as it is now: a route that came later and overlaps, for one. */
  networkWarnings(networks: readonly NetworkRecord[]): Promise<readonly string[]>
  /** How many addresses of each subnet are taken, gateway and reserved ones included. @throws network-not-found */
  subnetUsage(nameOrId: string): readonly SubnetUsage[]
  listEndpoints(filter?: { readonly networkId?: string, readonly sandboxId?: string }): readonly EndpointRecord[]

  createSandbox(spec: SandboxSpec): Promise<Attachment>
  planSandbox(spec: SandboxSpec): Promise<readonly KernelObject[]>
  /** Removes the sandbox and all its endpoints; an unknown id is success. */
  deleteSandbox(id: SandboxId): Promise<void>
  /** Gives up the addresses that were kept for a deleted sandbox, in all networks or in one; none, or no such network, is success. */
  releaseAddresses(id: SandboxId, network?: string): void
  findSandbox(id: SandboxId): SandboxRecord | undefined

  /**
   * Adds an endpoint to a sandbox that is there, while it is in use; the default routes and the published ports go where they
   * then belong. @throws already-connected, sandbox-not-found, conflicting-options, and what `createSandbox` throws
   */
  connect(id: SandboxId, spec: Omit<EndpointSpec, 'ports'>): Promise<Connection>
  /** Takes the endpoint on a network from a sandbox. @throws not-connected, network-not-found, sandbox-not-found */
  disconnect(id: SandboxId, network: string): Promise<Connection>

  /**
   * Publishes further ports of a sandbox that is in use. `keep` is handed the descriptors that reserve them, before the first rule is
   * made; they are closed when this returns. @throws port-in-use, sandbox-not-found, conflicting-options where it has no ports
   */
  publish(id: SandboxId, requests: readonly PortRequest[], keep: (descriptors: readonly number[]) => void): Promise<PortsChange>
  /** Takes published ports back: all that a request names, of a range perhaps a part. @throws port-not-published, sandbox-not-found */
  unpublish(id: SandboxId, requests: readonly PortRequest[]): Promise<PortsChange>

  /**
   * Removes what dead processes left half-made or half-removed, and what belonged to an earlier boot; makes again what is
   * recorded as ready and missing in the kernel when `repair` is set. Cheap when there is nothing to do.
   */
  recover(options?: { readonly repair?: boolean }): Promise<void>

  /** Which of the objects the kernel does not have, or not as they should be: the same references, in no promised order. */
  missing(objects: readonly KernelObject[]): Promise<readonly KernelObject[]>

  /** The shell commands equivalent to a list of objects (`--dry-run`). */
  describe(objects: readonly KernelObject[]): readonly string[]
}

/** Usage of a network's subnets, for `network inspect` and error messages. */
export interface SubnetUsage { readonly family: Family, readonly cidr: string, readonly used: number, readonly size: bigint }
