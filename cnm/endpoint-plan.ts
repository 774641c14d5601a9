/**
 * Endpoints of a sandbox, from what was asked for to records with addresses; inside the transaction that keeps the addresses.
 */
import { formatInterfaceAddress } from '../address/cidr.ts'
import { familyOf, parseIp } from '../address/ip.ts'
import { canonicalMac, macOfIp } from '../address/mac.ts'
import { TsnetError } from '../errors/error.ts'
import { allocateAddress, keepAddress, releaseAddress, releaseKept, reserveAddress, type AddressPool, type Holder } from '../ipam/allocator.ts'
import type { Facts } from '../objects/facts.ts'
import type { Family } from '../objects/firewall.ts'
import type { Context } from './context.ts'
import type { EndpointSpec } from './controller-api.ts'
import type { EndpointIntent, EndpointOptions, SandboxIntent } from './driver.ts'
import { portsOfGateway } from './gateways.ts'
import { hostInterfaceName } from './names.ts'
import { linkLocalAddresses } from './link-local.ts'
import { addressPool, readPoolKey } from './network-plan.ts'
import { overlapWarnings } from './overlaps.ts'
import { addMember } from './segments.ts'
import { endpointKeys, type StateTransaction, type StateView } from './state-store.ts'
import type { EndpointId, EndpointRecord, NetworkId, NetworkRecord, SandboxId } from './types.ts'

/** An endpoint as asked for, its network found and its part as a gateway known. */
export interface PreparedEndpoint {
  readonly spec: Omit<EndpointSpec, 'ports'>
  readonly network: NetworkRecord
  readonly gatewayFor: readonly Family[]
}

export interface PlannedEndpoint {
  readonly endpoint: EndpointRecord
  readonly network: NetworkRecord
  readonly warnings: readonly string[]
}

interface Place {
  readonly sandbox: SandboxIntent
  readonly facts: Facts
  /** Names of the interfaces that the sandbox has. */
  readonly taken: readonly string[]
}

/** Writes the records, state `creating`. @throws address-in-use, address-pool-exhausted, invalid-address, name-in-use */
export function planEndpoints(
  context: Context, tx: StateTransaction, prepared: readonly PreparedEndpoint[], place: Place,
): readonly PlannedEndpoint[] {
  const options = prepared.map(item => optionsOf(context, item))
  // A name that was asked for goes before one that tsnet chooses.
  const taken = [...place.taken, ...options.flatMap(({ interfaceName }) => interfaceName ?? [])]
  refuseTwice(taken)
  return prepared.map((item, i) => {
    const { interfaceName = freeInterfaceName(item.network, taken), sysctls } = options[i] ?? { sysctls: [] }
    taken.push(interfaceName)
    const endpoint = intend(context, tx, item, { sandbox: place.sandbox, interfaceName, sysctls })
    const driver = context.drivers[item.network.driver]
    const objects = driver.endpointObjects(item.network, endpoint, place.sandbox, place.facts)
    const record: EndpointRecord = { ...endpoint, state: 'creating', owner: context.owner, bootId: context.bootId, objects }
    tx.endpoints.insert(endpointKeys(record), record)
    const warnings = [...driver.endpointWarnings?.(item.network, endpoint, place.facts) ?? [], ...overlapWarnings(item.network, place.facts)]
    return { endpoint: record, network: item.network, warnings }
  })
}

/**
 * Refuses bad endpoint options before a network is made for their sake; only the bridge driver's networks have endpoints.
 * @throws invalid-option
 */
export function checkEndpointOptions({ drivers }: Context, specs: readonly PreparedEndpoint['spec'][]): void {
  for (const { options = {} } of specs) drivers.bridge.parseEndpointOptions?.(options)
}

function optionsOf({ drivers }: Context, { spec, network }: PreparedEndpoint): EndpointOptions {
  const { options = {} } = spec
  const parsed = drivers[network.driver].parseEndpointOptions?.(options)
  if (parsed !== undefined || Object.keys(options).length === 0) return parsed ?? { sysctls: [] }
  throw new TsnetError('invalid-option', `attach "${spec.name}" to network "${network.name}": its driver has no endpoint options`)
}

function refuseTwice(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice === undefined) return
  throw new TsnetError('invalid-option', `name interface "${twice}": the container has an interface of that name already`,
    { data: { interfaceName: twice } })
}

