/** Sockets, synchronous: socket, bind, options, send and receive without waiting. Node's own cannot bind without listening. */
import { formatIp, ipFromBytes, parseIp, ipToBytes } from '../../address/ip.ts'
import { errnoNumber } from '../errno.ts'
import { kernelError } from '../error.ts'
import { syscall, trySyscall } from '../syscall.ts'

export const AF_UNIX = 1
export const AF_INET = 2
export const AF_INET6 = 10
export const AF_NETLINK = 16
export const SOCK_STREAM = 1
export const SOCK_DGRAM = 2
export const SOCK_RAW = 3
export const SOCK_SEQPACKET = 5
export const IPPROTO_TCP = 6
export const IPPROTO_UDP = 17
export const IPPROTO_IPV6 = 41
export const IPPROTO_SCTP = 132
export const IPV6_V6ONLY = 26
export const SOL_SOCKET = 1
export const SO_REUSEADDR = 2
export const SO_PEERCRED = 17
export const SO_SNDBUFFORCE = 32
export const SO_RCVBUFFORCE = 33
export const SO_PROTOCOL = 38
export const SOL_NETLINK = 270
export const MSG_DONTWAIT = 0x40

/** A new socket, close-on-exec. */
export function socket(domain: number, type: number, protocol = 0): number {
  return syscall('socket', [domain, type | SOCK_CLOEXEC, protocol])
}

/** Two connected sockets, close-on-exec. */
export function socketPair(domain: number, type: number): readonly [number, number] {
  const pair = Buffer.alloc(8)
  syscall('socketpair', [domain, type | SOCK_CLOEXEC, 0, pair])
  return [pair.readInt32LE(0), pair.readInt32LE(4)]
}

/** @throws kernel-error with EADDRINUSE, EADDRNOTAVAIL, …; `detail` names the address */
export function bind(fd: number, address: Uint8Array, detail?: string): void {
  syscall('bind', [fd, address, address.length], detail === undefined ? {} : { detail })
}

/** Lets connections come; they wait until somebody accepts them. @throws kernel-error EADDRINUSE where another socket listens there */
export function listen(fd: number, backlog: number, detail?: string): void {
  syscall('listen', [fd, backlog], detail === undefined ? {} : { detail })
}

/** The address a socket is bound to, as the kernel's sockaddr; undefined where `fd` is no socket. */
export function getsockname(fd: number): Buffer | undefined {
  const address = Buffer.alloc(128)
  const length = lengthBuffer(address.length)
  const result = trySyscall('getsockname', fd, address, length)
  if (result === -errnoNumber('ENOTSOCK') || result === -errnoNumber('EBADF')) return undefined
  if (result < 0) throw kernelError('getsockname', -result)
  return address.subarray(0, length.readUInt32LE(0))
}

/** Sets an integer option. */
export function setsockopt(fd: number, level: number, option: number, value: number): void {
  syscall('setsockopt', [fd, level, option, lengthBuffer(value), 4], { detail: `${level}/${option}` })
}

/** Reads an integer option. */
export function getsockopt(fd: number, level: number, option: number): number {
  const value = Buffer.alloc(4)
  syscall('getsockopt', [fd, level, option, value, lengthBuffer(4)], { detail: `${level}/${option}` })
  return value.readInt32LE(0)
}

/** The process that connected a Unix socket, by its number here; 0 where that has none. */
export function peerPid(fd: number): number {
  // The first word of a struct ucred.
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED)
}

/** Sends to the connected or default peer; returns the number of bytes. */
export function send(fd: number, data: Uint8Array, detail?: string): number {
  return syscall('sendto', [fd, data, data.length, 0, null, 0], detail === undefined ? {} : { detail })
}

/** Sends a datagram to a sockaddr, never waiting. One that cannot be sent is lost, as datagrams are. */
export function sendTo(fd: number, data: Uint8Array, address: Uint8Array): void {
  trySyscall('sendto', fd, data, data.length, MSG_DONTWAIT, address, address.length)
}

/** Receives what is there into `buffer`; the number of bytes, or undefined where nothing is there. Never waits. */
export function receive(fd: number, buffer: Uint8Array): number | undefined {
  const result = trySyscall('recvfrom', fd, buffer, buffer.length, MSG_DONTWAIT, null, null)
  if (result === -errnoNumber('EAGAIN')) return undefined
  if (result < 0) throw kernelError('recvfrom', -result)
  return result
}

/** sockaddr_in or sockaddr_in6 of an address and port; port 0 lets the kernel choose. @throws invalid-address */
export function socketAddress(ip: string, port: number): Buffer {
  const parsed = parseIp(ip)
  const address = Buffer.alloc(parsed.family === 4 ? 16 : 28)
  address.writeUInt16LE(parsed.family === 4 ? AF_INET : AF_INET6, 0)
  address.writeUInt16BE(port, 2)
  address.set(ipToBytes(parsed), parsed.family === 4 ? 4 : 8)
  return address
}

/** The address and port of a sockaddr_in or sockaddr_in6; undefined for any other. */
export function decodeSocketAddress(address: Buffer): { readonly family: 4 | 6, readonly ip: string, readonly port: number } | undefined {
  const domain = address.length < 2 ? 0 : address.readUInt16LE(0)
  if (domain !== AF_INET && domain !== AF_INET6) return undefined
  const family = domain === AF_INET ? 4 : 6
  const bytes = family === 4 ? address.subarray(4, 8) : address.subarray(8, 24)
  return { family, ip: formatIp(ipFromBytes(bytes)), port: address.readUInt16BE(2) }
}

function lengthBuffer(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32LE(value, 0)
  return buffer
}

const SOCK_CLOEXEC = 0o2000000
