/**
 * Requests, dumps and batches over one netlink socket, synchronously.
 *
 * rtnetlink and nfnetlink do their work inside send(2) and have the answer in the receive queue when it returns; the parts of a
 * dump are made as they are received. So `send` and `recv(MSG_DONTWAIT)` until the answer is complete needs no waiting, no callbacks
 * and no event loop: 7 to 10 µs a request where the package's asynchronous path takes 60 and more. It also settles what an asynchronous
 * socket has to guard against: two dumps cannot overlap, requests are serialised, 300 events cannot overflow the queue
 * while the loop is busy, and all of it can be used inside `inNetns`. What blocks for long (deleting links) is not sent from
 * here but by `deferred-send.ts`.
 *
 * Answers are matched by sequence number; what belongs to no present request is let go. An answer that ends before its end has been
 * dropped by the kernel (receive buffer full): a dump is made again, as one that was interrupted by a change (NLM_F_DUMP_INTR) is.
 */
import type { TsnetError } from '../../errors/error.ts'
import { errnoNumber } from '../errno.ts'
import { kernelError } from '../error.ts'
import { inNetns } from '../netns.ts'
import { receive, send } from '../syscalls/socket.ts'
import { type RequestLayout, type Verdict, decodeVerdict, explainVerdict } from './answer.ts'
import {
  type Message, NLMSG_DONE, NLMSG_ERROR, NLMSG_NOOP, NLMSG_OVERRUN, NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST,
  decodeMessages, encodeMessage,
} from './message.ts'
import { type NativeSocket, openNativeSocket } from './native-socket.ts'

export interface NetlinkRequest {
  /** The message type's kernel name and number: for errors, `RTM_NEWLINK` and 16. */
  readonly name: string
  readonly type: number
  /** Besides NLM_F_REQUEST, which is always set; `request` adds NLM_F_ACK, `dump` NLM_F_DUMP, `batch` nothing. */
  readonly flags?: number
  /** Fixed header and attributes, encoded. */
  readonly payload: readonly Uint8Array[]
  /** What it is about, for errors: a link's name. */
  readonly detail?: string
  /** Names the attributes where the kernel answers with an offset. */
  readonly layout?: RequestLayout
}

export interface BatchResult {
  /** Requests that failed, by index, in the kernel's order. */
  readonly failures: readonly { readonly index: number, readonly error: TsnetError }[]
  /** Indexes of the requests with NLM_F_ACK that were acknowledged. */
  readonly acknowledged: ReadonlySet<number>
  /** Other messages that answered (NLM_F_ECHO, gets), in order. */
  readonly replies: readonly Message[]
}

export class NetlinkSocket {
  readonly #native: NativeSocket
  readonly #buffer = Buffer.allocUnsafeSlow(RECEIVE_BYTES)
  #sequence = 0

  private constructor(native: NativeSocket) {
    this.#native = native
  }

  /** Opens a socket in the namespace at `netns` (absent: the present one), where it stays for life, and so keeps the namespace. */
  static open(protocol: number, options: { readonly netns?: string } = {}): NetlinkSocket {
    return new NetlinkSocket(inNetns(options.netns, () => openNativeSocket(protocol)))
  }

  /** The descriptor: for ioctl(2) in the socket's namespace, and for `deferred-send.ts`. */
  get fd(): number {
    return this.#native.fd
  }

  /** One request and its acknowledgement. @returns what was answered besides @throws kernel-error with the extended ACK's text */
  request(request: NetlinkRequest): readonly Message[] {
    const { failures, acknowledged, replies } = this.batch([{ ...request, flags: (request.flags ?? 0) | NLM_F_ACK }])
    const [failure] = failures
    if (failure !== undefined) throw failure.error
    if (!acknowledged.has(0)) throw lost(request)
    return replies
  }

  /** All messages of a dump, each once and consistent. @throws kernel-error */
  dump(request: NetlinkRequest): readonly Message[] {
    for (let attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
      const messages = this.#dumpOnce(request)
      if (messages !== undefined) return messages
    }
    throw kernelError(request.name, errnoNumber('EAGAIN'), {
      extAck: `the list changed during each of ${DUMP_ATTEMPTS} attempts to read it`, ...detailOf(request),
    })
  }

