/**
 * What the rules of firewall objects have counted, from the rules of our tables. Twin: iptables/counters.ts.
 *
 * A published port is an element of a map that all ports share, which counts nothing.
 */
import type { Family, FirewallObject } from '../../objects/firewall.ts'
import type { ObjectCounters, RuleCounter } from '../firewall.ts'
import { type RuleView, counterOf } from './decode.ts'
import { piecesOf } from './pieces.ts'
import { ruleText } from './statement.ts'

/** `rules`: those of the table of each family, in order. */
export function objectCounters(group: readonly FirewallObject[], rules: ReadonlyMap<Family, readonly RuleView[]>): readonly ObjectCounters[] {
  const byChain = new Map([...rules].map(([family, views]) => [family, Map.groupBy(views, view => view.chain)]))
  return group.map(object => ({
    object,
    rules: piecesOf(object).chains.flatMap(chain => {
      const there = byChain.get(object.family)?.get(chain.name) ?? []
      // With more or fewer rules than ours, which is which cannot be told.
      return there.length !== chain.rules.length ? [] : chain.rules.flatMap((rule, index): readonly RuleCounter[] => {
        const view = there[index]
        const counter = view === undefined ? undefined : counterOf(view)
        if (counter === undefined) return []
        return [{ rule: `${chain.name} ${ruleText(rule)}`, packets: Number(counter.packets), bytes: Number(counter.bytes) }]
      })
    }),
  }))
}
