/**
 * The firewall through iptables: rules where users and Docker look for them. Twin: nftables/firewall.ts.
 *
 * Works with iptables-nft and iptables-legacy alike. After the last object `iptables-save` is what it was, but for what the tool
 * itself makes when it first writes a table: the empty builtin chains, which iptables-nft shows as tables `filter`, `nat`, `raw`.
 */
import { isTsnetError } from '../../errors/error.ts'
import type { Family, FirewallObject } from '../../objects/firewall.ts'
import type { KernelObserver } from '../../objects/family.ts'
import { type Firewall, type FirewallSummary, type ForeignAccepts, type ObjectCounters, families, ofFamily } from '../firewall.ts'
import { requireConditions } from '../objects/conditions.ts'
import { objectCounters } from './counters.ts'
import { describeRules } from './describe.ts'
import { guardRules, networkChain } from './layout.ts'
import type { Generation } from './memory.ts'
import type { Command, Plan } from './plan.ts'
import type { RunProgram, StartProgram } from './programs.ts'
import { Tools } from './restore.ts'
import { type Rule, type Table, isAmong } from './rule.ts'
import { formerRules, ownRules, rulesOf } from './rules.ts'
import { type RuleState, hasGuard, isOurs, parseSave } from './state.ts'
import { summaryLines } from './summary.ts'
import { type Change, apply, takeBack } from './transaction.ts'

export interface IptablesOptions {
  readonly run: RunProgram
  /** With it, what writes rules is started while they are read. */
  readonly start?: StartProgram
  readonly observe?: KernelObserver
  /** The kernel's count of changes of rules: with it, a process that makes many changes need not read all rules for each. */
  readonly generation?: Generation
  /** Accepts in native nf_tables chains of others, which an accept of iptables does not reach; without it they are left alone. */
  readonly foreign?: ForeignAccepts
}

/** A change, and what of it was written, to be taken back. */
interface Done { readonly change: Change, readonly written: readonly Command[] }

export class IptablesFirewall implements Firewall {
  readonly name = 'iptables'
  readonly #tools: Tools
  readonly #foreign: ForeignAccepts | undefined
  #hasOptional = true

  constructor({ run, start, observe = () => undefined, generation, foreign }: IptablesOptions) {
    this.#tools = new Tools({ run, ...start === undefined ? {} : { start } }, observe, generation)
    this.#foreign = foreign
  }

  expectPorts(): void {
    this.#tools.expect(4)
  }

  prepare(group: readonly FirewallObject[]): void {
    for (const family of families) {
      const rules = ofFamily(group, family).flatMap(object => rulesOf(object))
      if (rules.length > 0) this.#tools.readAhead(family, onlyTable(rules).table)
    }
  }

