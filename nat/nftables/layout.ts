/**
 * The table of tsnet, one for each family: base chains that look up an interface or address in a map, and chains per network. Nothing
 * is a list, so thousands of networks and ports cost a packet what one costs.
 *
 *     prerouting -300  raw-prerouting ─▶ iifname ∈ segments: untracked, accepted; or ─▶ own-<bridge>: from a network to itself, accepted
 *                                     ─▶ 127.0.0.0/8 from outside lo: drop;  daddr ∈ subnets ─▶ raw-<bridge>
 *     prerouting -100  iifname ∈ resolvers ─▶ resolver-<bridge>: questions for names to the resolver's port
 *     prerouting -100, output -100 ─▶ destination is local ─▶ publish ─▶ dnat by the maps address-ports, ports, tcp-, udp-, sctp-ranges
 *                                                                          ─▶ port ∈ port-chains, address-port-chains ─▶ when-<id>, port-<id>: conditions, marks
 *     forward 0        forward ─▶ user              the user's; tsnet never touches its rules
 *                              ─▶ oifname ∈ into ─▶ net-<bridge>   what goes into a network of ours
 *                              ─▶ iifname ∈ from ─▶ away | drop    what leaves one for elsewhere, but for Docker's own bridges
 *                              ─▶ guard             the forward guard, where there is one
 *     postrouting 100  nat-postrouting ─▶ redirected, oifname ∈ hairpin ─▶ hairpin-<bridge>, saddr ∈ members, daddr ∈ everybody;  saddr ∈ sources ─▶ masquerade
 *
 * Two tables, `ip tsnet` and `ip6 tsnet`, rather than one `inet`: the families share no rule and no map, see docs/adr.
 */
import type { NetlinkRequest } from '../../kernel/netlink/socket.ts'
import type { Family } from '../../objects/firewall.ts'
import { addressLength } from './expression.ts'
import { dockerBridges } from '../objects/isolation.ts'
import { type BaseChain, type ChainName, type MapShape, type TableName, deleteChain, deleteMap, deleteRules, newChain, newMap, newRule, newTable } from './message.ts'
import {
  type NftRule, addressPortVmap, clampMss, counter, established, oifname, daddrLocal, daddrLoopback, daddrVmap, dnatByAddress, dnatByPort, dnatByRange, iifnameVmap, notFromLinkLocal,
  notIifname, notrack, oifnameVmap, portVmap, redirected, rule, saddrVmap, verdict,
} from './statement.ts'

export const TABLE = 'tsnet'
export const tableOf = (family: Family): TableName => ({ family, table: TABLE })
export const chainOf = (family: Family, chain: string): ChainName => ({ family, table: TABLE, chain })

export const USER_CHAIN = 'user'
export const GUARD_CHAIN = 'guard'
export const AWAY_CHAIN = 'away'
export const SEGMENT_CHAIN = 'segment'
export const networkChain = (bridge: string): string => `net-${bridge}`
/** What a network sends to itself. */
export const ownChain = (bridge: string): string => `own-${bridge}`
/** What is sent to its addresses. */
export const rawChain = (bridge: string): string => `raw-${bridge}`
export const hairpinChain = (bridge: string): string => `hairpin-${bridge}`
/** What is done with one published port, and with no other; and what leads there where it has conditions. */
export const portChain = (id: string): string => `port-${id}`
export const conditionChain = (id: string): string => `when-${id}`
export const resolverChain = (bridge: string): string => `resolver-${bridge}`

export type MapName =
  | 'into' | 'from' | 'segments' | 'subnets' | 'hairpin' | 'resolvers' | 'sources' | 'members' | 'everybody' | 'port-chains' | 'address-port-chains' | 'ports' | 'address-ports' | 'routed-ports' | 'tcp-ranges' | 'udp-ranges' | 'sctp-ranges'

/** User space's type numbers (libnftables, enum datatypes); a concatenation is six bits each. */
const TYPE_IPADDR = 7
const TYPE_IP6ADDR = 8
const TYPE_INET_PROTOCOL = 12
const TYPE_INET_SERVICE = 13
const TYPE_IFNAME = 41
const IFNAMSIZ = 16
const concatenated = (...types: readonly number[]): number => types.reduce((sum, type) => sum << 6 | type, 0)

/** Order matters where emptiness is looked for: networks first. */
export function mapShapes(family: Family): readonly (MapShape & { readonly name: MapName })[] {
  const address = family === 4 ? TYPE_IPADDR : TYPE_IP6ADDR
  const length = addressLength(family)
  const verdicts = { kind: 'verdict' } as const
  const target = { kind: 'data', type: concatenated(address, TYPE_INET_SERVICE), length: length + 4 } as const
  const byLink = { keyType: TYPE_IFNAME, keyLength: IFNAMSIZ, value: verdicts, interval: false, hostOrder: true }
  const bySubnet = { keyType: address, keyLength: length, value: verdicts, interval: true }
  const byAddress = { keyType: concatenated(address, TYPE_INET_PROTOCOL, TYPE_INET_SERVICE), keyLength: length + 8, interval: false }
  const byPort = { keyType: concatenated(TYPE_INET_PROTOCOL, TYPE_INET_SERVICE), keyLength: 8, interval: false }
  const ranges = { keyType: TYPE_INET_SERVICE, keyLength: 2, value: { kind: 'data', type: address, length }, interval: true, counting: true } as const
  return [
    { name: 'into', ...byLink }, { name: 'from', ...byLink }, { name: 'hairpin', ...byLink },
    { name: 'resolvers', ...byLink }, { name: 'segments', ...byLink },
    { name: 'subnets', ...bySubnet }, { name: 'sources', ...bySubnet }, { name: 'members', ...bySubnet },
    { name: 'everybody', ...bySubnet },
    { name: 'port-chains', ...byPort, value: verdicts }, { name: 'address-port-chains', ...byAddress, value: verdicts },
    { name: 'ports', ...byPort, value: target, counting: true },
    { name: 'address-ports', ...byAddress, value: target, counting: true },
    { name: 'routed-ports', ...byAddress, value: { kind: 'none' }, counting: true },
    { name: 'tcp-ranges', ...ranges }, { name: 'udp-ranges', ...ranges }, { name: 'sctp-ranges', ...ranges },
  ]
}

