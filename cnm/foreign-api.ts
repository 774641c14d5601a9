/**
 * What a door for another container runtime sees of the core: that runtime makes the namespaces, chooses the addresses and says when which
 * port is published; tsnet makes networks, the host's part of endpoints, and their ports.
 *
 * Every call may come twice, in the same words: the second is told the same and changes nothing.
 */
import type { NetworkSpec } from './controller-api.ts'
import type { EndpointId, EndpointRecord, ForeignNetwork, NetworkId, NetworkRecord, PortRequest } from './types.ts'

export type ForeignNetworkSpec = NetworkSpec & { readonly foreign: ForeignNetwork & { readonly id: NetworkId } }

/** What is given was chosen by the runtime; what is not, tsnet chooses. */
export interface ForeignEndpointSpec {
  readonly id: EndpointId
  readonly networkId: NetworkId
  readonly ip?: string
  readonly ip6?: string
  readonly mac?: string
}

export interface ForeignPlace { readonly endpoint: EndpointRecord, readonly network: NetworkRecord }

export interface PoolSpec {
  readonly space: string
  readonly family: 4 | 6
  /** Absent: tsnet chooses; with an unspecified address (`0.0.0.0/26`), one of that size. */
  readonly subnet?: string
  readonly ipRange?: string
}

/** `gateway`: for the network itself. `name`: of the container, to which addresses stick. */
export interface AddressSpec { readonly address?: string, readonly gateway?: boolean, readonly name?: string }

export interface KnownContainer { readonly endpointId: string, readonly id: string, readonly name: string, readonly image: string }

/** `since`: milliseconds since 1970. */
export interface ForeignContainer {
  readonly id: string, readonly name: string, readonly image: string, readonly since: number, readonly endpoints: readonly ForeignPlace[]
}

export interface ForeignRuntime {
  /** The runtime has started, and knows nothing that it has not written down; what it asks for again is its own. */
  noteStart(): void

  createNetwork(spec: ForeignNetworkSpec): Promise<NetworkRecord>
  /** With the endpoints that are left on it; an unknown id is success. */
  deleteNetwork(id: NetworkId): Promise<void>

  createEndpoint(spec: ForeignEndpointSpec): Promise<ForeignPlace>
  findEndpoint(id: EndpointId): ForeignPlace | undefined
  /**
   * Makes the link, whose other end waits in the host's namespace under `endpoint.interfaceName`. `hasPorts`: a call of `publish` follows.
   * @throws endpoint-not-found
   */
  join(id: EndpointId, sandboxKey: string, options?: { readonly hasPorts?: boolean }): Promise<ForeignPlace>
  /** Publishes these ports instead of those published before; the answer has warnings. @throws endpoint-not-found, port-in-use */
  publish(id: EndpointId, ports: readonly PortRequest[]): Promise<readonly string[]>
  /** These take an unknown id for success. */
  unpublish(id: EndpointId): Promise<void>
  leave(id: EndpointId): Promise<void>
  deleteEndpoint(id: EndpointId): Promise<void>

  requestPool(spec: PoolSpec): Promise<{ readonly id: string, readonly cidr: string }>
  releasePool(id: string): Promise<void>
  /** In CIDR notation. @throws pool-not-found, address-in-use, address-pool-exhausted, invalid-address */
  requestAddress(poolId: string, spec: AddressSpec): Promise<string>
  releaseAddress(poolId: string, address: string): Promise<void>

  /** Whether there are networks or containers whose names are not known. */
  areNamesMissing(): boolean
  noteContainers(containers: readonly KnownContainer[]): void
  /** @param names of the runtime's networks, by their ids */
  noteNetworks(names: ReadonlyMap<string, string>): void
  /** Those that use a network of tsnet, with what they use. */
  containers(): readonly ForeignContainer[]

  /** Ends what dead processes left half-done. */
  recover(): Promise<void>
  /** Binds the ports of all endpoints again, and repairs; the answer has what could not be. */
  restore(): Promise<readonly string[]>
  /** Makes again what another program has removed of networks, links and ports, and gives its number. */
  repair(): Promise<number>
  /** As `repair` where a bridge is gone or, if rules have changed, a network lacks some: what is looked at often must cost little. */
  repairIfHurt(haveRulesChanged: boolean): Promise<number>
  /** Removes endpoints whose namespace is gone, or which their runtime has forgotten; gives their number. */
  collect(): Promise<number>
}
