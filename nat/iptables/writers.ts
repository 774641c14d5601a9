/**
 * `iptables-restore`, started before it is known what to write: its start is a millisecond, half of what it takes, in which other things
 * can be done. Until it has its input it holds no lock and has read no rule; without any, it ends and has done nothing.
 */
import type { Family } from '../../objects/firewall.ts'
import type { ProgramResult, StartProgram, StartedProgram } from './programs.ts'

/** What was expected and has not come by then, in milliseconds, does not come. */
const patienceMs = 1000

export class Writers implements Disposable {
  readonly #start: StartProgram | undefined
  readonly #waiting = new Map<Family, { readonly program: StartedProgram, readonly timer: NodeJS.Timeout }>()

  /** @param start absent: none is started ahead */
  constructor(start: StartProgram | undefined) {
    this.#start = start
  }

  /** Starts one for the family, where none waits. That it cannot be started is told when it is needed. */
  start(family: Family, argv: readonly string[]): void {
    if (this.#start === undefined || this.#waiting.has(family)) return
    try {
      const program = this.#start(argv)
      this.#waiting.set(family, { program, timer: setTimeout(() => this.end(family), patienceMs).unref() })
    } catch {
      // The one that is started for the writing fails for the same reason, and says so.
    }
  }

  /** Has the one that waits write it; undefined where there is none, where that has died, or where it is too much for it. */
  async write(family: Family, input: string): Promise<ProgramResult | undefined> {
    using program = this.#take(family)
    if (program === undefined || Buffer.byteLength(input) > program.capacity) return undefined
    try {
      return await program.finish(input)
    } catch {
      return undefined
    }
  }

  end(family: Family): void {
    this.#take(family)?.[Symbol.dispose]()
  }

  [Symbol.dispose](): void {
    for (const family of this.#waiting.keys()) this.end(family)
  }

  #take(family: Family): StartedProgram | undefined {
    const waiting = this.#waiting.get(family)
    this.#waiting.delete(family)
    clearTimeout(waiting?.timer)
    return waiting?.program
  }
}
