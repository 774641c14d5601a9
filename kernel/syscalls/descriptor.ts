/** Descriptors: close, dup, close-on-exec, ioctl, flock, memfd, openat2. All descriptors made here are close-on-exec. */
import { kernelError } from '../error.ts'
import { type NativeValue } from '../ffi.ts'
import { syscall, trySyscall } from '../syscall.ts'

/** Errors are ignored: Linux closes the descriptor in any case, and there is nothing a caller could do. */
export function close(fd: number): void {
  trySyscall('close', fd)
}

/** A duplicate, close-on-exec, with the lowest free number from `lowest`. */
export function dup(fd: number, lowest = 3): number {
  return syscall('fcntl', [fd, F_DUPFD_CLOEXEC, lowest], { detail: 'F_DUPFD_CLOEXEC' })
}

/** Any fcntl(2) with an integer argument. */
export function fcntl(fd: number, command: number, argument = 0): number {
  return syscall('fcntl', [fd, command, argument])
}

/** Sets or clears FD_CLOEXEC: a descriptor that children shall inherit has it cleared. */
export function setCloseOnExec(fd: number, on: boolean): void {
  syscall('fcntl', [fd, F_SETFD, on ? FD_CLOEXEC : 0], { detail: 'F_SETFD' })
}

export function isCloseOnExec(fd: number): boolean {
  return (syscall('fcntl', [fd, F_GETFD], { detail: 'F_GETFD' }) & FD_CLOEXEC) !== 0
}

export function ioctl(fd: number, request: number, argument: NativeValue, detail?: string): number {
  return syscall('ioctl', [fd, request, argument], detail === undefined ? {} : { detail })
}

/** Opens a file, close-on-exec, read-only unless `flags` say otherwise. */
export function openFile(path: string, flags = 0): number {
  return syscall('openat', [AT_FDCWD, path, flags | O_CLOEXEC, 0], { detail: path })
}

export const O_RDWR = 2

export const LOCK_SH = 1
export const LOCK_EX = 2
export const LOCK_NB = 4
export const LOCK_UN = 8

/** flock(2). False where LOCK_NB is set and another open file holds the lock. */
export function flock(fd: number, operation: number): boolean {
  const result = trySyscall('flock', fd, operation)
  if (result === -EAGAIN) return false
  if (result < 0) throw kernelError('flock', -result)
  return true
}

export const MFD_ALLOW_SEALING = 2
export const MFD_NOEXEC_SEAL = 8
export const MFD_EXEC = 0x10

/** An anonymous file in memory. `MFD_EXEC` and `MFD_NOEXEC_SEAL` (Linux 6.3) are left out again where the kernel does not know them. */
export function memfdCreate(name: string, flags = 0): number {
  const result = trySyscall('memfd_create', name, flags | MFD_CLOEXEC)
  if (result === -EINVAL && (flags & newerFlags) !== 0) return memfdCreate(name, flags & ~newerFlags)
  if (result < 0) throw kernelError('memfd_create', -result, { detail: name })
  return result
}

export const RESOLVE_NO_XDEV = 1
export const RESOLVE_NO_MAGICLINKS = 2
export const RESOLVE_NO_SYMLINKS = 4
export const RESOLVE_BENEATH = 8
export const RESOLVE_IN_ROOT = 0x10

export interface OpenHow { readonly flags: number, readonly mode?: number, readonly resolve: number }

/** openat2(2): opens `path` below the folder `dirfd`; RESOLVE_IN_ROOT makes links that lead out of it stay inside. */
export function openat2(dirfd: number, path: string, how: OpenHow): number {
  const buffer = Buffer.alloc(24)
  buffer.writeBigUInt64LE(BigInt(how.flags) | BigInt(O_CLOEXEC), 0)
  buffer.writeBigUInt64LE(BigInt(how.mode ?? 0), 8)
  buffer.writeBigUInt64LE(BigInt(how.resolve), 16)
  return syscall('openat2', [dirfd, path, buffer, buffer.length], { detail: path })
}

/** [read end, write end], close-on-exec. */
export function pipe(): readonly [number, number] {
  const ends = Buffer.alloc(8)
  syscall('pipe2', [ends, O_CLOEXEC])
  return [ends.readInt32LE(0), ends.readInt32LE(4)]
}

/** Start of paths at the working directory, for the `…at` calls. */
export const AT_FDCWD = -100
const newerFlags = MFD_EXEC | MFD_NOEXEC_SEAL
const F_GETFD = 1
const F_SETFD = 2
const F_DUPFD_CLOEXEC = 1030
const FD_CLOEXEC = 1
const MFD_CLOEXEC = 1
const O_CLOEXEC = 0o2000000
const EAGAIN = 11
const EINVAL = 22
