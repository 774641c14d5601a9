/** Inodes, without following a link at the end of the path: device nodes, extended attributes, owners, times. */
import { kernelError } from '../error.ts'
import { syscall, trySyscall } from '../syscall.ts'
import { AT_FDCWD } from './descriptor.ts'

export const S_IFIFO = 0o010000
export const S_IFCHR = 0o020000
export const S_IFBLK = 0o060000
export const S_IFSOCK = 0o140000

/** The kernel's encoding of a device number (new_encode_dev). */
export function makedev(major: number, minor: number): number {
  return (minor & 0xff) + (major & 0xfff) * 256 + (minor - (minor & 0xff)) * 4096
}

/** Twin: mknod(1). `mode` holds the type (S_IFCHR, …) and permissions; the umask applies. */
export function mknodat(path: string, mode: number, device = 0, dirfd: number = AT_FDCWD): void {
  syscall('mknodat', [dirfd, path, mode, device], { detail: path })
}

/** Twin: setfattr(1) -h. */
export function lsetxattr(path: string, name: string, value: Uint8Array): void {
  syscall('lsetxattr', [path, name, value, value.length, 0], { detail: `${name} of ${path}` })
}

export function fsetxattr(fd: number, name: string, value: Uint8Array): void {
  syscall('fsetxattr', [fd, name, value, value.length, 0], { detail: name })
}

/** The attribute's value; undefined where the file has none of that name, or the file system none at all. Twin: getfattr(1) -h. */
export function lgetxattr(path: string, name: string): Buffer | undefined {
  const buffer = Buffer.alloc(XATTR_SIZE_MAX)
  const size = trySyscall('lgetxattr', path, name, buffer, buffer.length)
  if (size === -ENODATA || size === -EOPNOTSUPP) return undefined
  if (size < 0) throw kernelError('lgetxattr', -size, { detail: `${name} of ${path}` })
  return Buffer.from(buffer.subarray(0, size))
}

/** Names of a file's extended attributes. */
export function llistxattr(path: string): readonly string[] {
  const buffer = Buffer.alloc(XATTR_SIZE_MAX)
  const size = trySyscall('llistxattr', path, buffer, buffer.length)
  if (size === -EOPNOTSUPP) return []
  if (size < 0) throw kernelError('llistxattr', -size, { detail: path })
  return buffer.toString('utf8', 0, size).split('\0').filter(name => name !== '')
}

/** Owner of the file itself, also where it is a link. Twin: chown -h. */
export function lchown(path: string, uid: number, gid: number, dirfd: number = AT_FDCWD): void {
  syscall('fchownat', [dirfd, path, uid, gid, AT_SYMLINK_NOFOLLOW], { detail: path })
}

/** Owner, following a link at the end of the path. */
export function fchownat(dirfd: number, path: string, uid: number, gid: number): void {
  syscall('fchownat', [dirfd, path, uid, gid, 0], { detail: path })
}

/** Access and modification time in nanoseconds since the epoch, of the file itself, also where it is a link. */
export function utimensat(path: string, times: { readonly accessNs: bigint, readonly modifyNs: bigint }, dirfd: number = AT_FDCWD): void {
  const buffer = Buffer.alloc(32)
  for (const [index, time] of [times.accessNs, times.modifyNs].entries()) {
    const nanoseconds = (time % BILLION + BILLION) % BILLION
    buffer.writeBigInt64LE((time - nanoseconds) / BILLION, index * 16)
    buffer.writeBigInt64LE(nanoseconds, index * 16 + 8)
  }
  syscall('utimensat', [dirfd, path, buffer, AT_SYMLINK_NOFOLLOW], { detail: path })
}

const BILLION = 1_000_000_000n
const AT_SYMLINK_NOFOLLOW = 0x100
const XATTR_SIZE_MAX = 65536
const ENODATA = 61
const EOPNOTSUPP = 95
