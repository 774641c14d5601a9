/** Isolation of a network: its chain in filter, its two jumps, and the drop of its subnets in raw. Twin: nftables/isolation.ts. */
import type { IsolationObject } from '../../objects/firewall.ts'
import {
  type Arrival, type ArrivalRule, clampsSegments, fromNetwork, guardsSubnets, hasDirectPorts, hasPublishedPorts, intoNetwork, trustedLinks,
} from '../objects/isolation.ts'
import { AWAY_CHAIN, CLAMP, IN_CHAIN, OUT_CHAIN, POSTROUTING_CHAIN, TSNET_CHAIN, networkChain, portsChain } from './layout.ts'
import type { Rule } from './rule.ts'

export function isolationRules(object: IsolationObject): readonly Rule[] {
  return [...guardRules(object), ...filterRules(object), ...hairpinRules(object)]
}

function filterRules(object: IsolationObject): readonly Rule[] {
  const chain = networkChain(object.bridge)
  return [
    // The ports themselves stand before it, see publish.ts; a chain with nothing in it would go.
    ...hasDirectPorts(object) ? [{ table: 'filter', chain: portsChain(object.bridge), spec: '-j RETURN' } as const] : [],
    ...clampsSegments(object) ? [{ table: 'filter', chain, spec: CLAMP, ordered: true, optional: true } as const] : [],
    ...intoNetwork(object).map((rule): Rule =>
      ({ table: 'filter', chain, spec: `${matchOf(rule, object)}-j ${targetOf(rule, object)}`, ordered: true })),
    { table: 'filter', chain: OUT_CHAIN, spec: `-i ${object.bridge} ${fromNetwork(object) === 'accept' ? `-g ${AWAY_CHAIN}` : '-j DROP'}` },
    { table: 'filter', chain: IN_CHAIN, spec: `-o ${object.bridge} -j ${chain}` },
  ]
}

function targetOf({ arrival, verdict }: ArrivalRule, { bridge }: IsolationObject): string {
  return arrival === 'ports' ? portsChain(bridge) : verdict.toUpperCase()
}

/** In the order in which iptables-save prints it. */
function matchOf({ arrival, link, from }: ArrivalRule, object: IsolationObject): string {
  return `${from === undefined ? '' : `-s ${from} `}${link === undefined ? '' : `-i ${link} `}${arrivalMatch(arrival, object)}`
}

function arrivalMatch(arrival: Arrival, object: IsolationObject): string {
  switch (arrival) {
    case 'established': return '-m conntrack --ctstate RELATED,ESTABLISHED '
    case 'published': return '-m conntrack --ctstate DNAT '
    case 'member': return `-i ${object.bridge} `
    case 'ping': return object.family === 4 ? '-p icmp ' : '-p ipv6-icmp '
    case 'ports': case 'any': return ''
  }
}

/**
 * The bridge's own address is LOCAL: other networks may use a resolver there. A network whose subnets are not guarded still needs the
 * frame's loopback guard, which lives as long as there is a rule in raw: hence one of its own.
 */
function guardRules(object: IsolationObject): readonly Rule[] {
  if (object.filterOnly === true) return []
  const drop = (match: string): Rule => ({ table: 'raw', chain: TSNET_CHAIN, spec: `${match} -j DROP` })
  if (guardsSubnets(object) && object.subnets.length > 0) {
    return object.subnets.flatMap(subnet => [
      // Before the drop, wherever it is put back.
      ...trustedLinks(object).map((link): Rule => ({ table: 'raw', chain: TSNET_CHAIN, spec: `-d ${subnet} -i ${link} -j RETURN`, position: 1 })),
      drop(`-d ${subnet} ! -i ${object.bridge} -m addrtype ! --dst-type LOCAL`),
    ])
  }
  return object.family === 4 ? [drop(`-d 127.0.0.0/8 -i ${object.bridge}`)] : []
}

/**
 * A published port used from the host (127.0.0.1 included) or by a member of the network itself: without masquerade the container would
 * answer past the translation.
 */
function hairpinRules(object: IsolationObject): readonly Rule[] {
  if (!hasPublishedPorts(object)) return []
  return [
    { table: 'nat', chain: POSTROUTING_CHAIN, spec: `-o ${object.bridge} -m addrtype --src-type LOCAL -m conntrack --ctstate DNAT -j MASQUERADE` },
    ...object.subnets.map((subnet): Rule =>
      ({ table: 'nat', chain: POSTROUTING_CHAIN, spec: `-s ${subnet} -o ${object.bridge} -m conntrack --ctstate DNAT -j MASQUERADE` })),
  ]
}