  async create(group: readonly FirewallObject[]): Promise<void> {
    requireConditions(group, this.name)
    const done: Done[] = []
    try {
      for (const family of families) done.push(...await this.#createIn(family, ofFamily(group, family)))
      this.#foreign?.add(group)
    } catch (error) {
      for (const { change, written } of done.toReversed()) await takeBack(this.#tools, change, written)
      throw error
    }
  }

  /** What the kernel or the tool does not know, a module that was not built, is left out from then on. */
  async #createIn(family: Family, group: readonly FirewallObject[]): Promise<readonly Done[]> {
    const all = group.flatMap(object => rulesOf(object))
    const needed = all.filter(({ optional }) => optional !== true)
    const rules = this.#hasOptional ? all : needed
    if (rules.length === 0) return []
    try {
      return [await this.#make(family, rules)]
    } catch (error) {
      if (rules.length === needed.length || !isTsnetError(error, 'firewall-error')) throw error
      const made = await this.#make(family, needed).catch(() => { throw error })
      this.#hasOptional = false
      return [made]
    }
  }

  async #make(family: Family, rules: readonly Rule[]): Promise<Done> {
    const change: Change = { family, order: 'creation', plan: plan => plan.add(rules), ...onlyTable(rules) }
    return { change, written: await apply(this.#tools, change) }
  }

  async remove(group: readonly FirewallObject[]): Promise<void> {
    const errors: unknown[] = []
    for (const family of families.toReversed()) {
      const rules = ofFamily(group, family).flatMap(object => [...ownRules(object), ...formerRules(object)])
      if (rules.length === 0) continue
      const change: Change = { family, order: 'removal', plan: plan => plan.remove(rules), ...onlyTable(rules) }
      await apply(this.#tools, change).catch((error: unknown) => errors.push(error))
    }
    await this.#removeForeign(group).catch((error: unknown) => errors.push(error))
    if (errors.length > 0) throw new AggregateError(errors, 'some firewall rules could not be removed')
  }

  async replace(old: readonly FirewallObject[], fresh: readonly FirewallObject[]): Promise<void> {
    for (const family of families) {
      const gone = ofFamily(old, family).flatMap(object => [...ownRules(object), ...formerRules(object)])
      const come = ofFamily(fresh, family).flatMap(object => rulesOf(object))
      // What comes stands before what goes is taken away, so that no chain is removed that is made again.
      const swap = (plan: Plan): void => {
        plan.add(come)
        plan.remove(gone)
      }
      await apply(this.#tools, { family, order: 'creation', plan: swap, ...onlyTable([...gone, ...come]) })
    }
  }

  async missing(group: readonly FirewallObject[]): Promise<readonly FirewallObject[]> {
    const states = new Map<Family, RuleState>()
    for (const family of families) {
      if (ofFamily(group, family).length > 0) states.set(family, parseSave(await this.#tools.save(family)))
    }
    const unaccepted = new Set(this.#foreign?.unaccepted(group))
    return group.filter(object => {
      const state = states.get(object.family)
      const areThere = (rules: readonly Rule[]): boolean =>
        rules.every(rule => rule.optional === true || isAmong(rule, state?.get(rule.table)?.get(rule.chain) ?? []))
      const former = formerRules(object)
      return unaccepted.has(object) || !(areThere(rulesOf(object)) || former.length > 0 && areThere(former))
    })
  }

  describe(object: FirewallObject): readonly string[] {
    return describeRules(object)
  }

  async setForwardGuard(on: boolean): Promise<void> {
    for (const family of families) {
      await apply(this.#tools, { family, table: 'filter', order: 'creation', plan: plan => switchGuard(plan, on) })
    }
  }

  async counters(group: readonly FirewallObject[]): Promise<readonly ObjectCounters[]> {
    const saves = new Map<Family, string>()
    for (const family of families) {
      if (ofFamily(group, family).length > 0) saves.set(family, await this.#tools.save(family, { counters: true }))
    }
    return objectCounters(group, saves)
  }

  async summary(): Promise<FirewallSummary> {
    const saves = new Map<Family, string>()
    for (const family of families) saves.set(family, await this.#tools.save(family, { counters: true }))
    return {
      backend: this.name,
      version: await this.#tools.version(),
      forwardGuard: families.filter(family => hasGuard(parseSave(withoutCounters(saves.get(family) ?? '')))),
      lines: [...families.flatMap(family => summaryLines(family, saves.get(family) ?? '')), ...this.#foreign?.summary() ?? []],
    }
  }

  close(): void {
    this.#tools.close()
    this.#foreign?.close()
  }

  /** Where a network stays in one family, its rules in a chain of both families do too. */
  async #removeForeign(group: readonly FirewallObject[]): Promise<void> {
    if (this.#foreign === undefined || !group.some(({ kind }) => kind === 'isolation' || kind === 'resolver')) return
    const networks = new Set<string>()
    for (const family of families) {
      const chains = (await this.#tools.state(family, 'filter')).state.get('filter')
      for (const chain of chains?.keys() ?? []) networks.add(`${family} ${chain}`)
    }
    this.#foreign.remove(group, (bridge, family) => networks.has(`${family} ${networkChain(bridge)}`))
  }
}

/** The table of the rules, where it is one. */
function onlyTable(rules: readonly Rule[]): { readonly table?: Table } {
  const [first] = rules
  return first !== undefined && rules.every(rule => rule.table === first.table) ? { table: first.table } : {}
}

/** A family without networks of ours has nothing to guard. */
function switchGuard(plan: Plan, on: boolean): void {
  if (!on) plan.removeGuard()
  else if ([...plan.state.get('filter')?.keys() ?? []].some(isOurs)) plan.add(guardRules)
}

function withoutCounters(save: string): string {
  return save.replaceAll(/^\[\d+:\d+\] /gm, '')
}
