/**
 * Owner, mode, extended attributes and time of a file, read and written as one: in the order in which none undoes another. chown clears
 * setuid and capabilities, so the owner goes first; everything changes times, so the time goes last. Links are never followed.
 */
import { chmodSync, fchmodSync, fchownSync, lchownSync, lstatSync } from 'node:fs'
import { kernelError } from '../../kernel/error.ts'
import { syscall, trySyscall } from '../../kernel/syscall.ts'
import { AT_FDCWD } from '../../kernel/syscalls/descriptor.ts'

export interface Attributes {
  /** Permission bits, setuid, setgid and sticky. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly mtimeNs: bigint
  readonly xattrs: ReadonlyMap<string, Buffer>
}

/** Attributes of overlayfs itself: neither an archive nor another layer has a say in them. */
const overlayAttribute = /^(trusted|user)\.overlay\./

export function readAttributes(path: Buffer): Attributes {
  const stat = lstatSync(path, { bigint: true })
  return {
    mode: Number(stat.mode) & 0o7777, uid: Number(stat.uid), gid: Number(stat.gid), mtimeNs: stat.mtimeNs, xattrs: readXattrs(path),
  }
}

/** Of a directory or device; of a link with `link` set, which has no mode. */
export function writeAttributes(path: Buffer, attributes: Attributes, options: { readonly link?: boolean } = {}): void {
  lchownSync(path, attributes.uid, attributes.gid)
  if (options.link !== true) chmodSync(path, attributes.mode)
  for (const [name, value] of attributes.xattrs) {
    if (!overlayAttribute.test(name)) setXattr('lsetxattr', terminated(path), [name, value])
  }
  writeTime(path, attributes.mtimeNs)
}

/** Of an open file. */
export function writeFileAttributes(fd: number, attributes: Attributes): void {
  fchownSync(fd, attributes.uid, attributes.gid)
  fchmodSync(fd, attributes.mode)
  for (const [name, value] of attributes.xattrs) if (!overlayAttribute.test(name)) setXattr('fsetxattr', fd, [name, value])
  syscall('utimensat', [fd, null, timeSpecs(attributes.mtimeNs), 0])
}

/** Access and modification time alike. */
export function writeTime(path: Buffer, mtimeNs: bigint): void {
  syscall('utimensat', [AT_FDCWD, terminated(path), timeSpecs(mtimeNs), AT_SYMLINK_NOFOLLOW])
}

/** Marks a directory of a layer as hiding what lower layers have in it. */
export function writeOpaque(path: Buffer): void {
  setXattr('lsetxattr', terminated(path), ['trusted.overlay.opaque', Buffer.from('y')])
}

/** The bytes of a path as the kernel takes them. */
export function terminated(path: Buffer): Buffer {
  return Buffer.concat([path, Buffer.alloc(1)])
}

function readXattrs(path: Buffer): ReadonlyMap<string, Buffer> {
  const buffer = Buffer.alloc(XATTR_SIZE_MAX)
  const target = terminated(path)
  const size = trySyscall('llistxattr', target, buffer, buffer.length)
  if (size <= 0) return new Map()
  const names = buffer.toString('utf8', 0, size).split('\0').filter(name => name !== '' && !overlayAttribute.test(name))
  return new Map(names.flatMap((name): [string, Buffer][] => {
    const length = trySyscall('lgetxattr', target, name, buffer, buffer.length)
    return length < 0 ? [] : [[name, Buffer.from(buffer.subarray(0, length))]]
  }))
}

/** A file system that has no such attributes is no reason to fail; any other refusal is. */
function setXattr(call: 'lsetxattr' | 'fsetxattr', target: Buffer | number, [name, value]: readonly [string, Buffer]): void {
  const result = trySyscall(call, target, name, value, value.length, 0)
  if (result < 0 && result !== -EOPNOTSUPP) throw kernelError(call, -result, { detail: name })
}

function timeSpecs(timeNs: bigint): Buffer {
  const specs = Buffer.alloc(32)
  const nanoseconds = (timeNs % BILLION + BILLION) % BILLION
  for (const offset of [0, 16]) {
    specs.writeBigInt64LE((timeNs - nanoseconds) / BILLION, offset)
    specs.writeBigInt64LE(nanoseconds, offset + 8)
  }
  return specs
}

const BILLION = 1_000_000_000n
const AT_SYMLINK_NOFOLLOW = 0x100
const XATTR_SIZE_MAX = 65536
const EOPNOTSUPP = 95
