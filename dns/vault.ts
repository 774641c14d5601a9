/**
 * Where the sockets are while nobody has them: in messages that wait in a socket pair (as kernel/descriptor-box.ts), under keys of
 * their places. The watcher has both ends, so the sockets outlive a resolver that is killed, with the questions that come meanwhile.
 *
 * What is in it is never out of it: what stays is sent once more before its message is dropped. Who dies in between leaves some twice.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { BoxEnds } from '../kernel/descriptor-box.ts'
import { isErrno } from '../kernel/error.ts'
import { close } from '../kernel/syscalls/descriptor.ts'
import { type PassedMessage, dropMessage, peekMessage, sendMessage } from '../kernel/syscalls/passing.ts'
import type { Sockets } from './sockets.ts'

export class Vault {
  readonly #ends: BoxEnds

  constructor(ends: BoxEnds) {
    this.#ends = ends
  }

  /** What a place of that name is kept under: a message holds 64 bytes. */
  static keyOf(name: string): string {
    return createHash('sha256').update(name).digest('hex').slice(0, 32)
  }

  /** Duplicates of what is in it, by the keys of their places. */
  copies(): ReadonlyMap<string, Sockets> {
    const found = new Map<string, Sockets>()
    for (const message of this.#until(this.#mark())) {
      const [datagrams, streams] = message.descriptors
      if (datagrams === undefined || streams === undefined) continue
      this.#put(message)
      const key = message.data.toString('hex')
      if (found.has(key)) message.descriptors.forEach(close)
      else found.set(key, { datagrams, streams })
    }
    return found
  }

  /** Has these as well. */
  add(all: Iterable<readonly [name: string, Sockets]>): void {
    for (const [name, { datagrams, streams }] of all) this.#put({ data: Buffer.from(Vault.keyOf(name), 'hex'), descriptors: [datagrams, streams] })
  }

  /** Has just these from now on. */
  keep(all: Iterable<readonly [name: string, Sockets]>): void {
    const mark = this.#mark()
    this.add(all)
    for (const { descriptors } of this.#until(mark)) descriptors.forEach(close)
  }

  /** What does not fit is lost with its process, and opened again. */
  #put(message: PassedMessage): void {
    try {
      sendMessage(this.#ends[0], message)
    } catch (error) {
      if (!isErrno(error, 'EAGAIN', 'ETOOMANYREFS')) throw error
    }
  }

  #mark(): Buffer {
    const mark = randomBytes(16)
    this.#put({ data: mark, descriptors: [] })
    return mark
  }

  /** The messages before the mark; each is dropped when the next one is asked for. */
  *#until(mark: Buffer): Generator<PassedMessage> {
    for (let message = peekMessage(this.#ends[1]); message !== undefined; message = peekMessage(this.#ends[1])) {
      const isMark = message.data.equals(mark)
      if (!isMark) yield message
      dropMessage(this.#ends[1])
      if (isMark) return
    }
  }
}
