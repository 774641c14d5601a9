/**
 * The kernel's constants that a start uses, by their kernel names, so that a listing reads as strace would print it.
 *
 * Values are the same on x86-64 and arm64 but for the three open flags in `arm64`. Sources: include/uapi/asm-generic/fcntl.h,
 * arch/arm64/include/uapi/asm/fcntl.h, linux/{sched,mount,openat2,prctl,fcntl,stat,futex,securebits}.h, asm-generic/ioctls.h.
 */
import type { Architecture } from './record.ts'

const generic = {
  O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2, O_CREAT: 0o100, O_EXCL: 0o200, O_NOCTTY: 0o400, O_TRUNC: 0o1000, O_APPEND: 0o2000,
  O_DIRECTORY: 0o200000, O_NOFOLLOW: 0o400000, O_NONBLOCK: 0o4000, O_CLOEXEC: 0o2000000, O_PATH: 0o10000000,
  AT_FDCWD: -100, AT_EMPTY_PATH: 0x1000, AT_RECURSIVE: 0x8000, AT_SYMLINK_NOFOLLOW: 0x100,
  RESOLVE_NO_XDEV: 1, RESOLVE_NO_MAGICLINKS: 2, RESOLVE_NO_SYMLINKS: 4, RESOLVE_BENEATH: 8, RESOLVE_IN_ROOT: 0x10,
  S_IFCHR: 0o020000, S_IFDIR: 0o040000, S_IFREG: 0o100000, STATX_BASIC_STATS: 0x7ff,
  CLONE_VM: 0x100, CLONE_FS: 0x200, CLONE_FILES: 0x400, CLONE_SIGHAND: 0x800, CLONE_PIDFD: 0x1000, CLONE_THREAD: 0x1_0000,
  CLONE_NEWNS: 0x2_0000, CLONE_SYSVSEM: 0x4_0000, CLONE_PARENT_SETTID: 0x10_0000, CLONE_CHILD_CLEARTID: 0x20_0000,
  CLONE_NEWCGROUP: 0x200_0000, CLONE_NEWUTS: 0x400_0000, CLONE_NEWIPC: 0x800_0000, CLONE_NEWUSER: 0x1000_0000,
  CLONE_NEWPID: 0x2000_0000, CLONE_NEWNET: 0x4000_0000, CLONE_INTO_CGROUP: 0x2_0000_0000, SIGCHLD: 17, SIGKILL: 9,
  MS_RDONLY: 1, MS_NOSUID: 2, MS_REC: 0x4000, MS_PRIVATE: 0x4_0000, MS_SLAVE: 0x8_0000, MNT_DETACH: 2,
  OPEN_TREE_CLONE: 1, OPEN_TREE_CLOEXEC: 0o2000000, MOVE_MOUNT_F_EMPTY_PATH: 4, MOVE_MOUNT_T_EMPTY_PATH: 0x40,
  FSOPEN_CLOEXEC: 1, FSMOUNT_CLOEXEC: 1, FSCONFIG_SET_FLAG: 0, FSCONFIG_SET_STRING: 1, FSCONFIG_CMD_CREATE: 6,
  MOUNT_ATTR_RDONLY: 1, MOUNT_ATTR_NOSUID: 2, MOUNT_ATTR_NODEV: 4, MOUNT_ATTR_NOEXEC: 8, MOUNT_ATTR_NOATIME: 0x10,
  MOUNT_ATTR_STRICTATIME: 0x20, MOUNT_ATTR__ATIME: 0x70, MOUNT_ATTR_NODIRATIME: 0x80,
  PR_SET_DUMPABLE: 4, PR_SET_KEEPCAPS: 8, PR_SET_NAME: 15, PR_SET_SECCOMP: 22, PR_CAPBSET_DROP: 24,
  PR_SET_NO_NEW_PRIVS: 38, PR_CAP_AMBIENT: 47, PR_CAP_AMBIENT_RAISE: 2, PR_CAP_AMBIENT_CLEAR_ALL: 4,
  SECCOMP_SET_MODE_FILTER: 1, KEYCTL_JOIN_SESSION_KEYRING: 1, SIG_SETMASK: 2, CLOCK_REALTIME: 0, CLOCK_MONOTONIC: 1, __WALL: 0x4000_0000,
  AF_UNIX: 1, AF_INET: 2, SOCK_STREAM: 1, SOCK_DGRAM: 2, SIOCSIFFLAGS: 0x8914, SOCK_CLOEXEC: 0o2000000, FUTEX_WAIT: 0, FIONREAD: 0x541b,
  TIOCSCTTY: 0x540e, TIOCSWINSZ: 0x5414, TIOCSPTLCK: 0x4004_5431, TIOCGPTPEER: 0x5441,
} as const

const arm64: Partial<Record<ConstantName, number>> = { O_DIRECTORY: 0o40000, O_NOFOLLOW: 0o100000 }

export type ConstantName = keyof typeof generic

const wordLimit = 0x1_0000_0000

/** Flags or'ed together: the value, and the text to print. */
export interface Constant { readonly kind: 'constant', readonly value: number, readonly text: string }

export function constant(architecture: Architecture, ...names: readonly ConstantName[]): Constant {
  // In two halves, as one flag is beyond 32 bits, and big integers take ten times as long.
  let [high, low] = [0, 0]
  for (const name of names) {
    const one = architecture === 'arm64' ? arm64[name] ?? generic[name] : generic[name]
    high |= Math.floor(one / wordLimit)
    low |= one
  }
  return { kind: 'constant', value: high * wordLimit + (low >>> 0), text: names.length === 0 ? '0' : names.join('|') }
}
