/** The pieces of a firewall object. */
import type { FirewallObject } from '../../objects/firewall.ts'
import { checked } from '../objects/check.ts'
import { hairpinPieces } from './hairpin.ts'
import { isolationPieces } from './isolation.ts'
import { GUARD_CHAIN } from './layout.ts'
import { masqueradePieces } from './masquerade.ts'
import type { MapElements, Pieces } from './piece.ts'
import { publishPieces } from './publish.ts'
import { resolverPieces } from './resolver.ts'
import { segmentPieces } from './segment.ts'
import { counter, rule, verdict } from './statement.ts'

/** The forward guard: a chain of the frame, empty without it. */
export const guardPieces: Pieces = {
  chains: [{ name: GUARD_CHAIN, rules: [rule('forward guard', counter, verdict({ code: 'drop' }))] }], maps: [],
}

/** @throws invalid-argument, invalid-address, invalid-subnet, invalid-port */
export function piecesOf(object: FirewallObject): Pieces {
  const safe = checked(object)
  switch (safe.kind) {
    case 'isolation': return isolationPieces(safe)
    case 'masquerade': return masqueradePieces(safe)
    case 'publish': return publishPieces(safe)
    case 'resolver': return resolverPieces(safe)
    case 'hairpin': return hairpinPieces(safe)
    case 'segment': return segmentPieces(safe)
    case 'forward-guard': return guardPieces
  }
}

/** The pieces of several objects, with the elements of a map together, so that they fill few messages. */
export function mergedPieces(group: readonly FirewallObject[]): Pieces {
  const all = group.map(piecesOf)
  const byMap = Map.groupBy(all.flatMap(({ maps }) => maps), ({ map }) => map)
  const maps = [...byMap].map(([map, parts]): MapElements => ({ map, elements: parts.flatMap(({ elements }) => elements) }))
  return { chains: all.flatMap(({ chains }) => chains), maps }
}
