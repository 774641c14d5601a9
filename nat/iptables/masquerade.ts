/** Masquerade of a network: one rule. Twin: nftables/masquerade.ts. */
import type { MasqueradeObject } from '../../objects/firewall.ts'
import { POSTROUTING_CHAIN } from './layout.ts'
import type { Rule } from './rule.ts'

export function masqueradeRules(object: MasqueradeObject): readonly Rule[] {
  const target = object.source === undefined ? 'MASQUERADE' : `SNAT --to-source ${object.source}`
  return [{ table: 'nat', chain: POSTROUTING_CHAIN, spec: `-s ${object.subnet} ! -o ${object.bridge} -j ${target}` }]
}
