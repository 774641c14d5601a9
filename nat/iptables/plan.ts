/**
 * The difference between the rules that are there and the rules that are wanted, as commands for `iptables-restore`.
 *
 * Pure. Commands change the working copy as they are noted, so what follows sees what came before. Chains are made with -N and removed
 * with -X, never declared (`:CHAIN`, which would empty one that another process filled in between), so a race makes the transaction
 * fail, and it is planned again.
 */
import { GUARD_CHAIN, USER_CHAIN, frameChains, frameRules, guardRules } from './layout.ts'
import { type Rule, type Table, isAmong, targetOf } from './rule.ts'
import { type Chains, type RuleState, copyState, isOurs } from './state.ts'
import type { Family } from '../../objects/firewall.ts'

export type Command =
  | { readonly verb: '-N' | '-X', readonly table: Table, readonly chain: string }
  | { readonly verb: '-A' | '-D', readonly table: Table, readonly chain: string, readonly spec: string }
  | { readonly verb: '-I', readonly table: Table, readonly chain: string, readonly spec: string, readonly position: number }

export class Plan {
  readonly commands: Command[] = []
  readonly #state: RuleState
  readonly #family: Family

  constructor(state: RuleState, family: Family) {
    this.#state = copyState(state)
    this.#family = family
  }

  /** The rules as they will be. */
  get state(): RuleState {
    return this.#state
  }

