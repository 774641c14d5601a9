/**
 * The fault law: fail kernel call N, for every N, and nothing is left behind; kill the process at call N, for every N, and
 * the next command finds and removes what it left.
 *
 * Both loops end with the first N that the operation does not reach, and give the number of calls it makes.
 */
import type { KernelObserver } from '../../objects/family.ts'
import { type CommandResult, runCommand } from './namespace.ts'

/** What the observer throws: no TsnetError, so that no code mistakes it for an expected failure. */
export class InjectedFault extends Error {}

export interface FailLoop {
  /** The operation under test, with the observer handed to its kernel. */
  readonly operation: (observer: KernelObserver) => Promise<unknown>
  /** Runs after each failed try; throws when something is left. */
  readonly verify: (call: string, n: number) => Promise<void>
  /** Undoes the last, successful run. */
  readonly undo?: () => Promise<unknown>
}

const MAX_CALLS = 1000

/** Runs the operation with its N-th kernel call failing, N = 1, 2, …, until it succeeds. */
export async function failEveryCall(loop: FailLoop): Promise<number> {
  for (let n = 1; n < MAX_CALLS; n += 1) {
    let count = 0
    let failed: string | undefined
    const observer: KernelObserver = call => {
      count += 1
      if (count !== n) return
      failed = call
      throw new InjectedFault(`injected at call ${n}: ${call}`)
    }
    const error = await loop.operation(observer).then(() => undefined, (reason: unknown) => reason)
    if (failed === undefined) {
      if (error !== undefined) throw error
      await loop.undo?.()
      return n - 1
    }
    if (error === undefined) throw new Error(`the operation succeeded although call ${n} (${failed}) failed`)
    await loop.verify(failed, n)
  }
  throw new Error(`the operation makes more than ${MAX_CALLS} kernel calls`)
}

export interface KillLoop {
  /** Path of a TypeScript program that performs the operation with `killingObserver()`. */
  readonly program: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Runs after each kill: recovers, and throws when something is left. */
  readonly verify: (n: number) => Promise<void>
}

const KILLED = 128 + 9

/** Runs a program that is killed (SIGKILL) at its N-th kernel call, N = 1, 2, …, until it lives. */
export async function killEveryCall(loop: KillLoop): Promise<number> {
  for (let n = 1; n < MAX_CALLS; n += 1) {
    const result = await runKilled(loop, n)
    if (result.status === 0) return n - 1
    if (result.status !== KILLED) throw new Error(`the program failed by itself at call ${n}: ${result.stderr || result.stdout}`)
    await loop.verify(n)
  }
  throw new Error(`the program makes more than ${MAX_CALLS} kernel calls`)
}

/** A shell in between turns the death by signal into status 137, whichever way the program was started. */
function runKilled(loop: KillLoop, n: number): Promise<CommandResult> {
  const argv = ['sh', '-c', '"$@"; exit $?', 'sh', process.execPath, loop.program, ...loop.args ?? []]
  return runCommand(argv, { env: { ...loop.env, TEST_KILL_AT: String(n) } })
}

/** For the program of a kill loop: an observer that kills its own process at the call that the loop asks for. */
export function killingObserver(): KernelObserver {
  const killAt = Number(process.env.TEST_KILL_AT)
  let count = 0
  return () => {
    count += 1
    if (count === killAt) process.kill(process.pid, 'SIGKILL')
  }
}
