/**
 * Networks of CNI, of which nobody keeps a record but by the interfaces that are attached to them: each is drawn from what these have in
 * common. Pure.
 */
import { parseCidr, parseInterfaceAddress, subnetOf } from '../address/cidr.ts'
import type { PublishObject } from '../objects/firewall.ts'
import type { KernelObject } from '../objects/object.ts'
import { missingOf, rulesOf, sumOf } from './kernel-state.ts'
import type { BridgeNode, EndpointNode, NetworkNode, PortNode } from './model.ts'
import type { Observation, ObservedAttachment, ObservedLink } from './observation.ts'

interface Index extends Pick<Observation, 'attachments' | 'missing' | 'counters'> { readonly link: ReadonlyMap<string, ObservedLink> }

/** By name; loopback interfaces and their like, which connect nothing, are left out. */
export function attachedNetworks(index: Index): readonly NetworkNode[] {
  const interfaces = [...Map.groupBy(index.attachments, ({ network, container, ifname }) => `${network}/${container}/${ifname}`).values()]
    .flatMap(parts => mergedOf(parts)).filter(({ objects }) => objects.some(({ kind }) => kind === 'veth' || kind === 'publish'))
  return [...Map.groupBy(interfaces, ({ network }) => network)].toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(([name, members]) => networkNode(name, members, { ...index, interfaces }))
}

interface Drawing extends Index { readonly interfaces: readonly ObservedAttachment[] }

/** One interface: the plugins of a chain have made it together, each its part. */
function mergedOf(parts: readonly ObservedAttachment[]): readonly ObservedAttachment[] {
  const [first] = parts
  return first === undefined ? [] : [{ ...first, objects: parts.flatMap(({ objects }) => objects), shared: parts.flatMap(({ shared }) => shared) }]
}

function networkNode(name: string, members: readonly ObservedAttachment[], drawing: Drawing): NetworkNode {
  const shared = distinct(members.flatMap(member => member.shared))
  return {
    id: '', name, driver: 'cni', internal: false, labels: {}, bridge: bridgeNode(members, shared, drawing), subnets: subnetsOf(members),
    endpoints: members.map(member => endpointNode(member, drawing)).toSorted((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
    rules: shared.flatMap(object => rulesOf(object, drawing.counters)).toSorted((a, b) => a.family - b.family),
    missing: missingOf(shared, drawing.missing),
  }
}

function bridgeNode(members: readonly ObservedAttachment[], shared: readonly KernelObject[], { link }: Drawing): BridgeNode | null {
  const name = members.flatMap(member => vethOf(member)?.master ?? [])[0]
  if (name === undefined) return null
  const found = link.get(name)
  return {
    name, mtu: found?.mtu ?? 0, up: found?.up ?? false, icc: true, masquerade: shared.some(({ kind }) => kind === 'masquerade'),
    gatewayModes: { ipv4: 'nat', ipv6: 'nat' }, statistics: found?.statistics ?? null, segments: [],
  }
}

function subnetsOf(members: readonly ObservedAttachment[]): NetworkNode['subnets'] {
  const gateways = new Map(members.flatMap(({ objects }) => objects).flatMap(object =>
    object.kind === 'route' && object.via !== undefined ? [[object.family, object.via]] : []))
  const cidrs = new Set(members.flatMap(member => addressesOf(member).map(({ cidr }) => subnetOf(cidr))))
  return [...cidrs].map(cidr => ({ family: parseCidr(cidr).family, cidr }))
    .map(({ family, cidr }) => ({ family, cidr, gateway: gateways.get(family) ?? null })).toSorted((a, b) => a.family - b.family)
}

function endpointNode(member: ObservedAttachment, { interfaces, link, missing, counters }: Drawing): EndpointNode {
  const { network, container, ifname, netns, objects } = member
  const veth = vethOf(member)
  const found = veth === undefined ? undefined : link.get(veth.host)
  return {
    id: `${network}/${container}/${ifname}`, name: container, container: { id: container, name: container, image: '' }, namespace: netns, sharedBy: [],
    link: veth === undefined ? null : {
      host: veth.host, container: veth.peer, segment: null, mac: veth.mac, mtu: found?.mtu ?? veth.mtu ?? 0, up: found?.up ?? false,
      statistics: found?.statistics ?? null,
    },
    addresses: addressesOf(member), gatewayFor: gatewaysOf(member),
    defaultRoutes: interfaces.filter(other => other.container === container)
      .flatMap(other => gatewaysOf(other).map(family => ({ family, network: other.network }))).toSorted((a, b) => a.family - b.family),
    ports: portsOf(objects.filter(object => object.kind === 'publish'), { missing, counters }),
    missing: missingOf(objects, missing),
  }
}

/** Both families of a port as one. */
function portsOf(objects: readonly PublishObject[], { missing, counters }: Pick<Drawing, 'missing' | 'counters'>): readonly PortNode[] {
  return [...Map.groupBy(objects, ({ protocol, hostIp, host, container }) => JSON.stringify([protocol, hostIp, host, container])).values()]
    .flatMap(group => group.slice(0, 1).map(({ protocol, hostIp, host, container }) => ({
      protocol, hostIp: hostIp ?? null, hostPorts: host, containerPorts: container,
      ...sumOf(group.flatMap(object => counters.get(object) ?? [])), missing: group.some(object => missing.has(object)),
    })))
}

function vethOf({ objects }: ObservedAttachment): Extract<KernelObject, { kind: 'veth' }> | undefined {
  return objects.find(object => object.kind === 'veth')
}

function addressesOf({ objects, ifname }: ObservedAttachment): EndpointNode['addresses'] {
  return objects.flatMap(object => object.kind === 'address' && object.on === ifname ? [{ family: parseInterfaceAddress(object.cidr).ip.family, cidr: object.cidr }] : [])
}

function gatewaysOf({ objects }: ObservedAttachment): EndpointNode['gatewayFor'] {
  return objects.flatMap(object => object.kind === 'route' && object.to === 'default' ? [object.family] : [])
}

/** Every record has its own copy of what is shared; the first one stands for all. */
function distinct(objects: readonly KernelObject[]): readonly KernelObject[] {
  return [...new Map(objects.toReversed().map(object => [JSON.stringify(object), object])).values()].toReversed()
}