type Inside = EndpointOptions & { readonly sandbox: SandboxIntent, readonly interfaceName: string }

function intend(
  context: Context, tx: StateTransaction, { spec, network, gatewayFor }: PreparedEndpoint,
  { sandbox, interfaceName, sysctls }: Inside,
): EndpointIntent {
  const id = context.newId() as EndpointId
  const addresses = allocateAll(tx, network, spec, { id, name: spec.name, keeper: sandbox.id })
  const first = addresses[0]
  if (first === undefined) {
    throw new TsnetError('internal-error', `attach "${spec.name}" to network "${network.name}": it has no subnet`)
  }
  const { gwPriority, aliases = [], options = {} } = spec
  const linkLocal = linkLocalAddresses(tx, network, spec.linkLocal ?? [])
  const segment = addMember(tx, network, context.drivers[network.driver].growth)
  const fixed = addresses.map(({ family }) => family).filter(family => (family === 4 ? spec.ip : spec.ip6) !== undefined)
  return {
    id, networkId: network.id, sandboxId: sandbox.id, name: spec.name, interfaceName,
    hostInterface: hostInterfaceName(id),
    mac: spec.mac === undefined ? macOfIp(parseIp(addressOnly(first.cidr))) : canonicalMac(spec.mac),
    addresses, ports: portsOfGateway(sandbox.ports ?? [], network, gatewayFor), gatewayFor,
    ...fixed.length === 0 ? {} : { fixed },
    ...linkLocal.length === 0 ? {} : { linkLocal },
    ...segment === 0 ? {} : { segment },
    ...gwPriority === undefined || gwPriority === 0 ? {} : { gwPriority },
    ...aliases.length === 0 ? {} : { aliases },
    ...spec.nameservers === undefined ? {} : { nameservers: spec.nameservers },
    ...Object.keys(options).length === 0 ? {} : { options },
    ...sysctls.length === 0 ? {} : { sysctls: sysctls.map(({ key, value }) => ({ key: key.replace('IFNAME', interfaceName), value })) },
  }
}

type EndpointAddress = EndpointRecord['addresses'][number]

/** An address for each of the network's subnets: those asked for, or free ones. */
export function allocateAll(
  tx: StateTransaction, network: NetworkRecord, spec: PreparedEndpoint['spec'], holder: Holder,
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

function refuseForeignAddress(network: NetworkRecord, spec: PreparedEndpoint['spec']): void {
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

/** Gives the addresses of an endpoint back, or keeps those that were asked for; success where its network is gone. */
export function releaseAddresses(tx: StateTransaction, endpoint: EndpointRecord, keepsFixed = false): void {
  const { id, name, sandboxId: keeper } = endpoint
  for (const { family, cidr } of endpoint.addresses) {
    const pool = findPool(tx, endpoint.networkId, family)
    if (pool === undefined) continue
    const ip = parseIp(addressOnly(cidr))
    if (keepsFixed && endpoint.fixed?.includes(family) === true) keepAddress(pool, ip, { id, name, keeper }, tx.ipam)
    else releaseAddress(pool, ip, id, tx.ipam)
  }
}

/** Gives up what was kept for a sandbox: on `only`, or everywhere. */
export function releaseKeptAddresses(tx: StateTransaction, keeper: SandboxId, only?: NetworkId): void {
  for (const { subnet, lease } of tx.ipam.listKept(keeper)) {
    const { networkId, family } = readPoolKey(subnet)
    if (only !== undefined && networkId !== only) continue
    const pool = findPool(tx, networkId, family)
    if (pool !== undefined) releaseKept(pool, lease, tx.ipam)
  }
}

function findPool(view: StateView, networkId: NetworkId, family: Family): AddressPool | undefined {
  const subnet = view.networks.get(networkId)?.subnets.find(candidate => candidate.family === family)
  return subnet === undefined ? undefined : addressPool(networkId, subnet)
}

/** `eth0`, `eth1`, …: the first that is free. The others keep their names when one goes. */
function freeInterfaceName({ parsed }: NetworkRecord, taken: readonly string[]): string {
  const prefix = parsed?.interfacePrefix ?? 'eth'
  let index = 0
  while (taken.includes(`${prefix}${index}`)) index++
  return `${prefix}${index}`
}

function addressOnly(cidr: string): string {
  return cidr.slice(0, cidr.indexOf('/'))
}
