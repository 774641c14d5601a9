/** What the kernel says of objects: which it lacks, and what their rules have counted. Pure. */
import type { KernelObject } from '../objects/object.ts'
import type { PortNode, RuleNode } from './model.ts'
import type { Observation, ObservedRule } from './observation.ts'
import { titleOf } from './title.ts'

/** The rules of a network; those of a port are with the port. */
export function rulesOf(object: KernelObject, counters: Observation['counters']): readonly RuleNode[] {
  if (object.kind !== 'isolation' && object.kind !== 'masquerade' && object.kind !== 'resolver' && object.kind !== 'hairpin') return []
  return (counters.get(object) ?? []).map(({ rule, packets, bytes }) => ({ family: object.family, rule, packets, bytes }))
}

export function missingOf(objects: readonly KernelObject[], missing: Observation['missing']): readonly string[] {
  return objects.filter(object => missing.has(object)).map(titleOf)
}

/** Null where nothing counts. */
export function sumOf(rules: readonly ObservedRule[]): Pick<PortNode, 'packets' | 'bytes'> {
  if (rules.length === 0) return { packets: null, bytes: null }
  return { packets: rules.reduce((sum, rule) => sum + rule.packets, 0), bytes: rules.reduce((sum, rule) => sum + rule.bytes, 0) }
}
