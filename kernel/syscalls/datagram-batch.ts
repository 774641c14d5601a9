/**
 * Many datagrams in one system call: recvmmsg(2) and sendmmsg(2) with memory that is laid out once.
 *
 * Slot i holds the i-th datagram received, its sender, and the answer to it; so an answer needs no address. All of it is overwritten by the
 * next `receive`. Structures are those of 64 bit kernels on both architectures: struct mmsghdr, iovec.
 */
import { type IpAddress, ipFromBytes } from '../../address/ip.ts'
import { addressOf } from '../ffi.ts'
import { trySyscall } from '../syscall.ts'
import { AF_INET, MSG_DONTWAIT } from './socket.ts'

const CAPACITY = 64
/** A longer question is cut, and so none; an answer is never longer: no datagram of tsnet is. */
const MESSAGE_SIZE = 2048

const SIZEOF_MMSGHDR = 64
const SIZEOF_IOVEC = 16
/** struct sockaddr_in6, the larger one */
const SIZEOF_SOCKADDR = 28
/** Offsets in struct mmsghdr, in words of 32 bits. */
const NAMELEN = 2
const MSG_LEN = 14

interface Messages { readonly headers: Buffer, readonly words: Uint32Array, readonly vectors: Uint32Array, readonly bytes: Buffer }

export class DatagramBatch {
  readonly #names = Buffer.alloc(CAPACITY * SIZEOF_SOCKADDR)
  readonly #received = messages(this.#names)
  readonly #answers = messages(this.#names)
  /** The headers of the answers from slot i on. */
  readonly #answersFrom = Array.from({ length: CAPACITY }, (_, i) => this.#answers.headers.subarray(i * SIZEOF_MMSGHDR))
  readonly #isAnswered = new Uint8Array(CAPACITY)

  /** Receives what waits in a socket, and never waits; the number of datagrams. */
  receive(fd: number): number {
    const { headers, words } = this.#received
    for (let slot = 0; slot < CAPACITY; slot++) words[slot * 16 + NAMELEN] = SIZEOF_SOCKADDR
    this.#isAnswered.fill(0)
    return Math.max(0, trySyscall('recvmmsg', fd, headers, CAPACITY, MSG_DONTWAIT, null))
  }

  /** The datagram in a slot: a view of memory that the next `receive` writes to. */
  message(slot: number): Buffer {
    const start = slot * MESSAGE_SIZE
    return this.#received.bytes.subarray(start, start + (this.#received.words[slot * 16 + MSG_LEN] ?? 0))
  }

  /** Something to look a sender up by: of an IPv4 address its number, of an IPv6 one its bytes. */
  senderKey(slot: number): number | string {
    const start = slot * SIZEOF_SOCKADDR
    return this.#isIpv4(start) ? this.#names.readUInt32LE(start + 4) : this.#names.toString('latin1', start + 8, start + 24)
  }

  sender(slot: number): IpAddress {
    const start = slot * SIZEOF_SOCKADDR
    return ipFromBytes(this.#isIpv4(start) ? this.#names.subarray(start + 4, start + 8) : this.#names.subarray(start + 8, start + 24))
  }

  /** The sender as sockaddr, for an answer that comes later. */
  senderAddress(slot: number): Buffer {
    const start = slot * SIZEOF_SOCKADDR
    return Buffer.from(this.#names.subarray(start, start + (this.#received.words[slot * 16 + NAMELEN] ?? 0)))
  }

  /** Lays the answer to a slot's datagram ready. */
  answer(slot: number, bytes: Uint8Array): void {
    if (bytes.length > MESSAGE_SIZE) return
    const { words, vectors, bytes: memory } = this.#answers
    memory.set(bytes, slot * MESSAGE_SIZE)
    vectors[slot * 4 + 2] = bytes.length
    words[slot * 16 + NAMELEN] = this.#received.words[slot * 16 + NAMELEN] ?? 0
    this.#isAnswered[slot] = 1
  }

  /** Sends the answers to the first `count` datagrams. What cannot be sent is lost, as datagrams are. */
  send(fd: number, count: number): void {
    for (let slot = 0; slot < count;) {
      let end = slot
      while (end < count && this.#isAnswered[end] === 1) end++
      const sent = end === slot ? 0 : trySyscall('sendmmsg', fd, this.#answersFrom[slot] ?? null, end - slot, MSG_DONTWAIT)
      // One without an answer, or that the kernel refuses, is left out.
      slot += Math.max(1, sent)
    }
  }

  #isIpv4(start: number): boolean {
    return this.#names.readUInt16LE(start) === AF_INET
  }
}

/** Headers that point to vectors, which point to bytes; both kinds share the addresses. */
function messages(names: Buffer): Messages {
  const headers = Buffer.alloc(CAPACITY * SIZEOF_MMSGHDR)
  const vectors = Buffer.alloc(CAPACITY * SIZEOF_IOVEC)
  const bytes = Buffer.alloc(CAPACITY * MESSAGE_SIZE)
  for (let slot = 0; slot < CAPACITY; slot++) {
    headers.writeBigUInt64LE(addressOf(names) + BigInt(slot * SIZEOF_SOCKADDR), slot * SIZEOF_MMSGHDR)
    headers.writeBigUInt64LE(addressOf(vectors) + BigInt(slot * SIZEOF_IOVEC), slot * SIZEOF_MMSGHDR + 16)
    headers.writeBigUInt64LE(1n, slot * SIZEOF_MMSGHDR + 24)
    vectors.writeBigUInt64LE(addressOf(bytes) + BigInt(slot * MESSAGE_SIZE), slot * SIZEOF_IOVEC)
    vectors.writeBigUInt64LE(BigInt(MESSAGE_SIZE), slot * SIZEOF_IOVEC + 8)
  }
  const words = (buffer: Buffer): Uint32Array => new Uint32Array(buffer.buffer, buffer.byteOffset, buffer.length / 4)
  return { headers, words: words(headers), vectors: words(vectors), bytes }
}
