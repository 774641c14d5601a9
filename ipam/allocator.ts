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
import { type IpamStore, type Lease, keptPrefix } from './ipam-store.ts'

export interface AddressPool {
  /** Key of the subnet in the store. */
  readonly key: string
  readonly cidr: Cidr
  /** `--ip-range`: where addresses are chosen; static ones may lie outside it. */
  readonly range?: Cidr
  /** Who has an address, in words, where somebody knows better than its lease. */
  readonly holderOf?: (address: string) => string | undefined
}

/** An endpoint; `keeper` is the id of the container that it belongs to, whose kept addresses it may take. */
export interface Holder { readonly id: string, readonly name: string, readonly keeper?: string }

/** In subnets too large to remember every address, so many are remembered. */
const maxRemembered = 4096
/** Holders that the message of an exhausted pool names. */
const maxShown = 8

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
  const fresh = claimFresh(pool, store)
  if (fresh !== undefined) {
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
  const isOwn = taken !== undefined && isKept(taken) && taken.holder === holder.keeper
  if (taken !== undefined && !taken.released && !isOwn) {
    throw new TsnetError('address-in-use', `reserve address ${address}: it is taken by ${describeHolder(pool, taken)}`,
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
  const excess = store.countReleased(pool.key) - maxRemembered
  for (const old of excess > 0 ? store.listReleased(pool.key, excess) : []) forget(pool, old.address, store)
}

/** As `releaseAddress`, but the address waits for the next endpoint of the same keeper: nobody else gets it. */
export function keepAddress(pool: AddressPool, ip: IpAddress, { id, name, keeper }: Required<Holder>, store: IpamStore): void {
  const held = store.getLease(pool.key, formatIp(ip))
  if (held === undefined || held.released || held.holder !== id) return
  store.putLease(pool.key, { address: held.address, holder: keeper, name: `${keptPrefix}${name}`, released: false })
}

/** Takes back an address that was kept: it is free, and remembered as that name's. */
export function releaseKept(pool: AddressPool, { address, holder, name }: Lease, store: IpamStore): void {
  store.putLease(pool.key, { address, holder, name: name.slice(keptPrefix.length), released: false })
  releaseAddress(pool, parseIp(address), holder, store)
}

function isKept({ name }: Lease): boolean {
  return name.startsWith(keptPrefix)
}

/** Marks what a lease is reserved for, instead of an endpoint: `reserved for the gateway`. */
export function reservedFor(purpose: string): string {
  return `reserved:${purpose}`
}

function describeHolder(pool: AddressPool, { address, name }: Lease): string {
  const known = pool.holderOf?.(address)
  if (known !== undefined) return known
  if (name.startsWith(keptPrefix)) return `container "${name.slice(keptPrefix.length)}", which does not run; removing that frees it`
  const purpose = name.startsWith('reserved:') ? name.slice('reserved:'.length) : undefined
  return purpose === undefined ? `endpoint "${name}"` : `the network itself (${purpose})`
}

function isDynamic(pool: AddressPool, ip: IpAddress): boolean {
  const { first, last } = usableAddresses(pool.cidr, pool.range)
  return ip.value >= first && ip.value <= last
}

/** The next address after the last one handed out that nobody has or is remembered to have had; it is marked in the bitmap. */
function claimFresh(pool: AddressPool, store: IpamStore): bigint | undefined {
  const usable = usableAddresses(pool.cidr, pool.range)
  const first = usable.first - pool.cidr.first
  const last = usable.last - pool.cidr.first
  if (first > last) return undefined
  const cursor = store.getCursor(pool.key)
  const from = cursor === undefined || cursor < first || cursor >= last ? first : cursor + 1n
  const bitmap = new Bitmap(store, pool.key)
  const offset = bitmap.claim(from, last) ?? bitmap.claim(first, from - 1n)
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
  const holders = store.listUsed(pool.key, maxShown).map(held => describeHolder(pool, held).replace(/; removing.*/, ''))
  const others = used > holders.length ? ` and ${used - holders.length} more` : ''
  return new TsnetError('address-pool-exhausted',
    `allocate address: ${where} has no free address left (${size} usable, ${used} in use ${pool.range === undefined ? '' : 'in the whole subnet '}`
    + `with the gateway and reserved ones): ${holders.join(', ')}${others}`, { data: { subnet: formatCidr(pool.cidr), size: String(size), used } })
}
