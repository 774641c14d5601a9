/**
 * From what was asked for to the record of a network: options read, subnets chosen, objects listed.
 *
 * `checkNetwork` does what may take its time (before the transaction), `planNetwork` the rest inside it: what it finds free there
 * is its own when the transaction ends.
 */
import { formatCidr, parseCidr, type Cidr } from '../address/cidr.ts'
import { formatIp, parseIp } from '../address/ip.ts'
import { TsnetError } from '../errors/error.ts'
import { reserveAddress, reservedFor, usableAddresses, type AddressPool } from '../ipam/allocator.ts'
import { checkSubnet, type ExplicitSubnet } from '../ipam/explicit-subnet.ts'
import {
  chooseSubnet, defaultNetworkPools, refuseOverlap, ulaPools, ulaPrefix, userNetworkPools, type TakenSubnet,
} from '../ipam/pools.ts'
import type { Facts } from '../objects/facts.ts'
import type { Family } from '../objects/firewall.ts'
import type { Context } from './context.ts'
import type { NetworkSpec } from './controller-api.ts'
import type { Driver, NetworkIntent } from './driver.ts'
import { factsBeforeTsnet } from './forwarding.ts'
import { checkName, defaultNetworkName } from './names.ts'
import { foreignRoutes } from './overlaps.ts'
import { refusePredefined } from './predefined.ts'
import type { NetworkSummary, StateTransaction } from './state-store.ts'
import type { BridgeOptions, NetworkId, NetworkRecord, Subnet } from './types.ts'

export interface CheckedNetwork {
  readonly spec: NetworkSpec
  readonly driver: Driver
  readonly families: readonly Family[]
  readonly subnets: readonly ExplicitSubnet[]
}

/** @throws invalid-name, predefined-network, invalid-argument, conflicting-options, invalid-subnet, invalid-address */
export async function checkNetwork(context: Context, spec: NetworkSpec): Promise<CheckedNetwork> {
  refusePredefined('create', spec.name)
  checkName('network', spec.name)
  const driver = driverOf(context, spec)
  if (driver.name === 'none') return { spec, driver, families: [], subnets: [] }
  const subnets = await Promise.all((spec.subnets ?? []).map(checkSubnet))
  const given = (family: Family): readonly ExplicitSubnet[] => subnets.filter(subnet => subnet.family === family)
  const wanted: Record<Family, boolean> = { 4: spec.enableIPv4 ?? true, 6: spec.enableIPv6 ?? given(6).length > 0 }
  const families = ([4, 6] as const).filter(family => wanted[family])
  const refuse = (code: 'conflicting-options' | 'invalid-subnet', reason: string): TsnetError =>
    new TsnetError(code, `create network "${spec.name}": ${reason}`)
  if (families.length === 0) throw refuse('conflicting-options', 'it has neither IPv4 nor IPv6')
  for (const family of [4, 6] as const) {
    if (given(family).length > 1) throw refuse('invalid-subnet', `it takes one IPv${family} subnet, not ${given(family).length}`)
    if (given(family).length > 0 && !wanted[family]) {
      throw refuse('conflicting-options', `it has an IPv${family} subnet and no IPv${family} (${family === 6 ? '--ipv6 is missing' : '--ipv4=false'})`)
    }
  }
  return { spec, driver, families, subnets }
}

function driverOf(context: Context, spec: NetworkSpec): Driver {
  const name = spec.driver ?? 'bridge'
  const drivers: Readonly<Record<string, Driver>> = context.drivers
  const driver = Object.hasOwn(drivers, name) ? drivers[name] : undefined
  if (driver === undefined || driver.name === 'container') {
    throw new TsnetError('invalid-argument',
      `create network "${spec.name}": there is no driver "${name.slice(0, 80)}"; use bridge`)
  }
  if (driver.name === 'host' || driver.name === 'none' && spec.foreign === undefined) {
    throw new TsnetError('predefined-network',
      `create network "${spec.name}": there is one network of driver ${driver.name}, named ${driver.name}`)
  }
  return driver
}

/** The record, state `creating`, with its gateway and auxiliary addresses reserved in the same transaction. */
export function planNetwork(context: Context, tx: StateTransaction, checked: CheckedNetwork, hostFacts: Facts): NetworkRecord {
  const { spec, driver } = checked
  const facts = factsBeforeTsnet(tx, hostFacts, context.bootId)
  const base = {
    id: spec.foreign?.id ?? context.newId() as NetworkId, name: spec.name, driver: driver.name, created: context.clock.now(), subnets: [],
    internal: spec.internal ?? false, ...spec.attachable === true ? { attachable: true } : {}, enableIPv4: checked.families.includes(4), enableIPv6: checked.families.includes(6),
    labels: spec.labels ?? {}, options: spec.options ?? {},
    ...spec.foreign === undefined ? {} : { foreign: { runtime: spec.foreign.runtime, addressSpaces: spec.foreign.addressSpaces } },
  }
  const parsed = driver.parseOptions(base, facts)
  refuseTaken(tx, base.name)
  const others = tx.summaries()
  refuseSameBridge(others, base.name, parsed)
  const taken = takenSubnets(others, facts)
  const subnets = checked.families.map(family => withGateway(chooseFor(context, tx, { checked, family, taken, facts }), parsed))
  const intent: NetworkIntent = { ...base, subnets, parsed }
  reserveOwnAddresses(tx, intent)
  const objects = driver.networkObjects(intent, facts)
  return { ...intent, state: 'creating', owner: context.owner, bootId: context.bootId, objects }
}

