/**
 * A directory of a container's root copied as it is: owners, modes, times, extended attributes, links, devices. Hard links among the
 * copied files stay hard links. Sockets are left out: they mean nothing without the process that listens.
 */
import { constants, copyFileSync, linkSync, mkdirSync, openSync, closeSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { isErrno } from '../../kernel/error.ts'
import { syscall } from '../../kernel/syscall.ts'
import { AT_FDCWD } from '../../kernel/syscalls/descriptor.ts'
import { S_IFBLK, S_IFCHR, S_IFIFO, makedev } from '../../kernel/syscalls/file.ts'
import { readAttributes, terminated, writeAttributes, writeFileAttributes } from './attributes.ts'
import { type MergedNode, type MergedView, joinBytes } from './merged-view.ts'

type Directory = Extract<MergedNode, { kind: 'directory' }>
type Other = Extract<MergedNode, { kind: 'other' }>

/** Copies what is in `from` into the existing directory `to`, and its attributes; what is there already is replaced. */
export function copyTree(view: MergedView, from: Directory, to: string): void {
  copyDirectory(view, from, { to: Buffer.from(to), links: new Map() })
}

/** `links`: where the first copy of a file with several names is. */
interface Target { readonly to: Buffer, readonly links: Map<string, Buffer> }

function copyDirectory(view: MergedView, from: Directory, { to, links }: Target): void {
  for (const [name, node] of view.children(from)) {
    const child = { to: joinBytes(to, name), links }
    if (node.kind === 'directory') {
      makeDirectory(child.to)
      copyDirectory(view, node, child)
    } else {
      copyOther(node, child)
    }
  }
  const [nearest] = from.paths
  if (nearest !== undefined) writeAttributes(to, readAttributes(nearest))
}

function copyOther({ path, stat }: Other, { to, links }: Target): void {
  if (stat.isSocket()) return
  rmSync(to, { recursive: true, force: true })
  const key = `${stat.dev}:${stat.ino}`
  const first = stat.nlink > 1 ? links.get(key) : undefined
  if (first !== undefined) {
    linkSync(first, to)
    return
  }
  if (stat.nlink > 1) links.set(key, to)
  if (stat.isSymbolicLink()) {
    symlinkSync(readlinkSync(path, 'buffer'), to)
    writeAttributes(to, readAttributes(path), { link: true })
  } else if (stat.isFile()) {
    copyFile(path, to)
  } else {
    const type = stat.isCharacterDevice() ? S_IFCHR : stat.isBlockDevice() ? S_IFBLK : S_IFIFO
    const device = type === S_IFIFO ? 0 : makedev(majorOf(stat.rdev), minorOf(stat.rdev))
    syscall('mknodat', [AT_FDCWD, terminated(to), type | 0o600, device])
    writeAttributes(to, readAttributes(path))
  }
}

function copyFile(from: Buffer, to: Buffer): void {
  copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  const fd = openSync(to, 'r+')
  try {
    writeFileAttributes(fd, readAttributes(from))
  } finally {
    closeSync(fd)
  }
}

function makeDirectory(path: Buffer): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
  }
}

/** glibc's layout of st_rdev. */
function majorOf(device: number): number {
  return Number(BigInt(device) >> 8n & 0xfffn)
}

function minorOf(device: number): number {
  return Number(BigInt(device) & 0xffn | BigInt(device) >> 12n & 0xfff00n)
}
