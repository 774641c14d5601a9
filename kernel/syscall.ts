/**
 * Every system call through one door: `syscall('mount', …)` by number, errors as `kernelError`.
 *
 * Raw numbers rather than libc's wrappers, because libc has none for the newer calls (openat2, pidfd_getfd, fsopen on older
 * glibc), because structures are then the kernel's and the same on both architectures, and because one declaration to bind is faster
 * than thirty. Sources: arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h (arm64).
 */
import { TsnetError } from '../errors/error.ts'
import { type KernelErrorDetail, kernelError } from './error.ts'
import { type NativeValue, lastErrno, native } from './ffi.ts'

/** [x86-64, arm64] */
const numbers = {
  bind: [49, 200], clock_gettime: [228, 113], close: [3, 57], close_range: [436, 436], dup: [32, 23], fchown: [93, 55],
  fchownat: [260, 54], fcntl: [72, 25], flock: [73, 32], fsconfig: [431, 431], fsetxattr: [190, 7], fsmount: [432, 432],
  fsopen: [430, 430],
  getrandom: [318, 278], getsockname: [51, 204], getsockopt: [55, 209], gettid: [186, 178], ioctl: [16, 29], kill: [62, 129],
  lgetxattr: [192, 9], listen: [50, 201], llistxattr: [195, 12], lsetxattr: [189, 6], memfd_create: [319, 279],
  mknodat: [259, 33], mount: [165, 40], openat: [257, 56], openat2: [437, 437], pidfd_getfd: [438, 438], pidfd_open: [434, 434],
  pidfd_send_signal: [424, 424], pipe2: [293, 59], prlimit64: [302, 261], recvfrom: [45, 207],
  recvmmsg: [299, 243], recvmsg: [47, 212], sendmmsg: [307, 269], sendmsg: [46, 211], sendto: [44, 206],
  setns: [308, 268], setsockopt: [54, 208], socket: [41, 198], socketpair: [53, 199], statfs: [137, 43], umount2: [166, 39], unshare: [272, 97],
  utimensat: [280, 88], wait4: [61, 260],
} as const satisfies Record<string, readonly [number, number]>

export type SyscallName = keyof typeof numbers

const raw = native('long syscall(long number, void *a, void *b, void *c, void *d, void *e, void *f)')
const column = process.arch === 'arm64' ? 1 : 0

/** The result, or minus errno: for callers to whom an error is an answer. A call that a signal interrupts is made again. */
export function trySyscall(name: SyscallName, ...values: readonly NativeValue[]): number {
  if (process.arch !== 'x64' && process.arch !== 'arm64') {
    throw new TsnetError('platform-unsupported', `call the kernel: tsnet runs on x86-64 and arm64, not on ${process.arch}`)
  }
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = values
  for (;;) {
    const result = raw(numbers[name][column], a, b, c, d, e, f)
    if (result !== -1) return result
    const errno = lastErrno()
    if (errno !== EINTR || name === 'close') return -errno
  }
}

/** The result. @throws kernel-error with the call's name and errno */
export function syscall(name: SyscallName, values: readonly NativeValue[], detail: KernelErrorDetail = {}): number {
  const result = trySyscall(name, ...values)
  if (result < 0) throw kernelError(name, -result, detail)
  return result
}

const EINTR = 4
