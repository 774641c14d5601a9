/** Processes: signals by pid and by pidfd, taking a descriptor over, resource limits. */
import { kernelError } from '../error.ts'
import { syscall, trySyscall } from '../syscall.ts'

/** Waits for a child to end. @returns its wait status @throws kernel-error ECHILD */
export function waitPid(pid: number): number
/** With WNOHANG: undefined while it runs. */
export function waitPid(pid: number, options: typeof WNOHANG): number | undefined
export function waitPid(pid: number, options = 0): number | undefined {
  const status = Buffer.alloc(4)
  return syscall('wait4', [pid, status, options, null]) === 0 ? undefined : status.readInt32LE(0)
}

export const WNOHANG = 1

/** Sends a signal by number; 0 only asks. False where there is no such process. */
export function kill(pid: number, signal: number): boolean {
  return existing('kill', trySyscall('kill', pid, signal), pid)
}

/** A descriptor of a process, close-on-exec, readable when it has ended; undefined where there is none with this pid. */
export function pidfdOpen(pid: number): number | undefined {
  const fd = trySyscall('pidfd_open', pid, 0)
  if (fd === -ESRCH) return undefined
  if (fd < 0) throw kernelError('pidfd_open', -fd, { detail: String(pid) })
  return fd
}

/** Sends a signal to exactly the process that the descriptor was opened for. False where it has ended. */
export function pidfdSendSignal(pidfd: number, signal: number): boolean {
  return existing('pidfd_send_signal', trySyscall('pidfd_send_signal', pidfd, signal, null, 0), pidfd)
}

/** A duplicate, close-on-exec, of descriptor `fd` of another process (needs PTRACE_MODE_ATTACH). */
export function pidfdGetfd(pidfd: number, fd: number): number {
  return syscall('pidfd_getfd', [pidfd, fd, 0])
}

export interface ResourceLimit { readonly soft: bigint, readonly hard: bigint }
export const RLIM_INFINITY: bigint = 2n ** 64n - 1n
export const RLIMIT_NOFILE = 7
export const RLIMIT_MEMLOCK = 8

/** The limit of a process (0: this one) before the call; sets it to `limit` where given. Twin: prlimit(1). */
export function prlimit(pid: number, resource: number, limit?: ResourceLimit): ResourceLimit {
  const before = Buffer.alloc(16)
  syscall('prlimit64', [pid, resource, limit === undefined ? null : encodeLimit(limit), before])
  return { soft: before.readBigUInt64LE(0), hard: before.readBigUInt64LE(8) }
}

export function getrlimit(resource: number): ResourceLimit {
  return prlimit(0, resource)
}

export function setrlimit(resource: number, limit: ResourceLimit): void {
  prlimit(0, resource, limit)
}

function encodeLimit(limit: ResourceLimit): Buffer {
  const buffer = Buffer.alloc(16)
  buffer.writeBigUInt64LE(limit.soft, 0)
  buffer.writeBigUInt64LE(limit.hard, 8)
  return buffer
}

function existing(call: string, result: number, target: number): boolean {
  if (result === -ESRCH) return false
  if (result < 0) throw kernelError(call, -result, { detail: String(target) })
  return true
}

const ESRCH = 3
