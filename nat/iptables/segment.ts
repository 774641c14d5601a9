/**
 * A further bridge of a network, where bridge-nf shows its frames to iptables: they pass untouched and untracked. What they are is decided
 * on the network's first bridge, as if they came in by one of its ports. Twin: nftables/segment.ts.
 */
import type { SegmentObject } from '../../objects/firewall.ts'
import { IN_CHAIN, OUT_CHAIN, TSNET_CHAIN } from './layout.ts'
import type { Rule } from './rule.ts'

/** First in raw: the network's own subnets are dropped there, unless they come by the network's first bridge. */
export function segmentRules({ bridge }: SegmentObject): readonly Rule[] {
  return [
    { table: 'raw', chain: TSNET_CHAIN, spec: `-i ${bridge} -j ACCEPT`, position: 1 },
    // Inserted after the other, it stands before it. A tracked frame would be translated here, and then not on the first bridge.
    { table: 'raw', chain: TSNET_CHAIN, spec: `-i ${bridge} -j CT --notrack`, position: 1 },
    { table: 'filter', chain: IN_CHAIN, spec: `-o ${bridge} -j ACCEPT`, position: 1 },
    // What a member sends to the bridge itself instead of its gateway.
    { table: 'filter', chain: OUT_CHAIN, spec: `-i ${bridge} -j DROP`, position: 1 },
  ]
}
