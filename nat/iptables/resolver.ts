/**
 * The resolver of a network: its members' questions go to the port it listens on, and are let in. Twin: nftables/resolver.ts.
 *
 * First in their chains: no published port and no rule of the host's own INPUT takes the names away. DNAT to the address itself rather
 * than REDIRECT, which would choose among the addresses of the bridge, the link-local one included.
 */
import type { ResolverObject } from '../../objects/firewall.ts'
import { INPUT_CHAIN, TSNET_CHAIN } from './layout.ts'
import type { Rule } from './rule.ts'

export function resolverRules({ family, bridge, address, port }: ResolverObject): readonly Rule[] {
  const match = `-d ${address}/${family === 4 ? 32 : 128} -i ${bridge}`
  const target = family === 4 ? `${address}:${port}` : `[${address}]:${port}`
  return (['udp', 'tcp'] as const).flatMap((protocol): readonly Rule[] => {
    const to = (dport: number): string => `${match} -p ${protocol} -m ${protocol} --dport ${dport}`
    return [
      { table: 'filter', chain: 'INPUT', spec: `-j ${INPUT_CHAIN}`, position: 1, shared: true },
      { table: 'filter', chain: INPUT_CHAIN, spec: `${to(port)} -j ACCEPT` },
      { table: 'nat', chain: TSNET_CHAIN, spec: `${to(53)} -j DNAT --to-destination ${target}`, position: 1 },
    ]
  })
}
