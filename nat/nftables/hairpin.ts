/**
 * Published ports behind an interface without isolation, used from near: by the host, or by members of the subnet itself. Without masquerade
 * the container would answer past the translation. Twin: iptables/hairpin.ts.
 */
import type { HairpinObject } from '../../objects/firewall.ts'
import { hairpinChain } from './layout.ts'
import type { Pieces } from './piece.ts'
import { counter, linkName, masquerade, oifname, rule, saddrLocal } from './statement.ts'
import { subnetElements } from './subnet.ts'

export function hairpinPieces({ bridge, subnet, who }: HairpinObject): Pieces {
  if (who === 'nobody') return { chains: [], maps: [] }
  if (subnet === undefined) {
    const chain = hairpinChain(bridge)
    return {
      chains: [{ name: chain, rules: [rule('by the host', saddrLocal, counter, masquerade)] }],
      maps: [{ map: 'hairpin', elements: [{ key: linkName(bridge), value: { code: 'jump', chain } }] }],
    }
  }
  // A name that nft can read back: it knows no colons and, in front of a prefix length, no slash.
  const map = who === 'everybody' ? who : 'members'
  const chain = `${map}-${bridge}-${subnet.replaceAll(':', '_').replace('/', '-')}`
  return {
    chains: [{ name: chain, rules: [rule(`by ${map}`, oifname(bridge), counter, masquerade)] }],
    maps: [{ map, elements: subnetElements(subnet, { code: 'jump', chain }) }],
  }
}