interface FrameChain { readonly name: string, readonly base?: BaseChain, readonly rules: readonly NftRule[] }

const PREROUTING = 0
const FORWARD = 2
const OUTPUT = 3
const POSTROUTING = 4

/** Chains without a base first, as the others jump to them. `user` and `guard` have rules of their own life. */
export function frameChains(family: Family): readonly FrameChain[] {
  const publish = rule('published ports', ...family === 6 ? [notFromLinkLocal] : [], daddrLocal, verdict({ code: 'jump', chain: 'publish' }))
  const loopback = rule('the loopback of the host', notIifname('lo'), daddrLoopback, counter, verdict({ code: 'drop' }))
  return [
    { name: USER_CHAIN, rules: [] },
    { name: GUARD_CHAIN, rules: [] },
    { name: 'docker', rules: [
      rule('established', established, verdict({ code: 'accept' })), rule('ports of Docker', redirected, verdict({ code: 'accept' })),
      rule('containers of Docker', counter, verdict({ code: 'drop' })),
    ] },
    { name: AWAY_CHAIN, rules: [
      rule('segments that fit', clampMss),
      ...dockerBridges.map(bridge => rule('bridges of Docker', oifname(bridge), verdict({ code: 'goto', chain: 'docker' }))),
      rule('elsewhere', counter, verdict({ code: 'accept' })),
    ] },
    { name: SEGMENT_CHAIN, rules: [rule('between bridges of one network', notrack, verdict({ code: 'accept' }))] },
    { name: 'publish', rules: [
      rule('with conditions or marks', addressPortVmap(family, 'address-port-chains')), rule('with conditions or marks', portVmap('port-chains')),
      rule('on one address', dnatByAddress(family, 'address-ports')), rule('on every address', dnatByPort(family, 'ports')),
      ...(['tcp', 'udp', 'sctp'] as const).map(protocol => rule('ranges', dnatByRange(family, protocol, `${protocol}-ranges`))),
    ] },
    { name: 'raw-prerouting', base: { type: 'filter', hook: PREROUTING, priority: -300 }, rules: [
      rule('from networks to themselves', iifnameVmap('segments')),
      ...family === 4 ? [loopback] : [], rule('addresses of containers', daddrVmap(family, 'subnets')),
    ] },
    { name: 'nat-prerouting', base: { type: 'nat', hook: PREROUTING, priority: -100 }, rules: [
      rule('names', iifnameVmap('resolvers')), publish,
    ] },
    { name: 'nat-output', base: { type: 'nat', hook: OUTPUT, priority: -100 }, rules: [publish] },
    { name: 'forward', base: { type: 'filter', hook: FORWARD, priority: 0 }, rules: [
      rule('rules of the user', verdict({ code: 'jump', chain: USER_CHAIN })), rule('into networks', oifnameVmap('into')),
      rule('out of networks', iifnameVmap('from')), rule('between others', verdict({ code: 'jump', chain: GUARD_CHAIN })),
    ] },
    { name: 'nat-postrouting', base: { type: 'nat', hook: POSTROUTING, priority: 100 }, rules: [
      rule('used from near', redirected, oifnameVmap('hairpin')), rule('used by members', redirected, saddrVmap(family, 'members')),
      rule('used by everybody', redirected, daddrVmap(family, 'everybody')), rule('out of networks', saddrVmap(family, 'sources')),
    ] },
  ]
}

/** The frame, made or made good: what stands in `user` and `guard` and in the maps stays. */
export function frameRequests(family: Family, exclusive: boolean): readonly NetlinkRequest[] {
  const chains = frameChains(family)
  return [
    newTable(tableOf(family), exclusive),
    ...mapShapes(family).map((shape, index) => newMap(tableOf(family), shape, index + 1)),
    ...chains.map(({ name, base }) => newChain(chainOf(family, name), base)),
    ...chains.filter(({ rules }) => rules.length > 0).flatMap(({ name, rules }) => [
      deleteRules(chainOf(family, name)), ...rules.map(it => newRule(chainOf(family, name), it)),
    ]),
  ]
}

/** Everything but the chain `user` and the jump to it, for a user who put rules there. */
export function shrinkRequests(family: Family): readonly NetlinkRequest[] {
  const chains = frameChains(family).filter(({ name }) => name !== USER_CHAIN && name !== 'forward')
  const [jumpToUser] = frameChains(family).find(({ name }) => name === 'forward')?.rules ?? []
  const forward = chainOf(family, 'forward')
  return [
    deleteRules(forward), ...jumpToUser === undefined ? [] : [newRule(forward, jumpToUser)],
    ...chains.map(({ name }) => deleteRules(chainOf(family, name))),
    // Those that jump before those that are jumped to.
    ...chains.toReversed().map(({ name }) => deleteChain(chainOf(family, name))),
    ...mapShapes(family).map(({ name }) => deleteMap(tableOf(family), name)),
  ]
}
