/**
 * The rules that are there, read from `iptables-save`, and a working copy that a plan changes in memory before the kernel is asked.
 *
 * Foreign chains are left out, but for the builtin ones that our jumps stand in.
 */
import { TSNET_CHAIN, guardRules } from './layout.ts'
import { type Table, tables } from './rule.ts'

const builtin = new Set(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'])

/** Chain to specs, in order. */
export type Chains = Map<string, string[]>
export type RuleState = ReadonlyMap<Table, Chains>

/** Reads the text of `iptables-save`; tables that it does not name are empty. */
export function parseSave(text: string): RuleState {
  const state = emptyState()
  let chains: Chains | undefined
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) chains = state.get(line.slice(1) as Table)
    else if (line.startsWith(':')) addChain(chains, line.slice(1, line.indexOf(' ')))
    else if (line.startsWith('-A ')) addRule(chains, line)
  }
  return state
}

export function emptyState(): Map<Table, Chains> {
  return new Map(tables.map(table => [table, new Map([...builtin].map(name => [name, []]))]))
}

export function copyState(state: RuleState): RuleState {
  return new Map([...state].map(([table, chains]) => [table, new Map([...chains].map(([name, specs]) => [name, [...specs]]))]))
}

export function isOurs(chain: string): boolean {
  return chain === TSNET_CHAIN || chain.startsWith(`${TSNET_CHAIN}-`)
}

/** True where the forward guard is on. */
export function hasGuard(state: RuleState): boolean {
  return guardRules.every(({ table, chain, spec }) => state.get(table)?.get(chain)?.includes(spec) === true)
}

function addChain(chains: Chains | undefined, name: string): void {
  if (isOurs(name) || builtin.has(name)) chains?.set(name, [])
}

function addRule(chains: Chains | undefined, line: string): void {
  const end = line.indexOf(' ', 3)
  // A rule without any match or target, such as `-A TSNET-USER`, is one too.
  const name = end < 0 ? line.slice(3) : line.slice(3, end)
  chains?.get(name)?.push(end < 0 ? '' : line.slice(end + 1))
}
