/**
 * Routes of the host that lead to addresses of a network of ours. New networks keep clear of them; a route that comes later (a VPN's, say)
 * cannot be kept away: an event tells of it (overlap-log.ts), and every command that has to do with the network. Pure.
 */
import { type Cidr, containsCidr, overlaps, parseCidr } from '../address/cidr.ts'
import type { TakenSubnet } from '../ipam/pools.ts'
import type { Facts } from '../objects/facts.ts'
import type { Family } from '../objects/firewall.ts'
import type { NetworkSummary } from './state-store.ts'
import type { NetworkRecord } from './types.ts'

export interface ForeignRoute extends TakenSubnet { readonly text: string }

/**
 * The routes of the host, of some families, without those that the networks' bridges have made: to a subnet, and to single addresses of it,
 * which are all that is left of a bridge that somebody has set down.
 */
export function foreignRoutes(networks: readonly NetworkSummary[], facts: Pick<Facts, 'routes'>, families: readonly Family[] = [4, 6]): readonly ForeignRoute[] {
  const own = new Map(networks.flatMap(({ subnets, bridgeName }) => bridgeName === undefined ? [] : [[bridgeName, subnets] as const]))
  const isOwn = ({ cidr, dev }: Facts['routes'][Family][number]): boolean =>
    own.get(dev)?.some(subnet => subnet === cidr || containsCidr(parseCidr(subnet), parseCidr(cidr))) === true
  return families.flatMap(family => facts.routes[family]).filter(route => !isOwn(route)).map(({ cidr, dev }) => {
    const text = `${cidr}${dev === '' ? '' : ` dev ${dev}`}`
    return { cidr: parseCidr(cidr), by: `${text}, a route of the host`, text }
  })
}

/** A sentence for each route that overlaps a subnet of the network. */
export function overlapWarnings({ name, subnets, parsed }: Pick<NetworkRecord, 'name' | 'subnets' | 'parsed'>, facts: Facts): readonly string[] {
  const own = subnets.map(({ cidr }) => ({ cidr: parseCidr(cidr), text: cidr }))
  const summary = { name, subnets: own.map(({ text }) => text), ...parsed === undefined ? {} : { bridgeName: parsed.bridgeName } }
  const families = [...new Set(subnets.map(({ family }) => family))]
  return foreignRoutes([summary], facts, families).flatMap(route => own.filter(({ cidr }) => overlaps(cidr, route.cidr)).map(({ cidr, text }) =>
    `network "${name}" with ${text} overlaps ${route.by} that came after it; ${loserOf(cidr, route.cidr)}`))
}

/** The kernel takes the longer prefix. */
function loserOf(own: Cidr, other: Cidr): string {
  if (own.prefix > other.prefix) return 'what that route leads to cannot be reached at the addresses of the network'
  if (own.prefix < other.prefix) return 'containers with addresses of that route cannot be reached'
  return 'which of the two a packet takes is decided by their metrics'
}
