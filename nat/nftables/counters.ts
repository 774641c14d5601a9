/**
 * What the rules of firewall objects have counted, from the rules of our tables and the elements of our maps. Twin: iptables/counters.ts.
 *
 * A published port is an element of a map, or several; each counts the connections that were found by it.
 */
import type { Family, FirewallObject } from '../../objects/firewall.ts'
import type { ObjectCounters, RuleCounter } from '../firewall.ts'
import { type Counted, type RuleView, counterOf, elementId } from './decode.ts'
import { describeElements } from './describe.ts'
import type { MapName } from './layout.ts'
import type { MapElements, OwnChain } from './piece.ts'
import { piecesOf } from './pieces.ts'
import { ruleText } from './statement.ts'

/** The table of one family: its rules in order, and what the elements of its maps have counted. */
export interface CountedTable {
  readonly rules: readonly RuleView[]
  readonly maps: ReadonlyMap<MapName, ReadonlyMap<string, Counted>>
}

export function objectCounters(group: readonly FirewallObject[], tables: ReadonlyMap<Family, CountedTable>): readonly ObjectCounters[] {
  const byChain = new Map([...tables].map(([family, { rules }]) => [family, Map.groupBy(rules, view => view.chain)]))
  return group.map(object => {
    const { chains, maps } = piecesOf(object)
    return {
      object,
      rules: [
        ...chains.flatMap(chain => countersOfChain(chain, byChain.get(object.family)?.get(chain.name) ?? [])),
        ...maps.flatMap(part => counterOfElements(object.family, part, tables.get(object.family)?.maps.get(part.map))),
      ],
    }
  })
}

/** With more or fewer rules than ours, which is which cannot be told. */
function countersOfChain({ name, rules }: OwnChain, there: readonly RuleView[]): readonly RuleCounter[] {
  return there.length !== rules.length ? [] : rules.flatMap((rule, index): readonly RuleCounter[] => {
    const view = there[index]
    const counter = view === undefined ? undefined : counterOf(view)
    return counter === undefined ? [] : [{ rule: `${name} ${ruleText(rule)}`, packets: Number(counter.packets), bytes: Number(counter.bytes) }]
  })
}

/** All elements of an object in a map as one. */
function counterOfElements(family: Family, part: MapElements, there: ReadonlyMap<string, Counted> | undefined): readonly RuleCounter[] {
  const counted = part.elements.flatMap(({ key, end }) => there?.get(elementId(key, end === true)) ?? [])
  if (counted.length === 0) return []
  const sum = (field: keyof Counted): number => Number(counted.reduce((total, each) => total + each[field], 0n))
  return [{ rule: `${part.map} ${describeElements(family, part)}`, packets: sum('packets'), bytes: sum('bytes') }]
}
