/** Isolation of a network: a chain, and its places in the maps. Twin: iptables/isolation.ts. */
import type { IsolationObject } from '../../objects/firewall.ts'
import { type Arrival, type ArrivalRule, clampsSegments, fromNetwork, guardsSubnets, hasPublishedPorts, intoNetwork, trustedLinks } from '../objects/isolation.ts'
import { AWAY_CHAIN, hairpinChain, networkChain, ownChain, rawChain } from './layout.ts'
import type { Pieces } from './piece.ts'
import {
  type NftRule, type Statement, clampMss, counter, daddrIn, daddrLocal, established, iifname, linkName, masquerade, ping, portIn, redirected, rule, saddr,
  saddrLocal, verdict,
} from './statement.ts'
import { subnetElements } from './subnet.ts'

export function isolationPieces(object: IsolationObject): Pieces {
  const parts = [filterPieces(object), ...guardsSubnets(object) ? [guardPieces(object), ownPieces(object)] : [], ...hasPublishedPorts(object) ? [hairpinPieces(object)] : []]
  return { chains: parts.flatMap(({ chains }) => chains), maps: parts.flatMap(({ maps }) => maps) }
}

function filterPieces(object: IsolationObject): Pieces {
  const chain = networkChain(object.bridge)
  const key = linkName(object.bridge)
  const clamp = clampsSegments(object) ? [rule('segments that fit', clampMss)] : []
  const rules = intoNetwork(object).map(arrival => rule(comments[arrival.arrival], ...matchOf(arrival, object), counter, verdict({ code: arrival.verdict })))
  return {
    chains: [{ name: chain, rules: [...clamp, ...rules] }],
    maps: [
      { map: 'into', elements: [{ key, value: { code: 'goto', chain } }] },
      { map: 'from', elements: [{ key, value: fromNetwork(object) === 'accept' ? { code: 'goto', chain: AWAY_CHAIN } : { code: 'drop' } }] },
    ],
  }
}

const comments: Readonly<Record<Arrival, string>> = {
  established: 'established', published: 'published ports', member: 'between members', ping: 'ping', ports: 'published ports', any: 'from elsewhere',
}

function matchOf({ arrival, link, from }: ArrivalRule, object: IsolationObject): readonly Statement[] {
  return [...link === undefined ? [] : [iifname(link)], ...from === undefined ? [] : [saddr(from)], ...arrivalMatch(arrival, object)]
}

function arrivalMatch(arrival: Arrival, object: IsolationObject): readonly Statement[] {
  switch (arrival) {
    case 'established': return [established]
    case 'published': return [redirected]
    case 'member': return [iifname(object.bridge)]
    case 'ping': return [ping(object.family)]
    case 'ports': return [portIn(object.family, 'routed-ports')]
    case 'any': return []
  }
}

/** The bridge's own address is local: other networks may use a resolver there. */
function guardPieces(object: IsolationObject): Pieces {
  const chain = rawChain(object.bridge)
  const rules: readonly NftRule[] = [
    ...trustedLinks(object).map(link => rule('by a trusted link', iifname(link), verdict({ code: 'return' }))),
    rule('the host', daddrLocal, verdict({ code: 'return' })),
    rule('from elsewhere', counter, verdict({ code: 'drop' })),
  ]
  return {
    chains: [{ name: chain, rules }],
    maps: [{ map: 'subnets', elements: object.subnets.flatMap(subnet => subnetElements(subnet, { code: 'goto', chain })) }],
  }
}

/**
 * What goes from member to member, with bridge-nf, or to the bridge does not come as far as the guard: to look an address up among
 * intervals takes longer than all the rest of it.
 */
function ownPieces({ bridge, subnets }: IsolationObject): Pieces {
  if (subnets.length === 0) return { chains: [], maps: [] }
  const chain = ownChain(bridge)
  return {
    chains: [{ name: chain, rules: subnets.map(subnet => rule('from the network itself', daddrIn(subnet), verdict({ code: 'accept' }))) }],
    maps: [{ map: 'segments', elements: [{ key: linkName(bridge), value: { code: 'jump', chain } }] }],
  }
}

/**
 * A published port used from the host (127.0.0.1 included) or by a member of the network itself: without masquerade the container would
 * answer past the translation.
 */
function hairpinPieces(object: IsolationObject): Pieces {
  const chain = hairpinChain(object.bridge)
  const rules = [
    rule('by the host', saddrLocal, counter, masquerade),
    ...object.subnets.map(subnet => rule('by members', saddr(subnet), counter, masquerade)),
  ]
  return { chains: [{ name: chain, rules }], maps: [{ map: 'hairpin', elements: [{ key: linkName(object.bridge), value: { code: 'jump', chain } }] }] }
}
