/**
 * The chains of tsnet and the frame that holds them; each table's frame comes with its first rule and goes with its last.
 *
 *     raw     PREROUTING ─▶ TSNET               127.0.0.0/8 from outside lo; container subnets from outside their bridge
 *     nat     PREROUTING, OUTPUT ─▶ TSNET ─▶ TSNET-tcp-4096-8191 ─▶ … ─▶ TSNET-tcp-8080-8095 ─▶ DNAT     (see publish.ts)
 *             POSTROUTING ─▶ TSNET-HAIRPIN ⋯ ─▶ TSNET-POSTROUTING  masquerade; the first where CNI plugins have published ports
 *     filter  FORWARD ─▶ TSNET-USER             the user's; tsnet never touches its rules
 *                     ─▶ TSNET-FORWARD ─▶ TSNET-IN ─▶ TSNET-NET-<bridge>   what goes into a network of ours
 *                                      ─▶ TSNET-OUT ─▶ TSNET-AWAY          what leaves one for elsewhere, but for Docker's own bridges
 *                     ⋯
 *                     ─▶ TSNET-GUARD ─▶ DROP              the forward guard, where there is one
 *             INPUT ─▶ TSNET-INPUT              what members of a network ask its resolver, where there is one
 *
 * FORWARD's jumps stand first, since a verdict of an earlier rule is final; the jumps of nat stand last, so that a user's own come first,
 * but for that of published ports' own traffic.
 * The guard stands last in FORWARD itself, so that what others accept there (a Docker that is started later) is accepted.
 */
import type { Family } from '../../objects/firewall.ts'
import { dockerBridges } from '../objects/isolation.ts'
import type { Rule, Table } from './rule.ts'

export const USER_CHAIN = 'TSNET-USER'
export const FORWARD_CHAIN = 'TSNET-FORWARD'
export const IN_CHAIN = 'TSNET-IN'
export const OUT_CHAIN = 'TSNET-OUT'
export const AWAY_CHAIN = 'TSNET-AWAY'
export const TSNET_CHAIN = 'TSNET'
export const POSTROUTING_CHAIN = 'TSNET-POSTROUTING'
export const GUARD_CHAIN = 'TSNET-GUARD'
/** No part of the frame: it is there with the first resolver, and goes with the last. */
export const INPUT_CHAIN = 'TSNET-INPUT'
/** Likewise, with the first of them. */
export const HAIRPIN_CHAIN = 'TSNET-HAIRPIN'

export const frameChains: readonly string[] = [USER_CHAIN, FORWARD_CHAIN, IN_CHAIN, OUT_CHAIN, AWAY_CHAIN, GUARD_CHAIN, TSNET_CHAIN, POSTROUTING_CHAIN]

/** Chain of what goes into one network. At most 28 characters, iptables' limit. */
export const networkChain = (bridge: string): string => `TSNET-NET-${bridge}`
/** Ports of its containers that are accepted at their own addresses. */
export const portsChain = (bridge: string): string => `TSNET-PORTS-${bridge}`

/** What is done with one published port, and with no other. */
export const portChain = (id: string): string => `TSNET-PORT-${id}`

/** Twin of nft's `tcp option maxseg size set rt mtu`, which every nf_tables has; this target is a module of its own. */
export const CLAMP = '-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu'

/** Drops what a host that began to forward for tsnet's sake would forward for others. */
export const guardRules: readonly Rule[] = [
  { table: 'filter', chain: GUARD_CHAIN, spec: '-j DROP', shared: true },
  { table: 'filter', chain: 'FORWARD', spec: `-j ${GUARD_CHAIN}`, shared: true },
]

const jump = (table: Table, chain: string, spec: string, position?: number): Rule =>
  ({ table, chain, spec, shared: true, ...position === undefined ? {} : { position } })

/** The rules that hold a table's other rules, in order of creation. */
export function frameRules(table: Table, family: Family): readonly Rule[] {
  switch (table) {
    case 'filter': return [
      jump('filter', 'FORWARD', `-j ${USER_CHAIN}`, 1), jump('filter', 'FORWARD', `-j ${FORWARD_CHAIN}`, 2),
      jump('filter', FORWARD_CHAIN, `-j ${IN_CHAIN}`, 1), jump('filter', FORWARD_CHAIN, `-j ${OUT_CHAIN}`, 2),
      { ...jump('filter', AWAY_CHAIN, CLAMP, 1), optional: true },
      ...dockerBridges.map(bridge => jump('filter', AWAY_CHAIN, `-o ${bridge} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`)),
      jump('filter', AWAY_CHAIN, '-j ACCEPT'),
    ]
    case 'nat': return [
      ...['PREROUTING', 'OUTPUT'].map(chain => jump('nat', chain, `${fromLinkLocal(family)}-m addrtype --dst-type LOCAL -j ${TSNET_CHAIN}`)),
      jump('nat', 'POSTROUTING', `-j ${POSTROUTING_CHAIN}`),
    ]
    case 'raw': return [
      jump('raw', 'PREROUTING', `-j ${TSNET_CHAIN}`, 1),
      // Our bridges have route_localnet set, which would open the host's loopback to containers. The kernel refuses ::1 by itself.
      ...family === 4 ? [jump('raw', TSNET_CHAIN, '-d 127.0.0.0/8 ! -i lo -j DROP')] : [],
    ]
  }
}

/** A container cannot answer a link-local address of another link. */
function fromLinkLocal(family: Family): string {
  return family === 6 ? '! -s fe80::/10 ' : ''
}
