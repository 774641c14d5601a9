/**
 * The table `bridge tsnet`, the same for both firewall backends: sets that all ports share, and chains that look a port up in them. A port is
 * some elements, so the thousandth costs what the first does, to make and to pass.
 *
 *     prerouting -300  frames of IPv4 that are their port's own: accepted by one look-up, as nearly all are
 *                      iifname ∈ apart ─▶ apart      members without icc: to the bridge's own MAC, or to all
 *                      iifname ∈ ports ─▶ senders    the sender of the frame alone, or
 *                                      ─▶ sources    the sender of the frame, then of the packet, ARP or neighbour discovery in it
 *     forward -300     iifname ∈ apart, oifname ∉ uplinks: what is for all, or for the host, is not for members; what is for all does not go
 *                      back by a reflector; there with the first such port
 *
 * Before the bridge learns a MAC, and before bridge-nf hands packets to iptables (priority 0), which redirects published ports.
 * `bridges` is looked up by no rule: it tells whether the frame is still needed.
 */
import type { NetlinkRequest } from '../../kernel/netlink/socket.ts'
import { arpSenderIp, arpSenderMac, bothNamesIn, etherDaddr, etherSaddr, fromUnspecified, icmp6, iifnameIn, iifnameWith, iifnameWithout, ip6Saddr, ipSaddr,
  neighbourTarget, oifnameNotIn, protocol, sendersIn, toAll } from '../nftables/frame-statement.ts'
import { type BaseChain, type ChainName, type MapShape, type TableName, deleteRules, newChain, newMap, newRule, newTable } from '../nftables/message.ts'
import { type NftRule, counter, iifnameVmap, rule, verdict } from '../nftables/statement.ts'
import { typeofIifnameAnd } from '../nftables/typeof.ts'

export const bridgeTable: TableName = { family: 'bridge', table: 'tsnet' }
const chainOf = (chain: string): ChainName => ({ ...bridgeTable, chain })

export const SOURCES_CHAIN = 'sources'
/** For ports whose addresses are not known. */
export const MACS_CHAIN = 'senders'

export type SetName = 'bridges' | 'ports' | 'macs' | 'ipv4' | 'ipv6' | 'targets' | 'own-ipv4' | 'apart' | 'hosts' | 'uplinks' | 'reflectors'

/** User space's type numbers, only for display; a concatenation is six bits each. */
const TYPE_INTEGER = 4
const TYPE_IPADDR = 7
const TYPE_IP6ADDR = 8
const TYPE_ETHERADDR = 9
const TYPE_IFNAME = 41
export const IFNAMSIZ = 16

const byLink = (name: SetName): MapShape & { readonly name: SetName } =>
  ({ name, keyType: TYPE_IFNAME, keyLength: IFNAMSIZ, value: { kind: 'none' }, interval: false, hostOrder: true })
/** Fields of a concatenation are padded to four bytes. */
const byLinkAnd = (name: SetName, type: number, length: number): MapShape & { readonly name: SetName } =>
  ({ name, keyType: TYPE_IFNAME << 6 | type, keyLength: IFNAMSIZ + length, value: { kind: 'none' }, interval: false })

/** By which link it came, and by which it goes. */
const reflectors: MapShape & { readonly name: SetName } =
  { name: 'reflectors', keyType: TYPE_IFNAME << 6 | TYPE_IFNAME, keyLength: 2 * IFNAMSIZ, value: { kind: 'none' }, interval: false, hostOrder: true }

export const setShapes: readonly (MapShape & { readonly name: SetName })[] = [
  byLink('bridges'), { ...byLink('ports'), value: { kind: 'verdict' } }, byLink('apart'), byLink('uplinks'), reflectors,
  { ...byLinkAnd('own-ipv4', TYPE_IPADDR, 12), keyType: (TYPE_IFNAME << 6 | TYPE_ETHERADDR) << 6 | TYPE_IPADDR },
  byLinkAnd('macs', TYPE_ETHERADDR, 8), byLinkAnd('hosts', TYPE_ETHERADDR, 8), byLinkAnd('ipv4', TYPE_IPADDR, 4), byLinkAnd('ipv6', TYPE_IP6ADDR, 16),
  // The addresses of `ipv6` as numbers: with no word for a target, nft would list rules about it that it does not take back.
  { ...byLinkAnd('targets', TYPE_INTEGER, 16), typeOf: typeofIifnameAnd(neighbourTarget) },
]

