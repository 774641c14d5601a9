/** A further bridge of a network: its frames pass untouched and untracked. Twin: iptables/segment.ts. */
import type { SegmentObject } from '../../objects/firewall.ts'
import { SEGMENT_CHAIN } from './layout.ts'
import type { Pieces } from './piece.ts'
import { linkName } from './statement.ts'

export function segmentPieces({ bridge }: SegmentObject): Pieces {
  const key = linkName(bridge)
  return { chains: [], maps: [
    { map: 'segments', elements: [{ key, value: { code: 'goto', chain: SEGMENT_CHAIN } }] },
    { map: 'into', elements: [{ key, value: { code: 'accept' } }] },
    // What a member sends to the bridge itself instead of its gateway.
    { map: 'from', elements: [{ key, value: { code: 'drop' } }] },
  ] }
}
