/** The commands that would make an object's rules, as a person would type them. The frame and shared jumps are no part of it. */
import type { FirewallObject, IsolationObject } from '../../objects/firewall.ts'
import { hasDirectPorts } from '../objects/isolation.ts'
import { networkChain, portChain, portsChain } from './layout.ts'
import { programName } from './restore.ts'
import { type Rule, targetOf } from './rule.ts'
import { ownRules } from './rules.ts'

export function describeRules(object: FirewallObject): readonly string[] {
  const program = programName(object.family)
  const own = ownRules(object).filter(rule => rule.shared !== true || object.kind === 'forward-guard' || isJumpToPort(rule))
  const chains = object.kind === 'isolation' ? chainsOf(object).map(chain => `${program} -N ${chain}`)
    : own.filter(isJumpToPort).map(({ spec }) => `${program} -t nat -N ${targetOf(spec)}`)
  return [...chains, ...own.map(rule => `${program} ${tableOption(rule)}${verbOf(rule)} ${rule.spec}`)]
}

function chainsOf(object: IsolationObject): readonly string[] {
  return [networkChain(object.bridge), ...hasDirectPorts(object) ? [portsChain(object.bridge)] : []]
}

/** Nothing else jumps there. */
function isJumpToPort({ spec }: Rule): boolean {
  return targetOf(spec)?.startsWith(portChain('')) === true
}

function tableOption(rule: Rule): string {
  return rule.table === 'filter' ? '' : `-t ${rule.table} `
}

function verbOf(rule: Rule): string {
  return rule.position === undefined ? `-A ${rule.chain}` : `-I ${rule.chain} ${rule.position}`
}
