/**
 * The resolver of a network: a chain, found by the bridge that a question comes from. Twin: iptables/resolver.ts.
 *
 * There is no accept here: an accept in our own table would not be final. Where a chain of others drops what comes in, foreign.ts
 * adds one there.
 */
import type { ResolverObject } from '../../objects/firewall.ts'
import { resolverChain } from './layout.ts'
import type { Pieces } from './piece.ts'
import { counter, daddr, dnatTo, dport, linkName, rule } from './statement.ts'

export const resolverProtocols = ['udp', 'tcp'] as const

export function resolverPieces({ family, bridge, address, port }: ResolverObject): Pieces {
  const chain = resolverChain(bridge)
  const rules = resolverProtocols.map(protocol =>
    rule('names', daddr(family, address), dport(protocol, 53), counter, dnatTo(family, address, port)))
  return { chains: [{ name: chain, rules }], maps: [{ map: 'resolvers', elements: [{ key: linkName(bridge), value: { code: 'jump', chain } }] }] }
}
