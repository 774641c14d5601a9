/** What the rules of firewall objects have counted, from the text of `iptables-save -c`. Twin: nftables/counters.ts. */
import type { Family, FirewallObject } from '../../objects/firewall.ts'
import type { ObjectCounters, RuleCounter } from '../firewall.ts'
import { ownRules } from './rules.ts'

interface Counted { readonly packets: number, readonly bytes: number }

/** `saves`: what `iptables-save -c` printed for each family that is asked for. */
export function objectCounters(group: readonly FirewallObject[], saves: ReadonlyMap<Family, string>): readonly ObjectCounters[] {
  const counted = new Map([...saves].map(([family, save]) => [family, parseCounters(save)]))
  return group.map(object => ({
    object,
    rules: ownRules(object).filter(rule => rule.shared !== true).flatMap(({ table, chain, spec }): readonly RuleCounter[] => {
      const found = counted.get(object.family)?.get(keyOf(table, chain, spec))
      return found === undefined ? [] : [{ rule: `-t ${table} -A ${chain} ${spec}`, ...found }]
    }),
  }))
}

function parseCounters(save: string): ReadonlyMap<string, Counted> {
  const counted = new Map<string, Counted>()
  let table = ''
  for (const line of save.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1)
    const match = /^\[(\d+):(\d+)\] -A (\S+) ?(.*)$/.exec(line)
    if (match === null) continue
    const [, packets, bytes, chain = '', spec = ''] = match
    counted.set(keyOf(table, chain, spec), { packets: Number(packets), bytes: Number(bytes) })
  }
  return counted
}

function keyOf(table: string, chain: string, spec: string): string {
  return `${table} ${chain} ${spec}`
}
