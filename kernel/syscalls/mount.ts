/** Mounts: mount(2), umount2(2), statfs(2), and the probe for overlay's `lowerdir+`. Flags: include/uapi/linux/mount.h. */
import { syscall, trySyscall } from '../syscall.ts'
import { close } from './descriptor.ts'

export const MS_RDONLY = 1
export const MS_NOSUID = 2
export const MS_NODEV = 4
export const MS_NOEXEC = 8
export const MS_REMOUNT = 32
export const MS_BIND = 4096
export const MS_REC = 16384
export const MS_PRIVATE = 1 << 18
export const MS_SLAVE = 1 << 19
export const MS_SHARED = 1 << 20
export const MNT_DETACH = 2
export const UMOUNT_NOFOLLOW = 8

export interface MountOptions {
  /** null for a bind, remount or propagation change. */
  readonly source: string | null
  readonly target: string
  readonly type?: string
  readonly flags?: number
  /** Options as in mount -o. The kernel silently cuts them at 4095 bytes, so a longer text is for fsconfig. */
  readonly data?: string
}

/** Twin: mount(8). */
export function mount({ source, target, type, flags = 0, data }: MountOptions): void {
  syscall('mount', [source, target, type ?? null, flags, data ?? null], { detail: target })
}

/** Twin: umount(8); MNT_DETACH is `umount -l`. */
export function umount2(target: string, flags = 0): void {
  syscall('umount2', [target, flags], { detail: target })
}

/** The magic number of the file system at `path` (statfs(2) f_type): 0x794c7630 is overlay, 0x6e736673 nsfs. */
export function fileSystemType(path: string): number {
  const buffer = Buffer.alloc(120)
  syscall('statfs', [path, buffer], { detail: path })
  return Number(buffer.readBigInt64LE(0))
}

export const NSFS_MAGIC = 0x6e73_6673

/** True where overlay takes its layers one by one (`lowerdir+`, Linux 6.8), so without mount(2)'s limit of 4095 bytes. */
export function supportsOverlayLowerdirPlus(): boolean {
  const context = trySyscall('fsopen', 'overlay', FSOPEN_CLOEXEC)
  if (context < 0) return false
  try {
    return trySyscall('fsconfig', context, FSCONFIG_SET_STRING, 'lowerdir+', '/', 0) === 0
  } finally {
    close(context)
  }
}

/** A new file system context. Close it after use. @throws kernel-error */
export function fsopen(type: string): number {
  return syscall('fsopen', [type, FSOPEN_CLOEXEC], { detail: type })
}

/** Sets one option of a file system context. */
export function fsconfigString(context: number, key: string, value: string): void {
  syscall('fsconfig', [context, FSCONFIG_SET_STRING, key, value, 0], { detail: `${key}=${value}` })
}

/** A new instance of a file system, mounted nowhere: the descriptor of its root, which keeps it. @throws kernel-error */
export function detachedMount(type: string): number {
  const context = fsopen(type)
  try {
    syscall('fsconfig', [context, FSCONFIG_CMD_CREATE, null, null, 0], { detail: type })
    return syscall('fsmount', [context, FSMOUNT_CLOEXEC, 0], { detail: type })
  } finally {
    close(context)
  }
}

const FSOPEN_CLOEXEC = 1
const FSMOUNT_CLOEXEC = 1
const FSCONFIG_SET_STRING = 1
const FSCONFIG_CMD_CREATE = 6
