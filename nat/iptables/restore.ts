/**
 * The tools: `iptables-save` to read, and `iptables-restore --noflush --wait` to write everything of one operation at once.
 *
 * One transaction per table is what restore has: a later table that is refused leaves the earlier ones written, which is why
 * `transaction.ts` takes them back.
 */
import { TsnetError } from '../../errors/error.ts'
import { isErrno } from '../../kernel/error.ts'
import type { KernelObserver } from '../../objects/family.ts'
import type { Family } from '../../objects/firewall.ts'
import { type Generation, RuleMemory } from './memory.ts'
import type { Command } from './plan.ts'
import { type Table, tables } from './rule.ts'
import { type RuleState, parseSave } from './state.ts'

/** Runs a program to its end: `run` of kernel/exec.ts. */
export type RunProgram = (argv: readonly string[], options?: { readonly stdin?: string }) => Promise<ProgramResult>
export interface ProgramResult { readonly status: number, readonly stdout: string, readonly stderr: string }

export const programName = (family: Family): string => family === 4 ? 'iptables' : 'ip6tables'

/** The input of iptables-restore: tables in the order given, one transaction each. */
export function restoreInput(commands: readonly Command[], order: readonly Table[]): string {
  return order.flatMap(table => {
    const lines = commands.filter(command => command.table === table).map(commandText)
    return lines.length === 0 ? [] : [`*${table}`, ...lines, 'COMMIT']
  }).map(line => `${line}\n`).join('')
}

export function commandText(command: Command): string {
  switch (command.verb) {
    case '-N': case '-X': return `${command.verb} ${command.chain}`
    case '-I': return `-I ${command.chain} ${command.position} ${command.spec}`
    case '-A': case '-D': return `${command.verb} ${command.chain} ${command.spec}`
  }
}

export class Tools {
  readonly memory: RuleMemory
  readonly #run: RunProgram
  readonly #observe: KernelObserver

  /** @param generation absent: every transaction reads the rules anew */
  constructor(run: RunProgram, observe: KernelObserver, generation: Generation = () => undefined) {
    this.memory = new RuleMemory(generation)
    this.#run = run
    this.#observe = observe
  }

  /** The rules of one table, or of all, as far as they concern us: remembered or read. @throws firewall-error, firewall-unsupported */
  async state(family: Family, table?: Table): Promise<RuleState> {
    return this.memory.recall(family, table) ?? parseSave(await this.save(family, table === undefined ? {} : { table }))
  }

  /** The text of `iptables-save`, of one table where only that is asked for. @throws firewall-error, firewall-unsupported */
  async save(family: Family, options: { readonly table?: Table, readonly counters?: boolean } = {}): Promise<string> {
    const program = `${programName(family)}-save`
    const { status, stdout, stderr } = await this.#start([
      program, ...options.table === undefined ? [] : ['-t', options.table], ...options.counters === true ? ['-c'] : [],
    ])
    if (status !== 0) throw new TsnetError('firewall-error', `read firewall rules: ${program}: ${words(stderr)}`)
    return stdout
  }

  /** Writes all of `commands`. @throws firewall-error with the refused line */
  async restore(family: Family, commands: readonly Command[], order: readonly Table[] = tables): Promise<void> {
    const program = `${programName(family)}-restore`
    const stdin = restoreInput(commands, order)
    this.#observe(program)
    const { status, stderr } = await this.#start([program, '--noflush', '--wait'], { stdin })
    if (status === 0) return
    const number = /line (\d+)/.exec(stderr)?.[1]
    const line = number === undefined ? '' : stdin.split('\n')[Number(number) - 1] ?? ''
    throw new TsnetError('firewall-error', `change firewall rules: ${program}: ${words(stderr)}${line === '' ? '' : ` in "${line}"`}`, {
      data: { program, status, stderr, line },
    })
  }

  /** `v1.8.9 (nf_tables)` */
  async version(): Promise<string> {
    const { stdout } = await this.#start(['iptables', '--version'])
    return stdout.trim().replace(/^iptables /, '')
  }

  /** @throws firewall-unsupported where the tools, which were there when this backend was chosen, are no more */
  async #start(argv: readonly string[], options?: { readonly stdin?: string }): Promise<ProgramResult> {
    try {
      return await this.#run(argv, options)
    } catch (cause) {
      if (!isErrno(cause, 'ENOENT')) throw cause
      throw new TsnetError('firewall-unsupported', `use the firewall backend iptables: ${argv[0]} is not found; `
        + 'install iptables again, as its rules are in the kernel and no other program changes them', { cause })
    }
  }
}

/** Without the program's own name and version, with which it begins, and its remarks. */
function words(stderr: string): string {
  const lines = stderr.split('\n').map(line => line.trim()).filter(line => line !== '' && !line.startsWith('#'))
  return lines.join(' ').replace(/^ip6?tables-\w+( v[\d.]+ \([\w-]+\))?:\s*/, '').replace(/\.$/, '') || 'it failed without a message'
}