const drop = verdict({ code: 'drop' })
const accept = verdict({ code: 'accept' })

interface FrameChain { readonly name: string, readonly base?: BaseChain, readonly rules: readonly NftRule[] }

/** NF_BR_PRE_ROUTING. Chains without a base first, as the others lead to them. */
export const frameChains: readonly FrameChain[] = [
  { name: SOURCES_CHAIN, rules: [
    rule('with another\'s MAC', iifnameWithout(etherSaddr, 'macs'), counter, drop),
    rule('IPv4 with its own address', protocol('ip'), iifnameWith(ipSaddr, 'ipv4'), accept), rule('IPv4 with another\'s', protocol('ip'), counter, drop),
    rule('about another\'s address', protocol('ip6'), icmp6('nd-neighbor-advert'), iifnameWithout(neighbourTarget, 'targets'), counter, drop),
    rule('claiming another\'s address', protocol('ip6'), fromUnspecified, icmp6('nd-neighbor-solicit'), iifnameWithout(neighbourTarget, 'targets'),
      counter, drop),
    rule('IPv6 with its own address', protocol('ip6'), iifnameWith(ip6Saddr, 'ipv6'), accept), rule('IPv6 with another\'s', protocol('ip6'), counter, drop),
    rule('ARP about another\'s MAC', protocol('arp'), iifnameWithout(arpSenderMac, 'macs'), counter, drop),
    rule('ARP about its own address', protocol('arp'), iifnameWith(arpSenderIp, 'ipv4'), accept),
    rule('ARP about another\'s address', protocol('arp'), counter, drop),
    // The kernel takes off one tag by itself; behind a further one anything could be.
    rule('several VLAN tags', protocol('8021q'), counter, drop), rule('several VLAN tags', protocol('8021ad'), counter, drop),
  ] },
  { name: MACS_CHAIN, rules: [rule('with another\'s MAC', iifnameWithout(etherSaddr, 'macs'), counter, drop)] },
  { name: 'apart', rules: [
    rule('to the host', iifnameWith(etherDaddr, 'hosts'), verdict({ code: 'return' })), rule('to all', toAll, verdict({ code: 'return' })),
    rule('to members', counter, drop),
  ] },
  { name: 'prerouting', base: { type: 'filter', hook: 0, priority: -300 }, rules: [
    // Those of ports apart are not in this set, as theirs are looked at further.
    rule('IPv4 with its own MAC and address', protocol('ip'), sendersIn('own-ipv4'), accept),
    rule('members apart', iifnameIn('apart'), verdict({ code: 'jump', chain: 'apart' })), rule('ports of containers', iifnameVmap('ports')),
  ] },
]

/** With ports apart, or reflectors: a hook more, which all frames of all bridges would pass for nothing without them. It goes with the table. */
export const apartFrameChains: readonly FrameChain[] = [
  ...frameChains,
  { name: 'forward', base: { type: 'filter', hook: 2, priority: -300 }, rules: [
    rule('to all members', iifnameIn('apart'), oifnameNotIn('uplinks'), toAll, counter, drop),
    // A bridge that does not know where the host is sends to all of its ports.
    rule('to the host', iifnameWith(etherDaddr, 'hosts'), oifnameNotIn('uplinks'), counter, drop),
    rule('back to all', toAll, bothNamesIn('reflectors'), counter, drop),
  ] },
]

/** The frame, made or made good; elements, and chains beside these, stay. */
export function frameRequests(chains: readonly FrameChain[]): readonly NetlinkRequest[] {
  return [
    newTable(bridgeTable, false),
    ...setShapes.map((shape, index) => newMap(bridgeTable, shape, index + 1)),
    ...chains.map(({ name, base }) => newChain(chainOf(name), base)),
    ...chains.flatMap(({ name, rules }) => [deleteRules(chainOf(name)), ...rules.map(it => newRule(chainOf(name), it))]),
  ]
}
