/**
 * Subnets and addresses that another runtime asks for, before it says what for.
 *
 * It may ask twice: because an answer was lost, or after a start, for all that it has written down. It may also ask for what somebody else
 * has. Nothing in the request tells which, so the record does: a subnet is asked for again when the runtime has started since, or when
 * nothing has been done with it yet; an address, when it has started since, or when no endpoint has it.
 */
import { formatCidr, formatInterfaceAddress, parseCidr, parseInterfaceAddress, type Cidr } from '../address/cidr.ts'
import { isUnspecified, parseIp, formatIp } from '../address/ip.ts'
import { TsnetError } from '../errors/error.ts'
import { allocateAddress, releaseAddress, reserveAddress, reservedFor, type AddressPool, type Holder } from '../ipam/allocator.ts'
import { checkSubnet } from '../ipam/explicit-subnet.ts'
import { chooseSubnet, refuseOverlap, userNetworkPools, ulaPools, type SubnetPool, type TakenSubnet } from '../ipam/pools.ts'
import type { Facts } from '../objects/facts.ts'
import type { Context } from './context.ts'
import type { AddressSpec, PoolSpec } from './foreign-api.ts'
import { generationOf } from './foreign-endpoints.ts'
import { dockerDefault, hostPrefix, takenSubnets } from './network-plan.ts'
import type { StateTransaction, StateView } from './state-store.ts'
import type { PoolRecord } from './types.ts'

/** For how long what nobody uses is kept: the runtime may be about to. */
const patienceMs = 60_000
const everything = Number.MAX_SAFE_INTEGER

export class ForeignPools {
  readonly #context: Context
  readonly #now: () => number

  constructor(context: Context, now: () => number) {
    this.#context = context
    this.#now = now
  }

  /** @throws invalid-subnet, subnet-overlap, subnet-pool-exhausted */
  async request(spec: PoolSpec): Promise<{ readonly id: string, readonly cidr: string }> {
    const wanted = await readSpec(spec)
    const facts = wanted.subnet === undefined ? await this.#context.facts() : undefined
    return this.#context.store.write(tx => {
      this.#dropUnused(tx)
      const cidr = wanted.subnet ?? formatCidr(this.#choose(tx, spec, wanted.prefix, facts))
      const id = [spec.space, cidr, ...wanted.ipRange === undefined ? [] : [wanted.ipRange]].join('/')
      const present = tx.pools.get(id)
      if (present !== undefined && !this.#isAskedAgain(tx, present)) throw overlap(cidr, present)
      refuseOverlap(parseCidr(cidr), [...ownSubnets(tx), ...tx.pools.list().filter(other => other.id !== id && other.space === spec.space).map(asTaken)])
      const record: PoolRecord = {
        id, space: spec.space, cidr, generation: generationOf(tx), since: this.#now(),
        ...wanted.ipRange === undefined ? {} : { ipRange: wanted.ipRange },
      }
      tx.pools.put({ id }, record)
      return { id, cidr }
    })
  }

  release(id: string): void {
    this.#context.store.write(tx => {
      tx.ipam.deleteSubnet(id)
      tx.pools.delete(id)
    })
  }

  requestAddress(poolId: string, spec: AddressSpec): string {
    return this.#context.store.write(tx => {
      const record = tx.pools.get(poolId)
      if (record === undefined) throw new TsnetError('pool-not-found', `request address: there is no pool "${poolId.slice(0, 80)}"`)
      const pool = namedPool(tx, record)
      const holder: Holder = { id: `${generationOf(tx)}/${this.#now()}`, name: nameOf(spec, this.#context.newId()) }
      if (spec.address !== undefined) return this.#reserve(tx, record, spec.address, holder)
      const own = spec.gateway === true ? gatewayOf(tx, record) : undefined
      if (own !== undefined) return formatInterfaceAddress(parseIp(own), pool.cidr)
      try {
        return formatInterfaceAddress(allocateAddress(pool, holder, tx.ipam), pool.cidr)
      } catch (error) {
        if (this.#reclaim(tx, record) === 0) throw error
        return formatInterfaceAddress(allocateAddress(pool, holder, tx.ipam), pool.cidr)
      }
    })
  }

  /** Success where it is not taken, or there is no such pool. */
  releaseAddress(poolId: string, address: string): void {
    this.#context.store.write(tx => {
      const record = tx.pools.get(poolId)
      if (record === undefined) return
      const ip = parseIp(address)
      const lease = tx.ipam.getLease(poolId, formatIp(ip))
      if (lease !== undefined) releaseAddress(addressPool(record), ip, lease.holder, tx.ipam)
    })
  }

  #reserve(tx: StateTransaction, record: PoolRecord, address: string, holder: Holder): string {
    const pool = namedPool(tx, record)
    const ip = parseIp(address)
    const lease = tx.ipam.getLease(record.id, formatIp(ip))
    if (lease?.released === false && this.#isOwn(tx, record, lease, holder)) releaseAddress(pool, ip, lease.holder, tx.ipam)
    reserveAddress(pool, ip, holder, tx.ipam)
    return formatInterfaceAddress(ip, pool.cidr)
  }

  /** Whether who asks for a taken address is who has it. */
  #isOwn(view: StateView, record: PoolRecord, lease: { readonly holder: string, readonly name: string, readonly address: string }, asking: Holder): boolean {
    const reserved = lease.name === reservedFor('gateway') || asking.name === reservedFor('gateway')
    if (reserved) return lease.name === asking.name
    if (Number(lease.holder.split('/')[0]) < generationOf(view)) return true
    const network = networkOf(view, record)
    return network !== undefined && !network.members.has(lease.address) && !network.auxiliary.has(lease.address)
  }

  #isAskedAgain(view: StateView, present: PoolRecord): boolean {
    return present.generation < generationOf(view) || view.ipam.listUsed(present.id, 1).length === 0
  }

  /** Pools that were asked for and then given up without a word. */
  #dropUnused(tx: StateTransaction): void {
    for (const record of tx.pools.list()) {
      if (tx.ipam.listUsed(record.id, 1).length > 0 || networkOf(tx, record) !== undefined || this.#now() - record.since < patienceMs) continue
      tx.ipam.deleteSubnet(record.id)
      tx.pools.delete(record.id)
    }
  }

  /** Frees addresses that the runtime took and then forgot, where tsnet knows who uses which: on its own driver's networks. */
  #reclaim(tx: StateTransaction, record: PoolRecord): number {
    const network = networkOf(tx, record)
    if (network === undefined) return 0
    const pool = addressPool(record)
    const forgotten = tx.ipam.listUsed(record.id, everything).filter(({ address, holder, name }) => !network.members.has(address)
      && !network.auxiliary.has(address) && !name.startsWith(reservedFor('')) && this.#now() - Number(holder.split('/')[1]) >= patienceMs)
    for (const { address, holder } of forgotten) releaseAddress(pool, parseIp(address), holder, tx.ipam)
    return forgotten.length
  }

  #choose(tx: StateTransaction, { family }: PoolSpec, prefix: number | undefined, facts: Facts | undefined): Cidr {
    const pools: readonly SubnetPool[] = family === 4 ? userNetworkPools : ulaPools(hostPrefix(this.#context, tx))
    const sized = prefix === undefined ? pools : pools.filter(({ base }) => base.prefix <= prefix).map(({ base }) => ({ base, prefix }))
    const routes = facts === undefined ? [] : [...takenSubnets(tx.summaries(), facts), ...dockerDefault(facts)]
    return chooseSubnet(sized, [...routes, ...tx.pools.list().map(asTaken)])
  }
}

