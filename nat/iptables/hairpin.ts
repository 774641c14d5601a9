/**
 * Published ports behind an interface without isolation, used from near: by the host, or by members of the subnet itself. Without masquerade
 * the container would answer past the translation. First in POSTROUTING: other CNI plugins accept there what stays in a container's subnet. Twin: nftables/hairpin.ts.
 */
import type { HairpinObject } from '../../objects/firewall.ts'
import { HAIRPIN_CHAIN, POSTROUTING_CHAIN, TSNET_CHAIN } from './layout.ts'
import type { Rule } from './rule.ts'

export function hairpinRules(object: HairpinObject): readonly Rule[] {
  return rulesWith(object, spec => [
    { table: 'nat', chain: 'POSTROUTING', spec: `-j ${HAIRPIN_CHAIN}`, position: 1, shared: true },
    { table: 'nat', chain: HAIRPIN_CHAIN, spec },
  ])
}

/** As earlier versions had them, behind what others accept. */
export function formerHairpinRules(object: HairpinObject): readonly Rule[] {
  return rulesWith(object, spec => [{ table: 'nat', chain: POSTROUTING_CHAIN, spec }])
}

function rulesWith({ family, bridge, subnet, who }: HairpinObject, placed: (spec: string) => readonly Rule[]): readonly Rule[] {
  const masquerade = (match: string): readonly Rule[] => placed(`${match} -m conntrack --ctstate DNAT -j MASQUERADE`)
  if (subnet !== undefined) return masquerade(`${who === 'everybody' ? '-d' : '-s'} ${subnet} -o ${bridge}`)
  return [
    ...who === 'nobody' ? [] : masquerade(`-o ${bridge} -m addrtype --src-type LOCAL`),
    // The interface has route_localnet set. A rule in raw, so that its frame, which guards every other interface, is there as well.
    ...family === 4 ? [{ table: 'raw', chain: TSNET_CHAIN, spec: `-d 127.0.0.0/8 -i ${bridge} -j DROP` } as const] : [],
  ]
}
