/**
 * The picture of an observation. Pure: the same records and the same kernel give the same picture.
 *
 * The store says what there should be, the kernel what there is; what differs is marked, never left out.
 */
import { familyOf } from '../address/ip.ts'
import type { BridgeOptions, EndpointRecord, NetworkRecord, PortBinding, SandboxRecord } from '../cnm/types.ts'
import type { PublishObject } from '../objects/firewall.ts'
import type { KernelObject } from '../objects/object.ts'
import { attachedNetworks } from './attached.ts'
import type {
  BridgeNode, ContainerNode, EndpointLink, EndpointNode, NetworkNode, PortNode, Topology,
} from './model.ts'
import { missingOf, rulesOf, sumOf } from './kernel-state.ts'
import type { Observation, ObservedLink } from './observation.ts'

export function buildTopology(observation: Observation): Topology {
  const { time, host, networks } = observation
  const index = indexOf(observation)
  return { version: 1, time, host, networks: [...networks.map(network => networkNode(network, index)), ...attachedNetworks(index)] }
}

interface Index extends Observation {
  readonly link: ReadonlyMap<string, ObservedLink>
  readonly container: ReadonlyMap<string, ContainerNode>
  readonly sandbox: ReadonlyMap<string, SandboxRecord>
  readonly byNetwork: ReadonlyMap<string, readonly EndpointRecord[]>
  readonly bySandbox: ReadonlyMap<string, readonly EndpointRecord[]>
  /** Names of the containers in the namespace of another's sandbox. */
  readonly guests: ReadonlyMap<string, readonly string[]>
}

function indexOf(observation: Observation): Index {
  const { links, containers, sandboxes, endpoints } = observation
  const container = new Map(containers.map(one => [one.id, one]))
  const shared = Map.groupBy(sandboxes.filter(({ sharedWith }) => sharedWith !== undefined), ({ sharedWith }) => String(sharedWith))
  return {
    ...observation, container,
    link: new Map(links.map(link => [link.name, link])),
    sandbox: new Map(sandboxes.map(sandbox => [sandbox.id, sandbox])),
    byNetwork: Map.groupBy(endpoints, endpoint => endpoint.networkId),
    bySandbox: Map.groupBy(endpoints, ({ sandboxId }) => sandboxId),
    guests: new Map([...shared].map(([id, guests]) => [id, guests.map(guest => container.get(guest.id)?.name ?? guest.id.slice(0, 12)).toSorted()])),
  }
}

function networkNode(network: NetworkRecord, index: Index): NetworkNode {
  const { id, name, driver, internal, labels, subnets, objects, parsed } = network
  const endpoints = parsed === undefined
    ? index.sandboxes.filter(sandbox => isOnBuiltin(sandbox, network, index)).map(sandbox => bareNode(sandbox, index))
    : (index.byNetwork.get(id) ?? []).map(endpoint => endpointNode(endpoint, parsed, index))
  return {
    id, name, driver, internal, labels,
    bridge: parsed === undefined ? null : bridgeNode(parsed, objects, index),
    subnets: subnets.map(({ family, cidr, gateway }) => ({ family, cidr, gateway: gateway ?? null })),
    endpoints: endpoints.toSorted((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
    rules: objects.flatMap(object => rulesOf(object, index.counters)).toSorted((a, b) => a.family - b.family),
    missing: missingOf(objects, index.missing),
  }
}

/** `none` has those with a namespace of their own and nothing in it. */
function isOnBuiltin(sandbox: SandboxRecord, { driver }: NetworkRecord, index: Index): boolean {
  if (sandbox.sharedWith !== undefined) return false
  return driver === 'host' ? sandbox.driver === 'host' : sandbox.netns !== undefined && !index.bySandbox.has(sandbox.id)
}

function bridgeNode(options: BridgeOptions, objects: readonly KernelObject[], { link }: Index): BridgeNode {
  const { bridgeName, icc, masquerade, gatewayModeV4, gatewayModeV6 } = options
  const found = link.get(bridgeName)
  return {
    name: bridgeName, mtu: found?.mtu ?? options.mtu, up: found?.up ?? false, icc, masquerade,
    gatewayModes: { ipv4: gatewayModeV4, ipv6: gatewayModeV6 }, statistics: found?.statistics ?? null,
    segments: objects.filter(object => object.kind === 'bridge').map(({ name }) => name).filter(name => name !== bridgeName)
      .map(name => ({ name, up: link.get(name)?.up ?? false, statistics: link.get(name)?.statistics ?? null })),
  }
}

function endpointNode(endpoint: EndpointRecord, network: BridgeOptions, index: Index): EndpointNode {
  const { id, name, sandboxId, addresses, gatewayFor, ports, objects } = endpoint
  const sandbox = index.sandbox.get(sandboxId)
  return {
    id, name, addresses, gatewayFor, defaultRoutes: defaultRoutesOf(sandboxId, index),
    container: index.container.get(sandboxId) ?? null,
    namespace: sandbox?.netns ?? null,
    sharedBy: index.guests.get(sandboxId) ?? [],
    link: endpointLink(endpoint, network, index),
    ports: ports.map(binding => portNode(binding, objects, index)),
    missing: missingOf([...sandbox?.objects ?? [], ...objects], index.missing),
  }
}

function defaultRoutesOf(sandboxId: string, { bySandbox, networkNames }: Index): EndpointNode['defaultRoutes'] {
  return (bySandbox.get(sandboxId) ?? [])
    .flatMap(({ gatewayFor, networkId }) => gatewayFor.map(family => ({ family, network: networkNames.get(networkId) ?? networkId.slice(0, 12) })))
    .toSorted((a, b) => a.family - b.family)
}

/** A container on `host` or `none`. */
function bareNode(sandbox: SandboxRecord, index: Index): EndpointNode {
  const container = index.container.get(sandbox.id) ?? null
  return {
    id: '', name: container?.name ?? sandbox.id.slice(0, 12), container, namespace: sandbox.netns ?? null,
    sharedBy: index.guests.get(sandbox.id) ?? [], link: null, addresses: [], gatewayFor: [], defaultRoutes: [], ports: [],
    missing: missingOf(sandbox.objects, index.missing),
  }
}

function endpointLink({ hostInterface, interfaceName, mac, objects }: EndpointRecord, network: BridgeOptions, { link }: Index): EndpointLink {
  const found = link.get(hostInterface)
  const master = objects.find(object => object.kind === 'veth')?.master ?? network.bridgeName
  return {
    host: hostInterface, container: interfaceName, segment: master === network.bridgeName ? null : master, mac, mtu: found?.mtu ?? network.mtu, up: found?.up ?? false,
    statistics: found?.statistics ?? null,
  }
}

function portNode(binding: PortBinding, objects: readonly KernelObject[], index: Index): PortNode {
  const published = objects.filter(object => object.kind === 'publish').filter(object => belongsTo(object, binding))
  return {
    protocol: binding.protocol, hostIp: binding.hostIp ?? null, hostPorts: binding.host, containerPorts: binding.container,
    ...sumOf(published.flatMap(object => index.counters.get(object) ?? [])), missing: published.some(object => index.missing.has(object)),
  }
}

function belongsTo(object: PublishObject, { protocol, hostIp, host, container }: PortBinding): boolean {
  return object.protocol === protocol && object.container.first === container.first && object.container.last === container.last
    && (object.routed === true || object.host.first === host.first && object.host.last === host.last)
    && (hostIp === undefined || object.family === familyOf(hostIp) && (object.hostIp ?? hostIp) === hostIp)
}
