import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import { formatCidr, parseCidr } from '../../../address/cidr.ts'
import { formatIp, parseIp } from '../../../address/ip.ts'
import { isTsnetError } from '../../../errors/error.ts'
import {
  allocateAddress, releaseAddress, reserveAddress, reservedFor, usableAddresses, type AddressPool,
} from '../../../ipam/allocator.ts'
import type { IpamStore } from '../../../ipam/ipam-store.ts'
import { openIpamStore } from '../../../store/ipam-store.ts'
import { openStore } from '../../../store/store.ts'
import { MemoryIpamStore } from '../../helpers/memory-ipam-store.ts'

const poolOf = (cidr: string, range?: string): AddressPool =>
  ({ key: cidr, cidr: parseCidr(cidr), ...range === undefined ? {} : { range: parseCidr(range) } })
const holder = (name: string): { id: string, name: string } => ({ id: `id-${name}`, name })
const take = (pool: AddressPool, name: string, store: IpamStore): string => formatIp(allocateAddress(pool, holder(name), store))
const giveBack = (pool: AddressPool, address: string, name: string, store: IpamStore): void =>
  releaseAddress(pool, parseIp(address), `id-${name}`, store)

test('addresses are handed out next after the last, and come back to a stranger last', t => {
  const store = new MemoryIpamStore()
  const pool = poolOf('10.0.0.0/29')
  reserveAddress(pool, parseIp('10.0.0.1'), { id: 'net', name: reservedFor('gateway') }, store)
  t.is(take(pool, 'a', store), '10.0.0.2')
  t.is(take(pool, 'b', store), '10.0.0.3')
  giveBack(pool, '10.0.0.3', 'b', store)
  giveBack(pool, '10.0.0.2', 'a', store)
  t.deepEqual(['c', 'd', 'e'].map(name => take(pool, name, store)), ['10.0.0.4', '10.0.0.5', '10.0.0.6'])
  t.is(take(pool, 'f', store), '10.0.0.3', 'released longest ago')
  t.is(take(pool, 'g', store), '10.0.0.2')
  t.throws(() => take(pool, 'h', store), { code: 'address-pool-exhausted',
    message: 'allocate address: 10.0.0.0/29 has no free address left (6 usable, 6 in use with the gateway and reserved ones): '
      + 'the network itself (gateway), endpoint "g", endpoint "f", endpoint "c", endpoint "d", endpoint "e"' })
})

test('an endpoint gets its own address back by name', t => {
  const store = new MemoryIpamStore()
  const pool = poolOf('10.0.0.0/24')
  take(pool, 'a', store)
  const mine = take(pool, 'web', store)
  giveBack(pool, mine, 'web', store)
  t.not(take(pool, 'b', store), mine)
  t.is(take(pool, 'web', store), mine)
})

test('a static address that is taken names its holder, and a released one may be had', t => {
  const store = new MemoryIpamStore()
  const pool = poolOf('10.0.0.0/24')
  reserveAddress(pool, parseIp('10.0.0.1'), { id: 'net', name: reservedFor('gateway') }, store)
  reserveAddress(pool, parseIp('10.0.0.9'), holder('db'), store)
  t.throws(() => reserveAddress(pool, parseIp('10.0.0.9'), holder('x'), store),
    { code: 'address-in-use', message: 'reserve address 10.0.0.9: it is taken by endpoint "db"' })
  t.throws(() => reserveAddress(pool, parseIp('10.0.0.1'), holder('x'), store),
    { message: 'reserve address 10.0.0.1: it is taken by the network itself (gateway)' })
  giveBack(pool, '10.0.0.9', 'db', store)
  reserveAddress(pool, parseIp('10.0.0.9'), holder('x'), store)
  t.is(store.getLease(pool.key, '10.0.0.9')?.holder, 'id-x')
})

test('an address outside the subnet, and its edges, are refused with the reason', t => {
  const store = new MemoryIpamStore()
  const reserve = (cidr: string, address: string): void => reserveAddress(poolOf(cidr), parseIp(address), holder('x'), store)
  t.throws(() => reserve('10.0.0.0/24', '10.0.1.1'), { code: 'invalid-address', message: /outside the subnet 10\.0\.0\.0\/24$/ })
  t.throws(() => reserve('10.0.0.0/24', 'fd00::1'), { code: 'invalid-address' })
  t.throws(() => reserve('10.0.0.0/24', '10.0.0.0'), { message: /network address/ })
  t.throws(() => reserve('10.0.0.0/24', '10.0.0.255'), { message: /broadcast address/ })
  t.throws(() => reserve('fd00::/64', 'fd00::'), { message: /network address/ })
  t.notThrows(() => reserve('fd00::/64', 'fd00::ffff:ffff:ffff:ffff'))
  t.notThrows(() => reserve('10.0.0.0/31', '10.0.0.0'))
})

