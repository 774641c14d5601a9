/** The caller's end of the control socket: what the shim tells, in its order, and the one byte that it is told. */
import type { Duplex } from 'node:stream'
import { TsnetError } from '../../errors/error.ts'
import { decodeMessage, messageSize, type ShimMessage } from './shim/protocol.ts'

type Message<Kind extends ShimMessage['kind']> = Extract<ShimMessage, { kind: Kind }>

export class Conversation {
  /** The shim's first message. */
  readonly started: Promise<Message<'started' | 'failed'>>
  /** The end of the process; rejects if the shim died without telling. */
  readonly exited: Promise<Message<'exited'>>
  readonly closed: Promise<void>
  readonly #control: Duplex

  constructor(control: Duplex) {
    const started = Promise.withResolvers<Message<'started' | 'failed'>>()
    const exited = Promise.withResolvers<Message<'exited'>>()
    const closed = Promise.withResolvers<void>()
    this.started = started.promise
    this.exited = exited.promise
    this.closed = closed.promise
    this.#control = control
    // Whoever detaches, or fails to start, does not look at the end any more.
    this.exited.catch(() => {})
    let pending = Buffer.alloc(0)
    control.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk])
      for (; pending.length >= messageSize; pending = pending.subarray(messageSize)) {
        const message = decodeMessage(pending)
        if (message?.kind === 'exited') exited.resolve(message)
        else if (message !== undefined) started.resolve(message)
      }
    })
    // A shim that is gone shows as the end of the socket, which follows.
    control.on('error', () => {})
    control.on('close', () => {
      started.reject(new TsnetError('container-start-failed', 'start container: the shim ended before it said anything'))
      exited.reject(new TsnetError('internal-error', 'wait for container: the shim ended without a status'))
      closed.resolve()
    })
  }

  /** "I clean up myself." */
  done(): void { this.#control.end(Buffer.of(1)) }

  /** Leaves the rest to the shim. */
  leave(): void { this.#control.destroy() }
}
