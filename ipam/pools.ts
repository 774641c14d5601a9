/**
 * Subnets that tsnet chooses itself: where they are taken from, and how the next free one is found.
 *
 * Docker cuts its ranges into 31 networks of up to 65 534 addresses; a bridge has 1023 ports, so here a network gets a /24 and
 * the same ranges make 3840 networks. Everything the host has a route to is left out, VPNs included, and so are all other
 * networks.
 */
import { type Cidr, formatCidr, lastOf, overlaps, parseCidr } from '../address/cidr.ts'
import { bitsOf } from '../address/ip.ts'
import { TsnetError } from '../errors/error.ts'

/** A subnet that may not be used, and who has it, in words: `network "blue"`, `the route to 10.0.0.0/8 dev eth0`. */
export interface TakenSubnet { readonly cidr: Cidr, readonly by: string }

/** Where a kind of network gets its subnet from, in order of preference. */
export interface SubnetPool { readonly base: Cidr, readonly prefix: number }

/** Holders of subnets that the message of exhausted pools names. */
const maxShown = 4

const pool = (base: string, prefix: number): SubnetPool => ({ base: parseCidr(base), prefix })

/** The default network's: Docker's own where it is free. */
export const defaultNetworkPools: readonly SubnetPool[] = [
  pool('172.17.0.0/16', 16), pool('172.18.0.0/15', 16), pool('172.20.0.0/14', 16), pool('172.24.0.0/13', 16),
  pool('192.168.0.0/16', 24),
]

/** User networks': Docker's default ranges but 172.17.0.0/16, which is kept for the default network. */
export const userNetworkPools: readonly SubnetPool[] = [
  pool('172.18.0.0/15', 24), pool('172.20.0.0/14', 24), pool('172.24.0.0/13', 24), pool('192.168.0.0/16', 24),
]

/** /64s of the host's own unique local prefix (RFC 4193). */
export function ulaPools(prefix: Cidr): readonly SubnetPool[] {
  return [{ base: prefix, prefix: 64 }]
}

/** The host's unique local /48 from 40 random bits. @throws invalid-subnet where they are not 10 hexadecimal digits */
export function ulaPrefix(randomHex: string): Cidr {
  const [a, b, c] = [randomHex.slice(0, 2), randomHex.slice(2, 6), randomHex.slice(6, 10)]
  return parseCidr(`fd${a}:${b}:${c}::/48`)
}

/**
 * The lowest subnet of the pools that overlaps nothing taken: a walk over sorted intervals, n log n in what is taken.
 * @throws subnet-pool-exhausted
 */
export function chooseSubnet(pools: readonly SubnetPool[], taken: readonly TakenSubnet[]): Cidr {
  for (const { base, prefix } of pools) {
    const size = 1n << BigInt(bitsOf(base.family) - prefix)
    const inWay = taken.filter(({ cidr }) => overlaps(cidr, base)).map(({ cidr }) => ({ first: cidr.first, last: lastOf(cidr) }))
      .toSorted((a, b) => a.first < b.first ? -1 : a.first > b.first ? 1 : 0)
    let first = base.first
    for (const other of inWay) {
      if (other.last < first) continue
      if (other.first >= first + size) break
      // The next subnet boundary after what is in the way.
      first = base.first + (other.last - base.first) / size * size + size
    }
    if (first + size - 1n <= lastOf(base)) return { family: base.family, first, prefix }
  }
  const count = inPools(pools, taken).length
  const ranges = pools.map(({ base }) => formatCidr(base)).join(', ')
  throw new TsnetError('subnet-pool-exhausted',
    `choose subnet: no subnet is free in ${ranges} (${count === 1 ? 'in the way is' : `${count} networks and routes are in the way, the largest:`} `
    + `${largest(pools, taken)}); make a network with a --subnet of your choice`, { data: { ranges } })
}

/** @throws subnet-overlap naming what it overlaps */
export function refuseOverlap(cidr: Cidr, taken: readonly TakenSubnet[]): void {
  const other = taken.find(candidate => overlaps(candidate.cidr, cidr))
  if (other === undefined) return
  throw new TsnetError('subnet-overlap', `use subnet ${formatCidr(cidr)}: it overlaps ${other.by}`,
    { data: { subnet: formatCidr(cidr), overlaps: formatCidr(other.cidr) } })
}

function inPools(pools: readonly SubnetPool[], taken: readonly TakenSubnet[]): readonly TakenSubnet[] {
  return taken.filter(({ cidr }) => pools.some(({ base }) => overlaps(cidr, base)))
}

function largest(pools: readonly SubnetPool[], taken: readonly TakenSubnet[]): string {
  return inPools(pools, taken).toSorted((a, b) => a.cidr.prefix - b.cidr.prefix).slice(0, maxShown)
    .map(({ cidr, by }) => by.startsWith(formatCidr(cidr)) ? by : `${by} with ${formatCidr(cidr)}`).join('; ')
}
