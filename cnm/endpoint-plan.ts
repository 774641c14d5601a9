/**
 * Endpoints of a sandbox, from what was asked for to records with addresses; inside the transaction that keeps the addresses.
 *
 * The first endpoint that can lead out, per family, has the default route.
 */
import { formatInterfaceAddress } from '../address/cidr.ts'
import { familyOf, parseIp } from '../address/ip.ts'
import { canonicalMac, macOfIp } from '../address/mac.ts'
import { TsnetError } from '../errors/error.ts'
import { allocateAddress, releaseAddress, reserveAddress, type Holder } from '../ipam/allocator.ts'
import type { Facts } from '../objects/facts.ts'
import type { Family } from '../objects/firewall.ts'
import type { Context } from './context.ts'
import type { EndpointSpec } from './controller-api.ts'
import type { EndpointIntent, SandboxIntent } from './driver.ts'
import { hostInterfaceName } from './names.ts'
import { addressPool } from './network-plan.ts'
import { endpointKeys, type StateTransaction } from './state-store.ts'
import type { EndpointId, EndpointRecord, NetworkRecord, PortBinding } from './types.ts'

/** An endpoint as asked for, its network found and its ports reserved. */
export interface PreparedEndpoint {
  readonly spec: EndpointSpec
  readonly network: NetworkRecord
  readonly bindings: readonly PortBinding[]
}

export interface PlannedEndpoint {
  readonly endpoint: EndpointRecord
  readonly network: NetworkRecord
  readonly warnings: readonly string[]
}

interface Place { readonly sandbox: SandboxIntent, readonly facts: Facts }

/** Writes the records, state `creating`. @throws address-in-use, address-pool-exhausted, invalid-address, name-in-use */
export function planEndpoints(
  context: Context, tx: StateTransaction, prepared: readonly PreparedEndpoint[], place: Place,
): readonly PlannedEndpoint[] {
  const planned: PlannedEndpoint[] = []
  for (const item of prepared) {
    const endpoint = intend(context, tx, item, { sandbox: place.sandbox, before: planned })
    const driver = context.drivers[item.network.driver]
    const objects = driver.endpointObjects(item.network, endpoint, place.sandbox, place.facts)
    const record: EndpointRecord = { ...endpoint, state: 'creating', owner: context.owner, bootId: context.bootId, objects }
    tx.endpoints.insert(endpointKeys(record), record)
    const warnings = driver.endpointWarnings?.(item.network, endpoint, place.facts) ?? []
    planned.push({ endpoint: record, network: item.network, warnings })
  }
  return planned
}

interface Neighbours { readonly sandbox: SandboxIntent, readonly before: readonly PlannedEndpoint[] }

function intend(
  context: Context, tx: StateTransaction, { spec, network, bindings }: PreparedEndpoint, { sandbox, before }: Neighbours,
): EndpointIntent {
  const id = context.newId() as EndpointId
  const addresses = allocateAll(tx, network, spec, { id, name: spec.name })
  const first = addresses[0]
  if (first === undefined) {
    throw new TsnetError('internal-error', `attach "${spec.name}" to network "${network.name}": it has no subnet`)
  }
  return {
    id, networkId: network.id, sandboxId: sandbox.id, name: spec.name,
    interfaceName: freeInterfaceName(network.parsed?.interfacePrefix ?? 'eth', before),
    hostInterface: hostInterfaceName(id),
    mac: spec.mac === undefined ? macOfIp(parseIp(addressOnly(first.cidr))) : canonicalMac(spec.mac),
    addresses, ports: bindings,
    ...spec.aliases === undefined ? {} : { aliases: spec.aliases },
    ...spec.nameservers === undefined ? {} : { nameservers: spec.nameservers },
    gatewayFor: addresses.map(({ family }) => family).filter(family => leadsOut(network, family)
      && !before.some(({ endpoint }) => endpoint.gatewayFor.includes(family))),
  }
}

type EndpointAddress = EndpointRecord['addresses'][number]

function allocateAll(
  tx: StateTransaction, network: NetworkRecord, spec: EndpointSpec, holder: Holder,
): readonly EndpointAddress[] {
  refuseForeignAddress(network, spec)
  return network.subnets.map(subnet => {
    const pool = addressPool(network.id, subnet)
    const fixed = subnet.family === 4 ? spec.ip : spec.ip6
    const ip = fixed === undefined ? allocateAddress(pool, holder, tx.ipam) : parseIp(fixed)
    if (fixed !== undefined) reserveAddress(pool, ip, holder, tx.ipam)
    return { family: subnet.family, cidr: formatInterfaceAddress(ip, pool.cidr) }
  })
}

function refuseForeignAddress(network: NetworkRecord, spec: EndpointSpec): void {
  const check = (flag: string, address: string | undefined, family: Family): void => {
    if (address === undefined) return
    const refuse = (reason: string): TsnetError => new TsnetError('invalid-address',
      `attach "${spec.name}" to network "${network.name}" with ${flag} `
      + `${address.slice(0, 80)}: ${reason}`)
    parseIp(address)
    if (familyOf(address) !== family) throw refuse(`it is no IPv${family} address`)
    if (!network.subnets.some(subnet => subnet.family === family)) throw refuse(`the network has no IPv${family}`)
  }
  check('--ip', spec.ip, 4)
  check('--ip6', spec.ip6, 6)
}

/** Gives the addresses of an endpoint back; success where its network is gone. */
export function releaseAddresses(tx: StateTransaction, endpoint: EndpointRecord): void {
  const network = tx.networks.get(endpoint.networkId)
  for (const { family, cidr } of endpoint.addresses) {
    const subnet = network?.subnets.find(candidate => candidate.family === family)
    if (subnet === undefined) continue
    releaseAddress(addressPool(endpoint.networkId, subnet), parseIp(addressOnly(cidr)), endpoint.id, tx.ipam)
  }
}

function freeInterfaceName(prefix: string, before: readonly PlannedEndpoint[]): string {
  const taken = new Set(before.map(({ endpoint }) => endpoint.interfaceName))
  let index = 0
  while (taken.has(`${prefix}${index}`)) index++
  return `${prefix}${index}`
}

function leadsOut(network: NetworkRecord, family: Family): boolean {
  return !network.internal && network.subnets.some(subnet => subnet.family === family && subnet.gateway !== undefined)
}

/** Families in which the host's ports lead to an endpoint of the network by NAT, and so have to be held. */
export function natFamilies(network: NetworkRecord): readonly Family[] {
  if (network.internal) return []
  return network.subnets.map(({ family }) => family).filter(family => {
    const mode = family === 4 ? network.parsed?.gatewayModeV4 : network.parsed?.gatewayModeV6
    return mode === 'nat' || mode === 'nat-unprotected'
  })
}

function addressOnly(cidr: string): string {
  return cidr.slice(0, cidr.indexOf('/'))
}
