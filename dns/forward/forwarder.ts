/**
 * Questions that are not ours, to the servers of the host or of the container's `--dns`.
 *
 * The message goes on as it came, but for its id, so that EDNS and its flags mean to the server what they meant to the client. Equal
 * questions under way are asked once. An answer is asked for as the client asked, by datagram or stream; a truncated one is passed on.
 */
import { randomInt } from 'node:crypto'
import type { Clock } from './clock.ts'
import { Health } from './health.ts'
import { race } from './race.ts'
import { ReplyCache } from './reply-cache.ts'

export type Transport = 'udp' | 'tcp'

/** Sends a message to port 53 of a server. Rejects where there is no answer to it. */
export type Exchange = (server: string, message: Buffer, options: { readonly transport: Transport, readonly signal: AbortSignal }) => Promise<Buffer>

/** Questions under way at once; what comes on top fails at once, as a server behind it would not answer either. */
const maxPending = 1024

export class Forwarder {
  readonly #exchange: Exchange
  readonly #clock: Clock
  readonly #health: Health
  readonly #cache: ReplyCache
  readonly #pending = new Map<string, Promise<Buffer | undefined>>()

  constructor(exchange: Exchange, clock: Clock) {
    this.#exchange = exchange
    this.#clock = clock
    this.#health = new Health(clock)
    this.#cache = new ReplyCache(clock)
  }

  /** Whether no server is being asked. */
  get isIdle(): boolean {
    return this.#pending.size === 0
  }

  /** The answer under the id of the question; undefined where no server gave one. */
  async forward(message: Buffer, servers: readonly string[], transport: Transport): Promise<Buffer | undefined> {
    const id = message.readUInt16BE(0)
    const key = `${transport} ${servers.join()} ${message.toString('latin1', 2)}`
    const cached = this.#cache.get(key, id)
    if (cached !== undefined) return cached
    const answer = await (this.#pending.get(key) ?? this.#start(key, message, { servers, transport }))
    return answer === undefined ? undefined : withId(answer, id)
  }

  #start(key: string, message: Buffer, { servers, transport }: { servers: readonly string[], transport: Transport }): Promise<Buffer | undefined> {
    if (this.#pending.size >= maxPending) return Promise.resolve(undefined)
    const asked = race(servers, {
      clock: this.#clock, health: this.#health,
      // Each try under an id of its own, which a forger would have to guess.
      ask: (server, signal) => this.#exchange(server, withId(message, randomInt(0x1_0000)), { transport, signal }),
    }).then(answer => {
      if (answer !== undefined) this.#cache.put(key, answer)
      return answer
    }).finally(() => this.#pending.delete(key))
    this.#pending.set(key, asked)
    return asked
  }
}

function withId(message: Buffer, id: number): Buffer {
  const copy = Buffer.from(message)
  copy.writeUInt16BE(id, 0)
  return copy
}