  /** True where nothing of ours is left, in one table or in all. */
  isTableFree(table?: Table): boolean {
    return [...this.#state].every(([name, chains]) => (table !== undefined && name !== table) || ![...chains.keys()].some(isOurs))
  }

  /** Adds what is not there, chains included. */
  add(rules: readonly Rule[]): void {
    for (const [index, rule] of rules.entries()) {
      this.#ensureChain(rule.table, rule.chain)
      const target = targetOf(rule.spec)
      if (target !== undefined) this.#ensureChain(rule.table, target)
      const specs = this.#specs(rule.table, rule.chain)
      if (isAmong(rule, specs)) continue
      const rival = rivalOf(rule.spec, specs)
      if (rival !== undefined) this.#delete(rule.table, rule.chain, rival)
      this.#insert(rule, specs, rules[index - 1])
    }
  }

  /** Removes the rules that are there, but for the shared ones, and then every chain that nothing is left in. */
  remove(rules: readonly Rule[]): void {
    for (const rule of rules) {
      if (rule.shared !== true) this.#delete(rule.table, rule.chain, rule.spec)
    }
    for (const table of this.#state.keys()) this.#collect(table)
  }

  /** Removes the forward guard alone. */
  removeGuard(): void {
    for (const { table, chain, spec } of guardRules) this.#delete(table, chain, spec)
    if (this.#chains('filter').has(GUARD_CHAIN)) this.#deleteChain('filter', GUARD_CHAIN)
  }

  /** Takes back what creation did, as far as it is still there; chains and jumps go where nothing needs them. */
  takeBack(done: readonly Command[]): void {
    for (const command of done) {
      if ((command.verb === '-A' || command.verb === '-I') && targetOf(command.spec) === undefined) {
        this.#delete(command.table, command.chain, command.spec)
      }
    }
    this.remove([])
  }

  /** Empty chains, the jumps to them, and so on upwards; the frame where nothing but the frame is left. */
  #collect(table: Table): void {
    const chains = this.#chains(table)
    const jumps = jumpsByTarget(chains)
    const empty = (): string[] => [...chains].filter(([name, specs]) => isOurs(name) && !frameChains.includes(name) && specs.length === 0).map(([name]) => name)
    for (let names = empty(); names.length > 0; names = empty()) {
      for (const name of names) {
        for (const { chain, spec } of jumps.get(name) ?? []) this.#delete(table, chain, spec)
        this.#deleteChain(table, name)
      }
    }
    if (onlyFrameLeft(chains, frameRules(table, this.#family))) this.#removeFrame(table)
  }

  /** What the user put into TSNET-USER stays, and goes on working. */
  #removeFrame(table: Table): void {
    const chains = this.#chains(table)
    const keepsUser = (chains.get(USER_CHAIN)?.length ?? 0) > 0
    for (const chain of frameChains) {
      if (chain === USER_CHAIN) continue
      for (const spec of (chains.get(chain) ?? []).slice()) this.#delete(table, chain, spec)
    }
    for (const rule of [...guardRules.filter(guard => guard.table === table), ...frameRules(table, this.#family)]) {
      if (!keepsUser || targetOf(rule.spec) !== USER_CHAIN) this.#delete(table, rule.chain, rule.spec)
    }
    for (const chain of frameChains) {
      if (chains.has(chain) && !(keepsUser && chain === USER_CHAIN)) this.#deleteChain(table, chain)
    }
  }

  #ensureChain(table: Table, chain: string): void {
    if (!isOurs(chain) || this.#chains(table).has(chain)) return
    this.#chains(table).set(chain, [])
    this.commands.push({ verb: '-N', table, chain })
  }

  #insert(rule: Rule, specs: string[], previous: Rule | undefined): void {
    const { table, chain, spec } = rule
    const after = rule.ordered === true && previous?.chain === chain ? specs.indexOf(previous.spec) + 2 : 1
    const position = rule.ordered === true ? after : rule.position ?? specs.length + 1
    if (position > specs.length) {
      specs.push(spec)
      this.commands.push({ verb: '-A', table, chain, spec })
    } else {
      specs.splice(position - 1, 0, spec)
      this.commands.push({ verb: '-I', table, chain, spec, position })
    }
  }

  /**
   * Every copy: where another process changes the rules while iptables-restore writes, it reads them once more and leaves out the -N
   * of chains that are there by now, but not the jumps to them, which then are there twice.
   */
  #delete(table: Table, chain: string, spec: string): void {
    const specs = this.#chains(table).get(chain) ?? []
    for (let index = specs.indexOf(spec); index >= 0; index = specs.indexOf(spec)) {
      specs.splice(index, 1)
      this.commands.push({ verb: '-D', table, chain, spec })
    }
  }

  #deleteChain(table: Table, chain: string): void {
    this.#chains(table).delete(chain)
    this.commands.push({ verb: '-X', table, chain })
  }

  #chains(table: Table): Chains {
    return this.#state.get(table) ?? new Map()
  }

  #specs(table: Table, chain: string): string[] {
    return this.#chains(table).get(chain) ?? []
  }
}

/** A redirection of the same port elsewhere, which would win; only something unknown to the records can have left it. */
function rivalOf(spec: string, specs: readonly string[]): string | undefined {
  const end = spec.indexOf(' -j DNAT ')
  return end < 0 ? undefined : specs.find(other => other.startsWith(`${spec.slice(0, end)} -j DNAT `))
}

function jumpsByTarget(chains: Chains): ReadonlyMap<string, readonly { readonly chain: string, readonly spec: string }[]> {
  const jumps = [...chains].flatMap(([chain, specs]) => specs.flatMap(spec => {
    const target = targetOf(spec)
    return target === undefined ? [] : [{ target, chain, spec }]
  }))
  return Map.groupBy(jumps, jump => jump.target)
}

/** The guard does not count: it goes with the frame. */
function onlyFrameLeft(chains: Chains, frame: readonly Rule[]): boolean {
  const ours = [...chains.keys()].filter(isOurs)
  if (ours.length === 0 || !ours.every(name => frameChains.includes(name))) return false
  const known = new Set([...frame, ...guardRules].map(rule => `${rule.chain} ${rule.spec}`))
  return ours.every(name => name === USER_CHAIN || (chains.get(name) ?? []).every(spec => known.has(`${name} ${spec}`)))
}