  /**
   * Many requests in one send, which the kernel goes through without pause: no signal, kill included, comes between them.
   * rtnetlink goes on after a failure; nf_tables, between its begin and end messages, applies all or nothing.
   */
  batch(requests: readonly NetlinkRequest[]): BatchResult {
    const first = this.#sequence + 1
    const encoded = requests.map(request => this.encode(request))
    this.#send(Buffer.concat(encoded), requests[0])
    const failures: { readonly index: number, readonly error: TsnetError }[] = []
    const acknowledged = new Set<number>()
    const replies: Message[] = []
    for (const message of this.#receiveAll()) {
      const index = (message.sequence - first) >>> 0
      const request = requests[index]
      const bytes = encoded[index]
      if (request === undefined || bytes === undefined || message.type === NLMSG_NOOP || message.type === NLMSG_DONE) continue
      if (message.type !== NLMSG_ERROR) {
        replies.push(message)
        continue
      }
      const verdict = decodeVerdict(message)
      if (verdict.errno === 0) acknowledged.add(index)
      else failures.push({ index, error: failureOf(request, bytes, verdict) })
    }
    return { failures, acknowledged, replies }
  }

  /** The bytes of a request under the next sequence number, for `sendDetached`. */
  encode(request: NetlinkRequest): Buffer {
    this.#sequence = (this.#sequence + 1) >>> 0
    return encodeMessage(
      { type: request.type, flags: (request.flags ?? 0) | NLM_F_REQUEST, sequence: this.#sequence, port: 0 }, ...request.payload)
  }

  /** Closes the socket. After deletes, an nfnetlink socket waits here for some 20 ms: see `closeDetached`. */
  close(): void {
    this.#native.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** The dump's messages, or undefined where it has to be made again. */
  #dumpOnce(request: NetlinkRequest): readonly Message[] | undefined {
    const bytes = this.encode({ ...request, flags: (request.flags ?? 0) | NLM_F_DUMP })
    const sequence = this.#sequence
    this.#send(bytes, request)
    const messages: Message[] = []
    let interrupted = false
    for (const message of this.#receiveAll()) {
      if (message.sequence !== sequence) continue
      interrupted ||= (message.flags & NLM_F_DUMP_INTR) !== 0 || message.type === NLMSG_OVERRUN
      if (message.type === NLMSG_DONE || message.type === NLMSG_ERROR) {
        const verdict = decodeVerdict(message)
        if (verdict.errno !== 0) throw failureOf(request, bytes, verdict)
        return interrupted ? undefined : messages
      }
      messages.push(message)
    }
    return undefined
  }

  #send(bytes: Uint8Array, request: NetlinkRequest | undefined): void {
    this.#drain()
    send(this.#native.fd, bytes, request?.detail)
  }

  /** What an earlier, given-up answer left behind must not fill the queue. */
  #drain(): void {
    while (receive(this.#native.fd, this.#buffer) !== undefined);
  }

  /** Messages until the queue is empty; each datagram is copied, as the buffer serves the next one too. */
  * #receiveAll(): Generator<Message> {
    for (;;) {
      const length = receive(this.#native.fd, this.#buffer)
      if (length === undefined) return
      yield* decodeMessages(Buffer.from(this.#buffer.subarray(0, length)))
    }
  }
}

function failureOf(request: NetlinkRequest, bytes: Buffer, verdict: Verdict): TsnetError {
  const extAck = explainVerdict(verdict, bytes, request.layout)
  return kernelError(request.name, verdict.errno, { ...extAck === undefined ? {} : { extAck }, ...detailOf(request) })
}

function lost(request: NetlinkRequest): TsnetError {
  return kernelError(request.name, errnoNumber('ENOBUFS'), { extAck: 'the kernel dropped its answer', ...detailOf(request) })
}

function detailOf(request: NetlinkRequest): { readonly detail?: string } {
  return request.detail === undefined ? {} : { detail: request.detail }
}

const DUMP_ATTEMPTS = 20
/** More than the kernel puts into one datagram of a dump (32 kB, more only for links with hundreds of virtual functions). */
const RECEIVE_BYTES = 64 * 1024
