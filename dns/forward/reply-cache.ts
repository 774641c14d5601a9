/** Answers of others for as long as they hold: a thousand at most, the longest unused going first. */
import { type Reply, agedReply, decodeReply } from '../message/reply.ts'
import type { Clock } from './clock.ts'

const capacity = 1000
/** Seconds: nothing is kept longer, and that there is nothing only briefly. */
const longestTtl = 300
const longestNegativeTtl = 30

interface Entry { readonly message: Buffer, readonly reply: Reply, readonly storedMs: number, readonly expiresMs: number }

export class ReplyCache {
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get(key: string, id: number): Buffer | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    const now = this.#clock.now()
    if (entry.expiresMs <= now) return undefined
    this.#entries.set(key, entry)
    return agedReply(entry.message, entry.reply, Math.floor((now - entry.storedMs) / 1000), id)
  }

  put(key: string, message: Buffer): void {
    const reply = decodeReply(message)
    if (reply?.ttl === undefined) return
    const hasAnswers = message.readUInt16BE(6) > 0
    const seconds = Math.min(reply.ttl, hasAnswers ? longestTtl : longestNegativeTtl)
    if (seconds === 0) return
    const now = this.#clock.now()
    this.#entries.delete(key)
    this.#entries.set(key, { message, reply, storedMs: now, expiresMs: now + seconds * 1000 })
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > capacity && oldest !== undefined) this.#entries.delete(oldest)
  }
}
