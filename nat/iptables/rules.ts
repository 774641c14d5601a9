/** The rules of a firewall object: what it owns, and the shared jumps that lead there. */
import type { FirewallObject } from '../../objects/firewall.ts'
import { checked } from '../objects/check.ts'
import { formerHairpinRules, hairpinRules } from './hairpin.ts'
import { isolationRules } from './isolation.ts'
import { frameRules, guardRules } from './layout.ts'
import { masqueradeRules } from './masquerade.ts'
import { publishRules } from './publish.ts'
import { resolverRules } from './resolver.ts'
import { type Rule, tables } from './rule.ts'
import { segmentRules } from './segment.ts'

/** Without the frame. @throws invalid-argument, invalid-address, invalid-subnet, invalid-port */
export function ownRules(object: FirewallObject): readonly Rule[] {
  const safe = checked(object)
  switch (safe.kind) {
    case 'isolation': return isolationRules(safe)
    case 'masquerade': return masqueradeRules(safe)
    case 'publish': return publishRules(safe)
    case 'resolver': return resolverRules(safe)
    case 'hairpin': return hairpinRules(safe)
    case 'segment': return segmentRules(safe)
    case 'forward-guard': return guardRules
  }
}

/** What an earlier version made of the object, where that is something else: it does as much, and goes with the object. */
export function formerRules(object: FirewallObject): readonly Rule[] {
  const safe = checked(object)
  return safe.kind === 'hairpin' ? formerHairpinRules(safe) : []
}

/** With the frame of the tables it needs, in order of creation. */
export function rulesOf(object: FirewallObject): readonly Rule[] {
  const own = ownRules(object)
  return tables.flatMap(table => {
    const inTable = own.filter(rule => rule.table === table)
    return inTable.length === 0 ? [] : [...frameRules(table, object.family), ...inTable]
  })
}
