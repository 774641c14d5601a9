/**
 * Many datagrams in one system call: recvmmsg(2), and sendmmsg(2) for the answers, with memory that is laid out once.
 *
 * Slot i holds the i-th datagram received, its sender, and the answer to it; so an answer needs no address. All of it is overwritten by the
 * next `receive`. Structures are those of 64 bit kernels on both architectures: struct mmsghdr, iovec.
 */
import { type IpAddress, ipFromBytes } from '../../address/ip.ts'
import { addressOf } from '../ffi.ts'
import { trySyscall } from '../syscall.ts'
import { DatagramAnswers } from './datagram-answers.ts'
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

export class DatagramBatch {
  readonly #names = Buffer.alloc(CAPACITY * SIZEOF_SOCKADDR)
  readonly #headers = Buffer.alloc(CAPACITY * SIZEOF_MMSGHDR)
  readonly #words = new Uint32Array(this.#headers.buffer, this.#headers.byteOffset, this.#headers.length / 4)
  readonly #vectors = Buffer.alloc(CAPACITY * SIZEOF_IOVEC)
  readonly #bytes = Buffer.alloc(CAPACITY * MESSAGE_SIZE)
  /** The last datagram in each slot, as most questions are of few lengths: a view takes longer to make than to use. */
  readonly #views: Buffer[] = Array.from({ length: CAPACITY }, () => this.#bytes)
  readonly #answers = new DatagramAnswers(this.#names, CAPACITY, MESSAGE_SIZE)

  /** Headers that point to vectors, which point to bytes. */
  constructor() {
    for (let slot = 0; slot < CAPACITY; slot++) {
      this.#headers.writeBigUInt64LE(addressOf(this.#names) + BigInt(slot * SIZEOF_SOCKADDR), slot * SIZEOF_MMSGHDR)
      this.#headers.writeBigUInt64LE(addressOf(this.#vectors) + BigInt(slot * SIZEOF_IOVEC), slot * SIZEOF_MMSGHDR + 16)
      this.#headers.writeBigUInt64LE(1n, slot * SIZEOF_MMSGHDR + 24)
      this.#vectors.writeBigUInt64LE(addressOf(this.#bytes) + BigInt(slot * MESSAGE_SIZE), slot * SIZEOF_IOVEC)
      this.#vectors.writeBigUInt64LE(BigInt(MESSAGE_SIZE), slot * SIZEOF_IOVEC + 8)
    }
  }

  /** Receives what waits in a socket, and never waits; the number of datagrams. */
  receive(fd: number): number {
    for (let slot = 0; slot < CAPACITY; slot++) this.#words[slot * 16 + NAMELEN] = SIZEOF_SOCKADDR
    return Math.max(0, trySyscall('recvmmsg', fd, this.#headers, CAPACITY, MSG_DONTWAIT, null))
  }

  /** The datagram in a slot: a view of memory that the next `receive` writes to. */
  message(slot: number): Buffer {
    const length = this.#words[slot * 16 + MSG_LEN] ?? 0
    const known = this.#views[slot]
    return known?.length === length ? known : this.#views[slot] = this.#bytes.subarray(slot * MESSAGE_SIZE, slot * MESSAGE_SIZE + length)
  }

  /** Something to look a sender up by: of an IPv4 address its number, of an IPv6 one its bytes, with the link of a link-local one. */
  senderKey(slot: number): number | string {
    const start = slot * SIZEOF_SOCKADDR
    return this.#isIpv4(start) ? this.#names.readUInt32LE(start + 4) : this.#names.toString('latin1', start + 8, start + SIZEOF_SOCKADDR)
  }

  sender(slot: number): IpAddress {
    const start = slot * SIZEOF_SOCKADDR
    return ipFromBytes(this.#isIpv4(start) ? this.#names.subarray(start + 4, start + 8) : this.#names.subarray(start + 8, start + 24))
  }

  /** Index of the link that a link-local sender is on; 0 for all others. */
  senderLink(slot: number): number {
    const start = slot * SIZEOF_SOCKADDR
    return this.#isIpv4(start) ? 0 : this.#names.readUInt32LE(start + 24)
  }

  /** The sender as sockaddr, for an answer that comes later. */
  senderAddress(slot: number): Buffer {
    const start = slot * SIZEOF_SOCKADDR
    return Buffer.from(this.#names.subarray(start, start + (this.#words[slot * 16 + NAMELEN] ?? 0)))
  }

  /** Lays the answer to a slot's datagram ready. */
  answer(slot: number, bytes: Uint8Array): void {
    this.#answers.add(slot, this.#words[slot * 16 + NAMELEN] ?? 0, bytes)
  }

  /** Sends the answers that are laid ready. What cannot be sent is lost, as datagrams are. */
  send(fd: number): void {
    this.#answers.send(fd)
  }

  #isIpv4(start: number): boolean {
    return this.#names.readUInt16LE(start) === AF_INET
  }
}
