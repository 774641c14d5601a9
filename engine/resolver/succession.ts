/**
 * A resolver whose watcher was killed hands over to a successor that has one, with everything that outlives either: the lock and the sockets.
 *
 * Both answer until the successor has said where it listens; the predecessor then gives what it still owes, and ends. So does whoever finds that
 * another one has spoken after it: of two, one is left.
 */
import { readFileSync } from 'node:fs'
import { instanceState } from '../../dns/instance.ts'
import { monotonicMs } from '../../kernel/clock.ts'
import { keepRunning } from '../../runtime/init/keep-running.ts'
import { resolverLog } from './log.ts'

/** After a start that failed, or came to nothing. */
const againMs = 30_000

export class Succession {
  readonly #runRoot: string
  readonly #descriptors: readonly number[]
  /** Whose end is told by another parent in its place. */
  readonly #watcher = process.ppid
  #isStarted = false
  #nextMs = 0

  /** @param descriptors what the successor is to have, from 3 on */
  constructor(runRoot: string, descriptors: readonly number[]) {
    this.#runRoot = runRoot
    this.#descriptors = descriptors
  }

  /** From the start of a successor on: what it says of itself must not be overwritten. */
  get isUnderWay(): boolean {
    return this.#isStarted
  }

  /** Starts a successor where there is no watcher (any more). Says on standard error, which is the log, what prevents it. */
  look(): void {
    if (process.ppid === this.#watcher || monotonicMs() < this.#nextMs) return
    this.#nextMs = monotonicMs() + againMs
    try {
      // It is in our control groups, as we are in those of our watcher.
      keepRunning({ argv: ownCommandLine(), needed: process.argv[1] ?? '/', log: resolverLog(this.#runRoot), cgroup: { v1: [] }, descriptors: this.#descriptors })
      this.#isStarted = true
    } catch (error) {
      process.stderr.write(`start a watcher in place of one that was killed: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }

  /** Whether somebody answers who has said so after us. */
  isDone(): boolean {
    const now = instanceState(this.#runRoot)
    return now.state === 'running' && now.announced.pid !== process.pid
  }
}

function ownCommandLine(): readonly string[] {
  return readFileSync('/proc/self/cmdline', 'utf8').split('\0').slice(0, -1)
}
