/**
 * One question to several servers: the best first, the next as soon as one fails or is slow, whoever answers first wins.
 *
 * Every server is asked twice where there is time, as datagrams get lost. Who is overtaken by a server asked later, or gives no answer at
 * all, has failed; SERVFAIL and REFUSED are answers, but only given back where no server has a better one.
 */
import { REFUSED, SERVFAIL } from '../message/constants.ts'
import { decodeReply } from '../message/reply.ts'
import type { Clock } from './clock.ts'
import type { Health } from './health.ts'

export interface RaceOptions {
  readonly clock: Clock
  readonly health: Health
  /** One try. Rejects where there is no answer. */
  readonly ask: (server: string, signal: AbortSignal) => Promise<Buffer>
}

/** How long a server is waited for before the next one is asked as well, and before all are asked once more. */
const nextServerMs = 250
const nextRoundMs = 1500
/** Less than the five seconds that a C library waits. */
const totalMs = 4500

/** The best answer; undefined where nobody gave any. */
export function race(servers: readonly string[], options: RaceOptions): Promise<Buffer | undefined> {
  return servers.length === 0 ? Promise.resolve(undefined) : new Race(servers, options).run()
}

class Race {
  readonly #options: RaceOptions
  /** Every server, twice. */
  readonly #queue: string[]
  readonly #rounds: number
  readonly #pending: string[] = []
  readonly #abort = new AbortController()
  readonly #result = Promise.withResolvers<Buffer | undefined>()
  readonly #timers = new DisposableStack()
  #next: Disposable | undefined
  #poorAnswer: Buffer | undefined

  constructor(servers: readonly string[], options: RaceOptions) {
    this.#options = options
    const order = options.health.order(servers)
    this.#queue = [...order, ...order]
    this.#rounds = order.length
  }

  async run(): Promise<Buffer | undefined> {
    this.#timers.use(this.#options.clock.after(totalMs, () => this.#end(this.#poorAnswer)))
    this.#askNext()
    try {
      return await this.#result.promise
    } finally {
      this.#timers.dispose()
      this.#next?.[Symbol.dispose]()
      this.#abort.abort()
    }
  }

  #askNext(): void {
    this.#next?.[Symbol.dispose]()
    const server = this.#queue.shift()
    if (server === undefined) {
      if (this.#pending.length === 0) this.#end(this.#poorAnswer)
      return
    }
    this.#pending.push(server)
    this.#next = this.#options.clock.after(this.#queue.length === this.#rounds ? nextRoundMs : nextServerMs, () => this.#askNext())
    this.#options.ask(server, this.#abort.signal).then(message => this.#answered(server, message), () => this.#failed(server))
  }

  #answered(server: string, message: Buffer): void {
    if (this.#abort.signal.aborted) return undefined
    const rcode = decodeReply(message)?.rcode
    if (rcode === undefined) return this.#failed(server)
    const { health } = this.#options
    if (rcode === SERVFAIL || rcode === REFUSED) {
      this.#poorAnswer ??= message
      return this.#settled(server)
    }
    health.answered(server)
    // Those asked before the winner have had their time.
    for (const slow of this.#pending.slice(0, this.#pending.indexOf(server))) if (slow !== server) health.failed(slow)
    return this.#end(message)
  }

  #failed(server: string): void {
    if (this.#abort.signal.aborted) return
    this.#options.health.failed(server)
    this.#settled(server)
  }

  /** Who has answered once gives the same answer again: no second round for it. */
  #settled(server: string): void {
    this.#pending.splice(this.#pending.indexOf(server), 1)
    const again = this.#queue.indexOf(server)
    if (again >= 0) this.#queue.splice(again, 1)
    this.#askNext()
  }

  #end(message: Buffer | undefined): void {
    if (message === undefined) for (const server of this.#pending) this.#options.health.failed(server)
    this.#result.resolve(message)
  }
}
