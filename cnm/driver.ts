/**
 * A network driver: pure functions from intent and facts to kernel objects.
 *
 * A driver calls nothing, keeps nothing, and knows neither kernel, store nor door. `parseOptions` is the only place that knows
 * the spelling of its options; it refuses unknown ones with the nearest known name (`invalid-option`).
 */
import type { EndpointFacts, Facts } from '../objects/facts.ts'
import type { KernelObject } from '../objects/object.ts'
import type { BridgeOptions, DriverName, EndpointRecord, NetworkRecord, SandboxRecord } from './types.ts'

export type NetworkIntent = Omit<NetworkRecord, 'objects' | 'state' | 'owner' | 'bootId' | 'announced'>
export type EndpointIntent = Omit<EndpointRecord, 'objects' | 'state' | 'owner' | 'bootId' | 'announced'>
export type SandboxIntent = Omit<SandboxRecord, 'objects' | 'state' | 'owner' | 'bootId' | 'announced'>

/** What a driver made of an endpoint's options. `IFNAME` in the key of a setting stands for the interface's name. */
export interface EndpointOptions {
  readonly interfaceName?: string
  readonly sysctls: readonly { readonly key: string, readonly value: string }[]
  /** Of what the container receives. */
  readonly ingress?: Bandwidth
  /** Of what it sends. */
  readonly egress?: Bandwidth
}

export interface Bandwidth { readonly bitsPerSecond: number, readonly burstBytes: number }

/** How a driver's networks grow beyond what their first bridge has room for. */
export interface Growth {
  /** Members that one bridge is given. */
  readonly membersPerBridge: number
  readonly mostBridges: number
  /** Segment 1 is the second bridge. */
  objects(network: NetworkIntent, segment: number, facts: Facts): readonly KernelObject[]
}

export interface Driver {
  readonly name: DriverName
  parseOptions(network: Omit<NetworkIntent, 'parsed'>, facts: Facts): BridgeOptions | undefined
  /** @throws invalid-option. Absent: the driver's endpoints have no options, or it has no endpoints. */
  parseEndpointOptions?(options: Readonly<Record<string, string>>): EndpointOptions
  /** Absent: its networks have no bridge, or any number of members. */
  readonly growth?: Growth
  /** With those of its segments. */
  networkObjects(network: NetworkIntent, facts: Facts): readonly KernelObject[]
  sandboxObjects(sandbox: SandboxIntent): readonly KernelObject[]
  endpointObjects(network: NetworkIntent, endpoint: EndpointIntent, sandbox: SandboxIntent, facts: Facts): readonly KernelObject[]
  /** What the host has of an endpoint whose sandbox is another runtime's; absent: nothing. */
  foreignObjects?(network: NetworkIntent, endpoint: EndpointIntent, facts: EndpointFacts): readonly KernelObject[]
  /** Sentences for the user about an endpoint that is made all the same: a wildcard port without its [::1] part, for one. */
  endpointWarnings?(network: NetworkIntent, endpoint: EndpointIntent, facts: EndpointFacts): readonly string[]
}
