/**
 * A bound netlink socket, opened by the raw binding of the npm package `netlink`, with its descriptor and our options on it.
 *
 * The package gives us socket, bind, a place in the event loop and close. Everything else is done on the descriptor, because
 * the package's own send queues behind the loop, its receive copies through a callback that must not throw, and an overflow aborts
 * the process unless NETLINK_NO_ENOBUFS is set. Its JavaScript is not used at all: it loses errno, attributes and extended ACKs.
 *
 * The package does not tell its descriptor. The socket is therefore bound to a random port id, in the range that the kernel itself
 * uses when pids are taken, and the descriptor is the one whose getsockname(2) says so.
 */
import { TsnetError } from '../../errors/error.ts'
import { lazyAddon } from '../addon.ts'
import { isErrno } from '../error.ts'
import { randomBelow } from '../random.ts'
import { close, openFile } from '../syscalls/descriptor.ts'
import { RLIMIT_NOFILE, getrlimit } from '../syscalls/process.ts'
import { AF_NETLINK, SOL_NETLINK, SOL_SOCKET, SO_RCVBUFFORCE, SO_SNDBUFFORCE, getsockname, setsockopt } from '../syscalls/socket.ts'

export const NETLINK_ROUTE = 0
export const NETLINK_NETFILTER = 12

export interface NativeSocket { readonly fd: number, readonly port: number, close(): void }

/** The package's class (src/binding.cc): protocol, receive buffer size (0: as needed), callbacks for data and errors. */
interface NativeNetlink {
  bind(port: number, groups: number): void
  unref(): void
  close(): void
}
type NativeNetlinkClass = new (
  protocol: number, bufferSize: number, onData: () => void, onError: () => void,
) => NativeNetlink

const netlinkAddon = lazyAddon({ owner: 'netlink', file: `netlink/prebuilds/linux-${process.arch}/node.napi.node` })

/** What a socket is told besides answers: the groups (RTMGRP_… together) and who is called whenever something came. */
export interface Subscription { readonly groups: number, readonly wake: () => void }

/** Opens in the namespace the thread is in; the socket stays there and does not keep the process alive. */
export function openNativeSocket(protocol: number, { groups, wake }: Subscription = { groups: 0, wake: ignore }): NativeSocket {
  const { NativeNetlink: Native } = netlinkAddon()
  if (!isNativeClass(Native)) throw new TsnetError('internal-error', 'load netlink: the addon lacks the class NativeNetlink')
  const likely = lowestFree()
  // Answers are taken off the descriptor within the request's own call, so the loop only ever meets strays, which are let go.
  const native = new Native(protocol, 0, wake, ignore)
  try {
    const port = bindRandomPort(native, groups)
    native.unref()
    const fd = findDescriptor(port, likely)
    setOptions(fd)
    return { fd, port, close: () => native.close() }
  } catch (error) {
    native.close()
    throw error
  }
}

function bindRandomPort(native: NativeNetlink, groups: number): number {
  for (;;) {
    const port = 0x8000_0000 + randomBelow(0x7fff_f000)
    try {
      native.bind(port, groups)
      return port
    } catch (error) {
      if (!isErrno(error, 'EADDRINUSE')) throw error
    }
  }
}

/** `likely` is the lowest that was free: the socket's own, unless another thread took it or epoll's came first. */
function findDescriptor(port: number, likely: number): number {
  if (isBoundTo(likely, port)) return likely
  const limit = Number(getrlimit(RLIMIT_NOFILE).soft)
  for (let fd = 0; fd < limit; fd++) if (isBoundTo(fd, port)) return fd
  throw new TsnetError('internal-error', `find the descriptor of netlink port ${port}: no socket has it`)
}

function isBoundTo(fd: number, port: number): boolean {
  const address = getsockname(fd)
  return address?.length === 12 && address.readUInt16LE(0) === AF_NETLINK && address.readUInt32LE(4) === port
}

function lowestFree(): number {
  const fd = openFile('/')
  close(fd)
  return fd
}

function setOptions(fd: number): void {
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1)
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1)
  setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, 1)
  setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES)
}

function isNativeClass(value: unknown): value is NativeNetlinkClass {
  return typeof value === 'function'
}

function ignore(): void {
  // An exception here would abort the process.
}

/** A limit, not an allocation: 20 000 ACKs, or a batch of 10 000 rules. */
const BUFFER_BYTES = 32 * 1024 * 1024
const NETLINK_NO_ENOBUFS = 5
const NETLINK_CAP_ACK = 10
const NETLINK_EXT_ACK = 11
const NETLINK_GET_STRICT_CHK = 12