test('/31, /32, /127 and /128 have no network and broadcast address', t => {
  const usable = (cidr: string): bigint => { const { first, last } = usableAddresses(parseCidr(cidr)); return last - first + 1n }
  t.deepEqual(['10.0.0.0/30', '10.0.0.0/31', '10.0.0.0/32', 'fd00::/126', 'fd00::/127', 'fd00::/128'].map(usable),
    [2n, 2n, 1n, 3n, 2n, 1n])
})

test('dynamic addresses keep to the range, static ones need not, and are forgotten there', t => {
  const store = new MemoryIpamStore()
  const pool = poolOf('10.0.0.0/24', '10.0.0.64/30')
  t.deepEqual(['a', 'b', 'c', 'd'].map(name => take(pool, name, store)), ['10.0.0.64', '10.0.0.65', '10.0.0.66', '10.0.0.67'])
  t.throws(() => take(pool, 'e', store), { code: 'address-pool-exhausted',
    message: /the range 10\.0\.0\.64\/30 of 10\.0\.0\.0\/24 has no free address left \(4 usable/ })
  reserveAddress(pool, parseIp('10.0.0.9'), holder('s'), store)
  giveBack(pool, '10.0.0.9', 's', store)
  t.is(store.getLease(pool.key, '10.0.0.9'), undefined)
  t.throws(() => take(pool, 's', store), { code: 'address-pool-exhausted' })
})

test('a /64 costs what its endpoints cost', t => {
  const store = new MemoryIpamStore()
  const pool = poolOf('fd00::/64')
  reserveAddress(pool, parseIp('fd00::ffff:ffff:ffff:0'), holder('far'), store)
  t.is(take(pool, 'a', store), 'fd00::1')
  t.is(store.blocks.size, 2)
  t.true([...store.blocks.values()].every(bits => bits.length <= 512))
})

test('a /64 remembers no more than 4096 addresses', t => {
  const root = mkdtempSync(join(tmpdir(), 'tsnet-ipam-'))
  t.teardown(() => rmSync(root, { recursive: true }))
  using database = openStore(root)
  database.write(tx => {
    const store = openIpamStore(tx.connection)
    const pool = poolOf('fd00::/64')
    for (let i = 0; i < 4200; i++) giveBack(pool, take(pool, `n${i}`, store), `n${i}`, store)
    t.is(store.count(pool.key).released, 4096)
    t.is(store.getLease(pool.key, 'fd00::1'), undefined, 'the oldest is forgotten')
    t.is(take(pool, 'n4199', store), 'fd00::1068', 'the youngest is not')
  })
})

test('releasing what is not held is nothing', t => {
  const store = new MemoryIpamStore()
  const pool = poolOf('10.0.0.0/24')
  const address = take(pool, 'a', store)
  giveBack(pool, address, 'b', store)
  t.false(store.getLease(pool.key, address)?.released)
  giveBack(pool, address, 'a', store)
  giveBack(pool, address, 'a', store)
  giveBack(pool, '10.0.0.77', 'a', store)
  t.true(store.getLease(pool.key, address)?.released)
  t.is(store.count(pool.key).released, 1)
})

interface Step { readonly verb: 'allocate' | 'reserve' | 'release', readonly name: number, readonly offset: number }
const steps = fc.array(fc.record({
  verb: fc.constantFrom<Step['verb']>('allocate', 'allocate', 'reserve', 'release'), name: fc.nat(40), offset: fc.nat(40),
}), { maxLength: 120 })
const pools = fc.constantFrom(['10.0.0.0/28'], ['10.0.0.0/27', '10.0.0.8/30'], ['10.0.0.0/31'], ['10.0.0.4/32'], ['fd00::/124'],
  ['fd00::/64'], ['10.0.0.0/16'])

/** A naive allocator: sets and lists, searched from one end to the other. */
function naive(pool: AddressPool) {
  const { first, last } = usableAddresses(pool.cidr, pool.range)
  const all = usableAddresses(pool.cidr)
  const held = new Map<bigint, string>()
  let memory: { value: bigint, name: string }[] = []
  let cursor: bigint | undefined
  const dynamic = (value: bigint): boolean => value >= first && value <= last
  const forget = (value: bigint): void => { memory = memory.filter(entry => entry.value !== value) }
  const hold = (value: bigint, name: string): bigint => { forget(value); held.set(value, name); return value }
  const fresh = (value: bigint): boolean => !held.has(value) && !memory.some(entry => entry.value === value)
  return {
    held,
    allocate(name: string): bigint | undefined {
      const mine = memory.findLast(entry => entry.name === name)
      if (mine !== undefined) return hold(mine.value, name)
      const inRange = cursor !== undefined && cursor >= first && cursor < last
      for (let value = inRange ? (cursor ?? 0n) + 1n
        : first; value <= last; value++) if (fresh(value)) return hold(cursor = value, name)
      for (let value = first; value <= last && held.size
        + memory.length > 0; value++) if (fresh(value)) return hold(cursor = value, name)
      return memory[0] === undefined ? undefined : hold(memory[0].value, name)
    },
    reserve(value: bigint, name: string): boolean {
      if (value < all.first || value > all.last || held.has(value)) return false
      hold(value, name)
      return true
    },
    release(value: bigint, name: string): void {
      if (held.get(value) !== name) return
      held.delete(value)
      if (dynamic(value)) memory.push({ value, name })
    },
  }
}

function agreesWithModel(store: IpamStore, pool: AddressPool, run: readonly Step[]): boolean {
  const model = naive(pool)
  for (const { verb, name, offset } of run) {
    const who = holder(`n${name}`)
    const value = pool.cidr.first + BigInt(offset)
    const ip = { family: pool.cidr.family, value }
    if (verb === 'allocate') {
      let got: bigint | undefined
      try { got = allocateAddress(pool, who, store).value } catch (error) { if (!isTsnetError(error,
        'address-pool-exhausted')) throw error }
      const wanted = model.allocate(who.name)
      if (got !== wanted) throw new Error(`allocate ${who.name}: ${got} instead of ${wanted}`)
    } else if (verb === 'reserve') {
      let done = true
      try { reserveAddress(pool, ip, who, store) } catch (error) { if (!isTsnetError(error)) throw error; done = false }
      if (done !== model.reserve(value, who.name)) throw new Error(`reserve ${formatIp(ip)}: ${done}`)
    } else {
      releaseAddress(pool, ip, who.id, store)
      model.release(value, who.name)
    }
    if (store.count(pool.key).used !== model.held.size) throw new Error('count')
  }
  return true
}

test('the allocator does what a naive model does, whatever the order of calls', t => {
  fc.assert(fc.property(pools, steps, ([cidr, range], run) =>
    agreesWithModel(new MemoryIpamStore(), poolOf(cidr!, range), run)), { numRuns: 200 })
  t.pass()
})

test('the allocator does the same with its memory in the database', t => {
  const root = mkdtempSync(join(tmpdir(), 'tsnet-ipam-'))
  t.teardown(() => rmSync(root, { recursive: true }))
  using store = openStore(root)
  let round = 0
  fc.assert(fc.property(pools, steps, ([cidr, range], run) => {
    const pool = { ...poolOf(cidr!, range), key: `${round++}` }
    return store.write(tx => agreesWithModel(openIpamStore(tx.connection), pool, run))
  }), { numRuns: 100 })
  store.write(tx => {
    const ipam = openIpamStore(tx.connection)
    const pool = poolOf('10.9.0.0/24')
    take(pool, 'a', ipam)
    ipam.deleteSubnet(pool.key)
    t.deepEqual(ipam.count(pool.key), { used: 0, released: 0 })
    t.is(ipam.getCursor(pool.key), undefined)
    t.is(take(pool, 'b', ipam), '10.9.0.1')
    t.is(formatCidr(pool.cidr), '10.9.0.0/24')
  })
})

test('an exhausted pool of many names the first of them and counts the rest', t => {
  const store = new MemoryIpamStore()
  const pool = poolOf('10.0.0.0/26')
  for (let i = 0; i < 62; i++) take(pool, `n${i}`, store)
  t.throws(() => take(pool, 'late', store), { message: /62 in use .*: endpoint "n0", .*endpoint "n7" and 54 more$/ })
})
