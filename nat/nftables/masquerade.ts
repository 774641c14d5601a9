/** Masquerade of a network: a chain of one rule, found by the source address. Twin: iptables/masquerade.ts. */
import type { MasqueradeObject } from '../../objects/firewall.ts'
import type { Pieces } from './piece.ts'
import { counter, masquerade, notOifname, rule, snat } from './statement.ts'
import { subnetElements } from './subnet.ts'

export function masqueradePieces(object: MasqueradeObject): Pieces {
  // A name that nft can read back: it knows no colons and, in front of a prefix length, no slash.
  const chain = `masquerade-${object.bridge}-${object.subnet.replaceAll(':', '_').replace('/', '-')}`
  const translate = object.source === undefined ? masquerade : snat(object.family, object.source)
  const rules = [rule('out of the network', notOifname(object.bridge), counter, translate)]
  return { chains: [{ name: chain, rules }], maps: [{ map: 'sources', elements: subnetElements(object.subnet, verdictTo(chain)) }] }
}

function verdictTo(chain: string): { readonly code: 'jump', readonly chain: string } {
  return { code: 'jump', chain }
}

