/**
 * Descriptors sent through a Unix socket (SCM_RIGHTS), and looked at or taken out at its other end.
 *
 * A descriptor that was sent and not yet received is held open by the socket's queue itself. Source: unix(7), cmsg(3).
 */
import { errnoNumber } from '../errno.ts'
import { kernelError } from '../error.ts'
import { addressOf } from '../ffi.ts'
import { syscall, trySyscall } from '../syscall.ts'
import { MSG_DONTWAIT, SOL_SOCKET } from './socket.ts'

/** The most that one message carries (SCM_MAX_FD). */
export const maxPassed = 253

/** `data` has at least one byte; what is longer than 64 is cut. */
export interface PassedMessage { readonly data: Buffer, readonly descriptors: readonly number[] }

/** Sends one message; its descriptors, `maxPassed` at most, stay open here as well. Never waits. @throws kernel-error EAGAIN when full */
export function sendMessage(fd: number, { data, descriptors }: PassedMessage): void {
  const header = headerFor(data.length, descriptors.length)
  header.data.set(data)
  if (descriptors.length > 0) {
    header.control.writeBigUInt64LE(BigInt(CMSG_HEADER + descriptors.length * 4), 0)
    header.control.writeInt32LE(SOL_SOCKET, 8)
    header.control.writeInt32LE(SCM_RIGHTS, 12)
    for (const [index, descriptor] of descriptors.entries()) header.control.writeInt32LE(descriptor, CMSG_HEADER + index * 4)
  }
  syscall('sendmsg', [fd, header.bytes, MSG_DONTWAIT], { detail: 'SCM_RIGHTS' })
}

/** The first message, which stays in the queue, with duplicates, close-on-exec, of what it carries; undefined where there is none. */
export function peekMessage(fd: number): PassedMessage | undefined {
  return take(fd, { limit: DATA_LENGTH, flags: MSG_PEEK })
}

/** At most `limit` bytes of what has come, with what came along, close-on-exec; empty at the end, undefined where nothing is there yet. */
export function receiveMessage(fd: number, limit: number): PassedMessage | undefined {
  return take(fd, { limit, flags: 0 })
}

function take(fd: number, { limit, flags }: { readonly limit: number, readonly flags: number }): PassedMessage | undefined {
  const header = headerFor(limit, maxPassed)
  const length = receive(fd, header, flags | MSG_CMSG_CLOEXEC)
  if (length === undefined) return undefined
  const filled = Number(header.bytes.readBigUInt64LE(CONTROL_LENGTH))
  const count = filled === 0 ? 0 : (Number(header.control.readBigUInt64LE(0)) - CMSG_HEADER) / 4
  const descriptors = Array.from({ length: count }, (_, index) => header.control.readInt32LE(CMSG_HEADER + index * 4))
  return { data: header.data.subarray(0, length), descriptors }
}

/** Takes the first message out of the queue; what it carries is closed. */
export function dropMessage(fd: number): void {
  receive(fd, headerFor(1, 0), 0)
}

function receive(fd: number, { bytes }: MessageHeader, flags: number): number | undefined {
  const result = trySyscall('recvmsg', fd, bytes, MSG_DONTWAIT | flags)
  if (result === -errnoNumber('EAGAIN')) return undefined
  if (result < 0) throw kernelError('recvmsg', -result)
  return result
}

/** struct msghdr, and in the same block of memory what it points at: so all of it lives as long as any of it. */
interface MessageHeader { readonly bytes: Buffer, readonly data: Buffer, readonly control: Buffer }

function headerFor(dataLength: number, descriptors: number): MessageHeader {
  const dataAt = SIZEOF_MSGHDR + SIZEOF_IOVEC
  const controlAt = dataAt + Math.ceil(dataLength / 8) * 8
  const controlLength = descriptors === 0 ? 0 : CMSG_HEADER + Math.ceil(descriptors * 4 / 8) * 8
  const bytes = Buffer.alloc(controlAt + controlLength)
  const address = addressOf(bytes)
  bytes.writeBigUInt64LE(address + BigInt(SIZEOF_MSGHDR), 16)
  bytes.writeBigUInt64LE(1n, 24)
  if (controlLength > 0) bytes.writeBigUInt64LE(address + BigInt(controlAt), 32)
  bytes.writeBigUInt64LE(BigInt(controlLength), CONTROL_LENGTH)
  bytes.writeBigUInt64LE(address + BigInt(dataAt), SIZEOF_MSGHDR)
  bytes.writeBigUInt64LE(BigInt(dataLength), SIZEOF_MSGHDR + 8)
  return { bytes, data: bytes.subarray(dataAt, dataAt + dataLength), control: bytes.subarray(controlAt) }
}

const DATA_LENGTH = 64
const SIZEOF_MSGHDR = 56
const SIZEOF_IOVEC = 16
/** Offset of msg_controllen; after a receive, how much the kernel has filled. */
const CONTROL_LENGTH = 40
/** struct cmsghdr: length, level, type. */
const CMSG_HEADER = 16
const SCM_RIGHTS = 1
const MSG_PEEK = 2
const MSG_CMSG_CLOEXEC = 0x4000_0000
