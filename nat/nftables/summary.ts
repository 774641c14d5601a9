/** Our rules with their counters for people: chain by chain, by the words that they carry as comments. */
import type { Family } from '../../objects/firewall.ts'
import { type RuleView, counterOf } from './decode.ts'
import { TABLE } from './layout.ts'
import { word } from './statement.ts'

export function summaryLines(family: Family, rules: readonly RuleView[]): readonly string[] {
  return rules.map(rule => {
    const counter = counterOf(rule)
    const counts = counter === undefined ? '' : `  # ${counter.packets} packets, ${counter.bytes} bytes`
    return `chain ${word(family)} ${TABLE} ${rule.chain}: ${rule.comment ?? 'a rule of the user'}${counts}`
  })
}
