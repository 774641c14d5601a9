import test from 'ava'
import fc from 'fast-check'
import { cidrOf, formatCidr, overlaps, parseCidr, sizeOf, type Cidr } from '../../../address/cidr.ts'
import {
  chooseSubnet, defaultNetworkPools, refuseOverlap, ulaPools, ulaPrefix, userNetworkPools, type TakenSubnet,
} from '../../../ipam/pools.ts'

const taken = (...cidrs: string[]): TakenSubnet[] => cidrs.map(text =>
  ({ cidr: parseCidr(text), by: `the route to ${text} dev eth0` }))
const choose = (...cidrs: string[]): string => formatCidr(chooseSubnet(userNetworkPools, taken(...cidrs)))

test('the default pools give 3840 networks and then say what is in the way', t => {
  const all = userNetworkPools.flatMap(({ base, prefix }) =>
    Array.from({ length: Number(sizeOf(base) / 256n) }, (_, i): Cidr =>
      ({ family: 4, first: base.first + BigInt(i) * 256n, prefix })))
  const networks = all.map((cidr, i): TakenSubnet => ({ cidr, by: `network "${i}"` }))
  t.is(networks.length, 3840)
  t.throws(() => chooseSubnet(userNetworkPools, networks),
    { code: 'subnet-pool-exhausted',
      message: /3840 networks and routes are in the way, the largest: network "0" with 172\.18\.0\.0\/24; .*\); make a network with a --subnet of your choice$/ })
  const vpn = taken('172.16.0.0/12', '192.168.0.0/16')
  t.throws(() => chooseSubnet(userNetworkPools, vpn), { message: /the largest: the route to 172\.16\.0\.0\/12 dev eth0 with 172\.16\.0\.0\/12; / })
  const one = taken('172.16.0.0/12')
  t.throws(() => chooseSubnet(userNetworkPools.slice(0, 1), one), { message: /\(in the way is the route to 172\.16\.0\.0\/12 dev eth0 with 172\.16\.0\.0\/12\); / })
  for (const free of [0, 1, 511, 512, 2000, 3839]) {
    t.deepEqual(chooseSubnet(userNetworkPools, networks.toSpliced(free, 1)), all[free])
    t.deepEqual(chooseSubnet(userNetworkPools, networks.slice(0, free)), all[free])
  }
})

test('a subnet is chosen around every route, wide or narrow', t => {
  t.is(choose(), '172.18.0.0/24')
  t.is(choose('172.18.0.0/24'), '172.18.1.0/24')
  t.is(choose('172.18.0.77/32'), '172.18.1.0/24')
  t.is(choose('172.18.0.0/16'), '172.19.0.0/24')
  t.is(choose('172.16.0.0/12'), '192.168.0.0/24')
  t.is(choose('172.18.1.0/24', '10.0.0.0/8'), '172.18.0.0/24')
  t.is(choose('172.18.0.128/25', '172.18.2.0/23', '172.18.1.0/30'), '172.18.4.0/24')
})

test('the default network has 172.17.0.0/16, or the next free', t => {
  t.is(formatCidr(chooseSubnet(defaultNetworkPools, [])), '172.17.0.0/16')
  t.is(formatCidr(chooseSubnet(defaultNetworkPools, taken('172.17.0.0/16'))), '172.18.0.0/16')
  t.is(formatCidr(chooseSubnet(defaultNetworkPools, taken('172.17.0.0/16', '172.18.5.0/24'))), '172.19.0.0/16')
  t.is(formatCidr(chooseSubnet(defaultNetworkPools, taken('172.16.0.0/12'))), '192.168.0.0/24')
})

test('IPv6 networks are /64s of the host\'s own prefix', t => {
  const prefix = ulaPrefix('0123456789')
  t.is(formatCidr(prefix), 'fd01:2345:6789::/48')
  t.is(formatCidr(chooseSubnet(ulaPools(prefix), [])), 'fd01:2345:6789::/64')
  t.is(formatCidr(chooseSubnet(ulaPools(prefix), [{ cidr: parseCidr('fd01:2345:6789::/64'), by: '' }])), 'fd01:2345:6789:1::/64')
})

test('what is chosen is the lowest that is free, as a search from the start finds', t => {
  const base = parseCidr('10.0.0.0/24')
  const block = fc.tuple(fc.nat(400), fc.integer({ min: 22, max: 32 }))
    .map(([offset, prefix]): Cidr => cidrOf({ ip: { family: 4, value: base.first - 50n + BigInt(offset) }, prefix }))
  fc.assert(fc.property(fc.array(block, { maxLength: 20 }), fc.integer({ min: 24, max: 30 }), (blocks, prefix) => {
    const size = sizeOf({ family: 4, first: 0n, prefix })
    const candidates = Array.from({ length: Number(256n / size) }, (_, i): Cidr =>
      ({ family: 4, first: base.first + BigInt(i) * size, prefix }))
    const wanted = candidates.find(candidate => !blocks.some(other => overlaps(other, candidate)))
    const find = (): Cidr => chooseSubnet([{ base, prefix }], blocks.map(cidr => ({ cidr, by: 'x' })))
    if (wanted === undefined) t.throws(find, { code: 'subnet-pool-exhausted' })
    else t.deepEqual(find(), wanted)
  }), { numRuns: 500 })
})

test('an overlap is refused with what it overlaps', t => {
  t.throws(() => refuseOverlap(parseCidr('10.1.0.0/16'), taken('10.0.0.0/8')),
    { code: 'subnet-overlap', message: 'use subnet 10.1.0.0/16: it overlaps the route to 10.0.0.0/8 dev eth0' })
  t.notThrows(() => refuseOverlap(parseCidr('11.0.0.0/8'), taken('10.0.0.0/8')))
})
