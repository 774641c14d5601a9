/**
 * Where names are asked for: on the gateway address of a network, and where a network has none (gateway mode `isolated`, or no free port for
 * the resolver), inside each container that has no other network to ask on. Pure.
 */
import type { Attachment } from '../../cnm/controller-api.ts'
import { defaultNetworkName } from '../../cnm/names.ts'
import type { EndpointRecord, NetworkRecord, SandboxRecord } from '../../cnm/types.ts'
import type { Place } from '../../dns/sockets.ts'

/** As Docker's: nothing else of a container listens there, and programs know it. */
const localAddress = '127.0.0.11'
const localPort = 53

/** Whether members of the network find each other by name: on those that somebody made here. Docker's ask Docker. */
export function hasNames({ driver, name, foreign }: Pick<NetworkRecord, 'driver' | 'name' | 'foreign'>): boolean {
  return driver === 'bridge' && name !== defaultNetworkName && foreign === undefined
}

/** On the network's bridge. */
export function placesOf({ id, objects, subnets }: Pick<NetworkRecord, 'id' | 'objects' | 'subnets'>): readonly Place[] {
  return objects.flatMap(object => object.kind === 'resolver' ? [{
    networkId: id, address: object.address, port: object.port, askers: { link: object.bridge, subnets: subnets.map(({ cidr }) => cidr) },
  }] : [])
}

type Membership = Attachment['endpoints'][number]

/** Those of a container on these networks: all on bridges, IPv4 first; else one inside it, where a network has names. */
export function placesFor(memberships: readonly Pick<Membership, 'network'>[], sandbox: Pick<SandboxRecord, 'id' | 'netns' | 'objects'>): readonly Place[] {
  const shared = memberships.flatMap(({ network }) => placesOf(network))
  if (shared.length > 0) return shared.toSorted((a, b) => Number(a.address.includes(':')) - Number(b.address.includes(':')))
  const first = memberships.find(({ network }) => hasNames(network))
  // A namespace that somebody else made (CNI, Docker) has names of its own.
  const isOurs = sandbox.objects.some(({ kind }) => kind === 'netns')
  if (first === undefined || sandbox.netns === undefined || !isOurs) return []
  return [{ networkId: first.network.id, address: localAddress, port: localPort, inside: { sandboxId: sandbox.id, netns: sandbox.netns } }]
}

/** What a container's resolv.conf names. */
export function resolverAddresses({ sandbox, endpoints }: Pick<Attachment, 'sandbox' | 'endpoints'>): readonly string[] {
  return placesFor(endpoints, sandbox).map(({ address }) => address)
}

/** The places inside containers; `sandboxOf` is asked for those alone that may have one. */
export function placesInside(
  networks: readonly NetworkRecord[], endpoints: readonly EndpointRecord[], sandboxOf: (id: EndpointRecord['sandboxId']) => SandboxRecord | undefined,
): readonly Place[] {
  const byId = new Map(networks.map(network => [network.id, { network }]))
  return [...Map.groupBy(endpoints, ({ sandboxId }) => sandboxId)].flatMap(([sandboxId, own]) => {
    const memberships = own.flatMap(({ networkId }) => byId.get(networkId) ?? [])
    if (memberships.length === 0 || memberships.some(({ network }) => placesOf(network).length > 0)) return []
    const sandbox = sandboxOf(sandboxId)
    return sandbox === undefined ? [] : placesFor(memberships, sandbox)
  })
}

