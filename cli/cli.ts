/** What a subcommand is given: the global options, the engine on demand, and where to print. */
import type { Command } from 'commander'
import { isTsnetError } from '../errors/error.ts'
import type { Engine } from '../engine/open.ts'

export interface GlobalOptions {
  readonly root: string
  readonly runRoot: string
  readonly debug: boolean
}

export interface Cli {
  readonly globals: GlobalOptions
  readonly env: NodeJS.ProcessEnv
  /** Asked for only where it matters: the folder may be deleted. */
  readonly cwd: string
  /** Opens the engine at the first call. @throws permission-denied without root */
  engine(): Promise<Engine>
  /** A line on standard output. */
  print(line: string): void
  /** A line on standard error, as `tsnet: …`. */
  readonly warn: (line: string) => void
  /** The same, of what failed. */
  readonly tell: (error: unknown) => Promise<void>
  /** The exit status, where it is not 0. */
  exit(status: number): void
}

/** A subcommand: `define` gives commander its arguments, options and action. One file each in `commands/`. */
export interface CommandModule {
  define(command: Command, cli: Cli): void
}

/** An option that may be given several times. */
export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...previous ?? [], value]
}

/** Does `act` for each reference, goes on after a failure, and fails with exit status 1 if any did, as Docker does. */
export async function forEachRef(cli: Cli, refs: readonly string[], act: (ref: string) => Promise<string | undefined>): Promise<void> {
  for (const ref of refs) {
    try {
      const line = await act(ref)
      if (line !== undefined) cli.print(line)
    } catch (error) {
      await cli.tell(error)
      cli.exit(1)
    }
  }
}

/** What failed first, and after it what failed while that was undone. */
export function failuresOf(error: unknown): readonly unknown[] {
  return error instanceof SuppressedError ? [...failuresOf(error.suppressed), ...failuresOf(error.error)] : [error]
}

/** One line: the sentence and the stable code. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // What Node says of a system call: a full disk, a folder that may not be written to.
  const code = isTsnetError(error) ? error.code : 'syscall' in error ? 'kernel-error' : 'internal-error'
  return `${error.message} (${code})`
}