async function readSpec(spec: PoolSpec): Promise<{ readonly subnet?: string, readonly prefix?: number, readonly ipRange?: string }> {
  const { family, subnet, ipRange } = spec
  if (subnet === undefined) {
    if (ipRange === undefined) return {}
    throw new TsnetError('invalid-subnet', 'read --ip-range: it needs a --subnet that it is in')
  }
  const { ip, prefix } = parseInterfaceAddress(subnet)
  if (ip.family !== family) throw new TsnetError('invalid-subnet', `use subnet ${subnet}: it is no IPv${family} subnet`)
  if (isUnspecified(ip) && prefix > 0) return { prefix }
  const { cidr, ...rest } = await checkSubnet({ subnet, ...ipRange === undefined ? {} : { ipRange } })
  return { subnet: cidr, ...rest.ipRange === undefined ? {} : { ipRange: rest.ipRange } }
}

/** The runtime's network in a pool's subnet: what its endpoints have, and what nobody may have; each address with who has it, in words. */
function networkOf(view: StateView, { cidr }: PoolRecord): { readonly members: ReadonlyMap<string, string>, readonly auxiliary: ReadonlyMap<string, string> } | undefined {
  const network = view.networks.list().find(({ foreign, subnets }) => foreign !== undefined && subnets.some(subnet => subnet.cidr === cidr))
  if (network === undefined) return undefined
  const members = view.endpoints.list({ parent: network.id })
    .flatMap(({ name, addresses }) => addresses.map(one => [formatIp(parseInterfaceAddress(one.cidr).ip), `endpoint "${name}"`] as const))
  const auxiliary = network.subnets.flatMap(({ gateway, auxAddresses }) => [
    ...gateway === undefined ? [] : [[gateway, 'the network itself (gateway)'] as const],
    ...Object.entries(auxAddresses).map(([name, address]) => [address, `the network itself (auxiliary address ${name})`] as const),
  ])
  return { members: new Map(members), auxiliary: new Map(auxiliary) }
}

function gatewayOf(view: StateView, { id }: PoolRecord): string | undefined {
  return view.ipam.listUsed(id, everything).find(({ name }) => name === reservedFor('gateway'))?.address
}

function nameOf({ gateway, name }: AddressSpec, random: string): string {
  if (gateway === true) return reservedFor('gateway')
  // Without a name, every request is a stranger's: it gets an address that nobody had lately.
  return name === undefined || name === '' ? `docker ${random.slice(0, 12)}` : name
}

function addressPool({ id, cidr, ipRange }: PoolRecord): AddressPool {
  return { key: id, cidr: parseCidr(cidr), ...ipRange === undefined ? {} : { range: parseCidr(ipRange) } }
}

/** A request does not say whose it is; the network on the pool knows. */
function namedPool(view: StateView, record: PoolRecord): AddressPool {
  let network: ReturnType<typeof networkOf>
  const holderOf = (address: string): string | undefined => {
    network ??= networkOf(view, record)
    return network?.members.get(address) ?? network?.auxiliary.get(address)
  }
  return { ...addressPool(record), holderOf }
}

/** Of tsnet's own networks. */
function ownSubnets(view: StateView): readonly TakenSubnet[] {
  return view.networks.list().filter(({ foreign }) => foreign === undefined)
    .flatMap(({ name, subnets }) => subnets.map(({ cidr }) => ({ cidr: parseCidr(cidr), by: `network "${name}"` })))
}

function asTaken({ cidr }: PoolRecord): TakenSubnet {
  return { cidr: parseCidr(cidr), by: `the subnet ${cidr} of another network of Docker` }
}

function overlap(cidr: string, { cidr: other }: PoolRecord): TsnetError {
  return new TsnetError('subnet-overlap', `use subnet ${cidr}: another network of Docker has it`, { data: { subnet: cidr, overlaps: other } })
}

