/**
 * The rules of the last transaction, for the next one of this process: `iptables-save` takes 40 µs a rule, and a process that makes many
 * networks would read all of them for each.
 *
 * The kernel stays the truth. It counts every change of any rule (its generation); what is remembered is used only while that count is what it
 * was after our own transaction. iptables-legacy does not count: nothing is ever remembered of it, as only a write that was counted
 * as it should be, one for each table, is.
 */
import type { Family } from '../../objects/firewall.ts'
import { type Table, tables } from './rule.ts'
import { type Chains, type RuleState, emptyState } from './state.ts'

/** The kernel's count of changes; undefined where it has no nf_tables. */
export type Generation = () => number | undefined

export class RuleMemory {
  readonly #generation: Generation
  readonly #known = new Map<string, Chains>()
  #at: number | undefined

  constructor(generation: Generation) {
    this.#generation = generation
  }

  /** The rules of one table, or of all; undefined where they have to be read. */
  recall(family: Family, table: Table | undefined): SeenRules | undefined {
    const at = this.#at
    if (at === undefined || this.#generation() !== at) return undefined
    const state = emptyState()
    for (const name of table === undefined ? tables : [table]) {
      const chains = this.#known.get(`${family} ${name}`)
      if (chains === undefined) return undefined
      state.set(name, chains)
    }
    return { state, at }
  }

  /** Runs `write`, and remembers what `state` then says of the tables that were read for it. */
  async remember(family: Family, written: Written, write: () => Promise<void>): Promise<void> {
    const before = this.#generation()
    if (before !== this.#at) this.#forget()
    try {
      await write()
    } catch (error) {
      this.#forget()
      throw error
    }
    const after = this.#generation()
    // Planned on rules that another change of this process, or of another one, has replaced since: what is there now is not what was planned.
    if (before === undefined || before !== written.plannedAt || after !== before + written.transactions) return this.#forget()
    this.#at = after
    for (const name of written.table === undefined ? tables : [written.table]) {
      this.#known.set(`${family} ${name}`, written.state.get(name) ?? new Map<string, string[]>())
    }
  }

  #forget(): void {
    this.#at = undefined
    this.#known.clear()
  }
}

/** Rules as they were when the kernel's count was `at`. */
export interface SeenRules { readonly state: RuleState, readonly at: number | undefined }

export interface Written {
  /** The count for which it was planned. */
  readonly plannedAt: number | undefined
  /** The rules as they are then, of the table that was read; absent: of all. */
  readonly state: RuleState
  readonly table?: Table
  /** How many tables were changed. */
  readonly transactions: number
}
