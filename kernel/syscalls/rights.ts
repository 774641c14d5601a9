/**
 * Descriptors through a socket: SCM_RIGHTS, unix(7). As long as a message waits in a socket that somebody has open, what its descriptors name
 * stays open, without a process that has them.
 */
import { constants } from 'node:os'
import { kernelError } from '../error.ts'
import { addressOf } from '../ffi.ts'
import { trySyscall } from '../syscall.ts'
import { MSG_DONTWAIT, SOL_SOCKET } from './socket.ts'

export interface Parcel { readonly text: string, readonly descriptors: readonly number[] }

/** Sends copies of descriptors with a text that is not empty; ours stay ours. False where no more messages fit. @throws kernel-error */
export function sendDescriptors(fd: number, { text, descriptors }: Parcel): boolean {
  const control = Buffer.alloc(controlSize(descriptors.length))
  control.writeBigUInt64LE(BigInt(CMSG_HEADER + descriptors.length * 4), 0)
  control.writeInt32LE(SOL_SOCKET, 8)
  control.writeInt32LE(SCM_RIGHTS, 12)
  for (const [index, descriptor] of descriptors.entries()) control.writeInt32LE(descriptor, CMSG_HEADER + index * 4)
  const message = new Message(Buffer.from(text), control)
  const result = trySyscall('sendmsg', fd, message.header, MSG_DONTWAIT | MSG_NOSIGNAL)
  if (result >= 0) return true
  if (result === -constants.errno.EAGAIN || result === -ETOOMANYREFS) return false
  throw kernelError('sendmsg', -result)
}

/** The next message, whose descriptors are ours from now on, close-on-exec; undefined where none waits. @throws kernel-error */
export function receiveDescriptors(fd: number): Parcel | undefined {
  const message = new Message(Buffer.alloc(LONGEST_TEXT), Buffer.alloc(controlSize(MOST_DESCRIPTORS)))
  const length = trySyscall('recvmsg', fd, message.header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)
  if (length === -constants.errno.EAGAIN || length === 0) return undefined
  if (length < 0) throw kernelError('recvmsg', -length)
  const descriptors: number[] = []
  if (message.controlLength > 0) {
    for (let at = CMSG_HEADER; at < Number(message.control.readBigUInt64LE(0)); at += 4) descriptors.push(message.control.readInt32LE(at))
  }
  return { text: message.bytes.toString('utf8', 0, length), descriptors }
}

/** struct msghdr with one iovec and a control buffer; holds on to what it points to. */
class Message {
  readonly header = Buffer.alloc(56)
  readonly bytes: Buffer
  readonly control: Buffer
  readonly #vector = Buffer.alloc(16)

  constructor(bytes: Buffer, control: Buffer) {
    this.bytes = bytes
    this.control = control
    this.#vector.writeBigUInt64LE(addressOf(bytes), 0)
    this.#vector.writeBigUInt64LE(BigInt(bytes.length), 8)
    this.header.writeBigUInt64LE(addressOf(this.#vector), 16)
    this.header.writeBigUInt64LE(1n, 24)
    this.header.writeBigUInt64LE(addressOf(control), 32)
    this.header.writeBigUInt64LE(BigInt(control.length), 40)
  }

  /** What the kernel has written of the control buffer. */
  get controlLength(): bigint {
    return this.header.readBigUInt64LE(40)
  }
}

function controlSize(descriptors: number): number {
  return CMSG_HEADER + (descriptors * 4 + 7 & ~7)
}

const ETOOMANYREFS = 109
/** struct cmsghdr */
const CMSG_HEADER = 16
const SCM_RIGHTS = 1
const MSG_NOSIGNAL = 0x4000
const MSG_CMSG_CLOEXEC = 0x4000_0000
const LONGEST_TEXT = 4096
const MOST_DESCRIPTORS = 8
