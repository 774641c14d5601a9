/**
 * Makes good what other programs do to Docker's networks on tsnet: `iptables -F`, `nft flush ruleset`, a firewall that starts anew, a bridge
 * that is deleted. Where nothing has changed, a look is one question to the kernel, and one for each bridge.
 */
import type { ForeignRuntime } from '../cnm/foreign-api.ts'

export interface RepairWatchOptions {
  readonly log: (line: string) => void
  /** Grows with every change of any rule; undefined: they are looked at every time. */
  readonly ruleChanges: () => number | undefined
  readonly everyMs?: number
}

export class RepairWatch {
  readonly #runtime: Pick<ForeignRuntime, 'repairIfHurt'>
  readonly #options: RepairWatchOptions
  readonly #timer: NodeJS.Timeout
  /** The count when all was well. */
  #seen: number | undefined
  #looking: Promise<void> | undefined
  /** Told once, until it is another. */
  #failure: string | undefined

  constructor(runtime: Pick<ForeignRuntime, 'repairIfHurt'>, options: RepairWatchOptions) {
    this.#runtime = runtime
    this.#options = options
    this.#seen = options.ruleChanges()
    this.#timer = setInterval(() => { this.#looking ??= this.#look().finally(() => { this.#looking = undefined }) }, options.everyMs ?? 5000)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  async #look(): Promise<void> {
    const { log, ruleChanges } = this.#options
    try {
      const count = ruleChanges()
      const made = await this.#runtime.repairIfHurt(count === undefined || count !== this.#seen)
      // What was made here counts too, and so does what somebody else did meanwhile: the next look finds nothing amiss, or that.
      this.#seen = count
      this.#failure = undefined
      if (made > 0) log(`warning: another program removed rules or links of Docker's networks; they are made again (${made})`)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (reason !== this.#failure) log(`warning: repair: ${reason}`)
      this.#failure = reason
    }
  }
}
