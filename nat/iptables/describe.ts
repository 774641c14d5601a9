/** The commands that would make an object's rules, as a person would type them. The frame and shared jumps are no part of it. */
import type { FirewallObject, IsolationObject } from '../../objects/firewall.ts'
import { hasDirectPorts } from '../objects/isolation.ts'
import { networkChain, portsChain } from './layout.ts'
import { programName } from './restore.ts'
import type { Rule } from './rule.ts'
import { ownRules } from './rules.ts'

export function describeRules(object: FirewallObject): readonly string[] {
  const program = programName(object.family)
  const own = ownRules(object).filter(rule => rule.shared !== true || object.kind === 'forward-guard')
  const chains = object.kind === 'isolation' ? chainsOf(object).map(chain => `${program} -N ${chain}`) : []
  return [...chains, ...own.map(rule => `${program} ${tableOption(rule)}${verbOf(rule)} ${rule.spec}`)]
}

function chainsOf(object: IsolationObject): readonly string[] {
  return [networkChain(object.bridge), ...hasDirectPorts(object) ? [portsChain(object.bridge)] : []]
}

function tableOption(rule: Rule): string {
  return rule.table === 'filter' ? '' : `-t ${rule.table} `
}

function verbOf(rule: Rule): string {
  return rule.position === undefined ? `-A ${rule.chain}` : `-I ${rule.chain} ${rule.position}`
}