/** After the options were read: what is wrong with them is wrong under any name. */
function refuseTaken(tx: StateTransaction, name: string): void {
  const other = tx.networks.findByName(name)
  if (other === undefined) return
  throw new TsnetError('name-in-use', `create network "${name}": network ${other.id.slice(0, 12)} has this name`,
    { data: { id: other.id } })
}

interface Choice {
  readonly checked: CheckedNetwork
  readonly family: Family
  readonly taken: readonly TakenSubnet[]
  readonly facts: Facts
}

function chooseFor(context: Context, tx: StateTransaction, { checked, family, taken, facts }: Choice): Subnet {
  const explicit = checked.subnets.find(subnet => subnet.family === family)
  if (explicit !== undefined) {
    refuseOverlap(parseCidr(explicit.cidr), taken)
    return explicit
  }
  const poolsV4 = checked.spec.name === defaultNetworkName ? defaultNetworkPools : userNetworkPools
  const pools = family === 6 ? ulaPools(hostPrefix(context, tx)) : poolsV4
  return { family, cidr: formatCidr(chooseSubnet(pools, [...taken, ...dockerDefault(facts)])), auxAddresses: {} }
}

/** Docker's own default network comes back when dockerd starts, whether its route is there now or not. */
export function dockerDefault(facts: Facts): readonly TakenSubnet[] {
  return facts.dockerInstalled ? [{ cidr: parseCidr('172.17.0.0/16'), by: 'the default network of Docker' }] : []
}

/** This host's unique local prefix: random once, the same ever after. */
export function hostPrefix(context: Context, tx: StateTransaction): Cidr {
  const stored = tx.meta.get('ula-prefix')
  if (stored !== undefined) return parseCidr(stored)
  const prefix = ulaPrefix(context.newId().slice(0, 10))
  tx.meta.set('ula-prefix', formatCidr(prefix))
  return prefix
}

/** The networks' own, and the routes of the host but for those that the networks' bridges have made. */
export function takenSubnets(others: readonly NetworkSummary[], facts: Facts): readonly TakenSubnet[] {
  const networks = others.flatMap(({ name, subnets }) => subnets.map(cidr => ({ cidr: parseCidr(cidr), by: `network "${name}"` })))
  return [...networks, ...foreignRoutes(others, facts)]
}

/** The first usable address of the range that is not spoken for; none where the host is to have no address in the network. */
function withGateway(subnet: Subnet, parsed: BridgeOptions | undefined): Subnet {
  const mode = subnet.family === 4 ? parsed?.gatewayModeV4 : parsed?.gatewayModeV6
  if (mode === 'isolated') {
    const { gateway: _none, ...rest } = subnet
    return rest
  }
  if (subnet.gateway !== undefined) return subnet
  const cidr = parseCidr(subnet.cidr)
  const { first, last } = usableAddresses(cidr, subnet.ipRange === undefined ? cidr : parseCidr(subnet.ipRange))
  const aux = new Set(Object.values(subnet.auxAddresses))
  for (let value = first; value <= last; value++) {
    const gateway = formatIp({ family: subnet.family, value })
    if (!aux.has(gateway)) return { ...subnet, gateway }
  }
  throw new TsnetError('address-pool-exhausted',
    `choose gateway: all addresses of ${subnet.ipRange ?? subnet.cidr} are auxiliary ones`)
}

/** The gateway and the auxiliary addresses, so that no endpoint gets them. */
export function reserveOwnAddresses(tx: StateTransaction, network: NetworkIntent): void {
  for (const subnet of network.subnets) {
    const pool = addressPool(network.id, subnet)
    const reserve = (address: string, purpose: string): void =>
      reserveAddress(pool, parseIp(address), { id: network.id, name: reservedFor(purpose) }, tx.ipam)
    if (subnet.gateway !== undefined) reserve(subnet.gateway, 'gateway')
    for (const [name, address] of Object.entries(subnet.auxAddresses)) reserve(address, `auxiliary address ${name}`)
  }
}

/** What the allocator calls the subnet. */
export function addressPool(networkId: NetworkId, subnet: Subnet): AddressPool {
  return {
    key: `${networkId}/${subnet.family}`, cidr: parseCidr(subnet.cidr),
    ...subnet.ipRange === undefined ? {} : { range: parseCidr(subnet.ipRange) },
  }
}

/** The network and family of a pool's key. */
export function readPoolKey(key: string): { readonly networkId: NetworkId, readonly family: Family } {
  const slash = key.lastIndexOf('/')
  return { networkId: key.slice(0, slash) as NetworkId, family: key.endsWith('/6') ? 6 : 4 }
}

function refuseSameBridge(others: readonly NetworkSummary[], name: string, parsed: BridgeOptions | undefined): void {
  if (parsed === undefined) return
  const other = others.find(network => network.bridgeName === parsed.bridgeName)
  if (other === undefined) return
  throw new TsnetError('link-exists',
    `create network "${name}": the bridge ${parsed.bridgeName} is that of network "${other.name}"`,
    { data: { link: parsed.bridgeName, network: other.name } })
}
