/**
 * Hands out the addresses of one subnet.
 *
 * Order of choice: the address this name had last; the next never used one after the one handed out last; the one released
 * longest ago. So an address comes back to its container after a restart, and to a stranger as late as can be: neighbour
 * caches, DNS answers and open connections of others have died by then. Static addresses and the gateway are leases like the
 * rest.
 *
 * The network and broadcast addresses are never handed out; a /31 (RFC 3021), /127 (RFC 6164) and a single address have none.
 */
import { type Cidr, containsIp, formatCidr, lastOf } from '../address/cidr.ts'
import { type IpAddress, bitsOf, formatIp, parseIp } from '../address/ip.ts'
import { TsnetError } from '../errors/error.ts'
import { Bitmap } from './bitmap.ts'
import type { IpamStore } from './ipam-store.ts'

export interface AddressPool {
  /** Key of the subnet in the store. */
  readonly key: string
  readonly cidr: Cidr
  /** `--ip-range`: where addresses are chosen; static ones may lie outside it. */
  readonly range?: Cidr
}

export interface Holder { readonly id: string, readonly name: string }

/** In subnets too large to remember every address, so many are remembered. */
const maxRemembered = 4096

/** The addresses that a host can have, as values from first to last; `range` narrows it. */
export function usableAddresses(cidr: Cidr, range: Cidr = cidr): { readonly first: bigint, readonly last: bigint } {
  const hostBits = bitsOf(cidr.family) - cidr.prefix
  const first = hostBits < 2 ? cidr.first : cidr.first + 1n
  const last = hostBits < 2 || cidr.family === 6 ? lastOf(cidr) : lastOf(cidr) - 1n
  return { first: range.first > first ? range.first : first, last: lastOf(range) < last ? lastOf(range) : last }
}

/** Chooses an address for `holder`. @throws address-pool-exhausted with the counts */
export function allocateAddress(pool: AddressPool, holder: Holder, store: IpamStore): IpAddress {
  const remembered = store.findReleased(pool.key, holder.name)
  if (remembered !== undefined && isDynamic(pool, parseIp(remembered.address))) {
    return lease(pool, parseIp(remembered.address), holder, store)
  }
  const fresh = findFresh(pool, store)
  if (fresh !== undefined) {
    new Bitmap(store, pool.key).set(fresh - pool.cidr.first)
    store.setCursor(pool.key, fresh - pool.cidr.first)
    return lease(pool, { family: pool.cidr.family, value: fresh }, holder, store)
  }
  const oldest = store.listReleased(pool.key, 1)[0]
  if (oldest === undefined) throw exhausted(pool, store)
  return lease(pool, parseIp(oldest.address), holder, store)
}

/** Gives `holder` this very address. @throws invalid-address outside the subnet, address-in-use naming who has it */
export function reserveAddress(pool: AddressPool, ip: IpAddress, holder: Holder, store: IpamStore): void {
  const address = formatIp(ip)
  const subnet = formatCidr(pool.cidr)
  const usable = usableAddresses(pool.cidr)
  if (!containsIp(pool.cidr, ip)) {
    throw new TsnetError('invalid-address', `reserve address ${address}: it is outside the subnet ${subnet}`,
      { data: { address, subnet } })
  }
  if (ip.value < usable.first || ip.value > usable.last) {
    throw new TsnetError('invalid-address',
      `reserve address ${address}: it is the ${ip.value < usable.first ? 'network' : 'broadcast'} `
      + `address of ${subnet}`, { data: { address, subnet } })
  }
  const taken = store.getLease(pool.key, address)
  if (taken !== undefined && !taken.released) {
    throw new TsnetError('address-in-use', `reserve address ${address}: it is taken by ${describeHolder(taken.name)}`,
      { data: { address, holder: taken.holder, name: taken.name } })
  }
  if (taken === undefined) new Bitmap(store, pool.key).set(ip.value - pool.cidr.first)
  lease(pool, ip, holder, store)
}

/** Takes the address back from the holder; success where the holder does not have it (any more). */
export function releaseAddress(pool: AddressPool, ip: IpAddress, holderId: string, store: IpamStore): void {
  const address = formatIp(ip)
  const held = store.getLease(pool.key, address)
  if (held === undefined || held.released || held.holder !== holderId) return
  if (!isDynamic(pool, ip)) return forget(pool, address, store)
  store.releaseLease(pool.key, address)
  if (bitsOf(pool.cidr.family) - pool.cidr.prefix <= 16) return
  const excess = store.count(pool.key).released - maxRemembered
  for (const old of excess > 0 ? store.listReleased(pool.key, excess) : []) forget(pool, old.address, store)
}

/** Marks what a lease is reserved for, instead of an endpoint: `reserved for the gateway`. */
export function reservedFor(purpose: string): string {
  return `reserved:${purpose}`
}

function describeHolder(name: string): string {
  const purpose = name.startsWith('reserved:') ? name.slice('reserved:'.length) : undefined
  return purpose === undefined ? `endpoint "${name}"` : `the network itself (${purpose})`
}

function isDynamic(pool: AddressPool, ip: IpAddress): boolean {
  const { first, last } = usableAddresses(pool.cidr, pool.range)
  return ip.value >= first && ip.value <= last
}

/** The next address after the last one handed out that nobody has or is remembered to have had. */
function findFresh(pool: AddressPool, store: IpamStore): bigint | undefined {
  const usable = usableAddresses(pool.cidr, pool.range)
  const first = usable.first - pool.cidr.first
  const last = usable.last - pool.cidr.first
  if (first > last) return undefined
  const cursor = store.getCursor(pool.key)
  const from = cursor === undefined || cursor < first || cursor >= last ? first : cursor + 1n
  const bitmap = new Bitmap(store, pool.key)
  const offset = bitmap.findClear(from, last) ?? bitmap.findClear(first, from - 1n)
  return offset === undefined ? undefined : pool.cidr.first + offset
}

function lease(pool: AddressPool, ip: IpAddress, holder: Holder, store: IpamStore): IpAddress {
  store.putLease(pool.key, { address: formatIp(ip), holder: holder.id, name: holder.name, released: false })
  return ip
}

function forget(pool: AddressPool, address: string, store: IpamStore): void {
  store.deleteLease(pool.key, address)
  new Bitmap(store, pool.key).clear(parseIp(address).value - pool.cidr.first)
}

function exhausted(pool: AddressPool, store: IpamStore): TsnetError {
  const { first, last } = usableAddresses(pool.cidr, pool.range)
  const { used } = store.count(pool.key)
  const size = last < first ? 0n : last - first + 1n
  const where = pool.range === undefined ? formatCidr(pool.cidr)
    : `the range ${formatCidr(pool.range)} of ${formatCidr(pool.cidr)}`
  return new TsnetError('address-pool-exhausted',
    `allocate address: ${where} has no free address left (${size} usable, ${used} in use `
    + 'with the gateway and reserved ones)', { data: { subnet: formatCidr(pool.cidr), size: String(size), used } })
}
