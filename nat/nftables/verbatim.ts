/**
 * Rules with words of the user's, which only the program `nft` understands: it makes them, in chains that nothing jumps to before our own
 * transaction has made the rest.
 */
import { TsnetError } from '../../errors/error.ts'
import { isErrno } from '../../kernel/error.ts'
import type { KernelObserver } from '../../objects/family.ts'
import type { Family } from '../../objects/firewall.ts'
import { TABLE } from './layout.ts'
import type { OwnChain } from './piece.ts'
import { word } from './statement.ts'

/** Runs a program to its end: `run` of kernel/exec.ts. */
export type RunProgram = (argv: readonly string[], options: { readonly stdin: string })
  => Promise<{ readonly status: number, readonly stdout: string, readonly stderr: string }>

/** Chains of a family as far as they are verbatim, with all chains they jump to. */
export interface VerbatimChains { readonly family: Family, readonly chains: readonly OwnChain[] }

/** One transaction; once more changes nothing. @throws firewall-error, firewall-unsupported where there is no `nft` */
export async function writeVerbatim(run: RunProgram, observe: KernelObserver, all: readonly VerbatimChains[]): Promise<void> {
  observe('nft')
  const { status, stderr } = await start(run, all.flatMap(commandsOf).map(line => `${line}\n`).join(''))
  if (status === 0) return
  const [said = 'it failed without a message'] = stderr.split('\n').filter(line => line.trim() !== '')
  throw new TsnetError('firewall-error', `change firewall rules: nft: ${said.replace(/^.*?Error: /, '')} in "${
    all.flatMap(({ chains }) => chains.flatMap(({ verbatim }) => verbatim ?? [])).join('"; "')}"`, { data: { program: 'nft', status, stderr } })
}

function commandsOf({ family, chains }: VerbatimChains): readonly string[] {
  const table = `${word(family)} ${TABLE}`
  return [
    `add table ${table}`, ...chains.map(({ name }) => `add chain ${table} ${name}`),
    ...chains.flatMap(({ name, verbatim }) => verbatim === undefined ? [] : [`flush chain ${table} ${name}`, `add rule ${table} ${name} ${verbatim}`]),
  ]
}

async function start(run: RunProgram, stdin: string): Promise<{ readonly status: number, readonly stderr: string }> {
  try {
    return await run(['nft', '-f', '-'], { stdin })
  } catch (cause) {
    if (!isErrno(cause, 'ENOENT')) throw cause
    throw new TsnetError('firewall-unsupported', 'publish port: its conditions are in the words of the program nft, which is not found', { cause })
  }
}
