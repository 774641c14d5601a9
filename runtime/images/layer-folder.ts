/**
 * The folder that a layer is unpacked into. Every parent is opened by the kernel inside it (openat2 with RESOLVE_IN_ROOT), so that no
 * link of the archive leads out, whatever its kind and order.
 *
 * Objects are then made as /proc/self/fd/PARENT/NAME: the parent is an open directory of the layer, the name has no slash, and a link
 * at the end is never followed. A place stays valid until the next call of `place` or `remove`.
 */
import { closeSync, constants, linkSync, lstatSync, mkdirSync, openSync, rmSync, type Stats, symlinkSync, writeSync } from 'node:fs'
import { errnoOf } from '../../kernel/errno.ts'
import { isErrno, kernelError } from '../../kernel/error.ts'
import { syscall, trySyscall } from '../../kernel/syscall.ts'
import { AT_FDCWD, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS } from '../../kernel/syscalls/descriptor.ts'
import { S_IFBLK, S_IFCHR, S_IFIFO, makedev } from '../../kernel/syscalls/file.ts'
import { terminated } from '../rootfs/attributes.ts'
import { invalidImage } from './invalid-image.ts'
import { display } from './tar-header.ts'

/** A path below the layer's root: byte strings without `..`; `parent` is '' for the root. */
export interface LayerPath { readonly parent: string, readonly name: string }

export interface DeviceNode { readonly type: 'character' | 'block' | 'fifo', readonly major: number, readonly minor: number }

/** A path that the kernel resolves without leaving the layer. */
export type Place = Buffer

export class LayerFolder implements Disposable {
  readonly #root: number
  /** The parent opened last: entries of one directory mostly come together. */
  #opened: { readonly path: string, readonly fd: number } | undefined

  constructor(path: string) {
    this.#root = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  }

  /** The root of the layer itself. */
  get root(): Place {
    return Buffer.from(`/proc/self/fd/${this.#root}/.`)
  }

  /** Where `name` is or would be; undefined where `parent` is no directory. @throws invalid-image for links in a circle */
  place({ parent, name }: LayerPath): Place | undefined {
    const fd = this.#parent(parent)
    return fd === undefined ? undefined : placeIn(fd, name)
  }

  stat(place: Place): Stats | undefined {
    try {
      return lstatSync(place)
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined
      throw error
    }
  }

  /** Removes the object with all below it. */
  remove(place: Place): void {
    rmSync(place, { recursive: true, force: true })
    // The open parent may be reached by another way now, or be among what was removed.
    this.#closeParent()
  }

  makeDirectory(place: Place): void {
    mkdirSync(place, { mode: 0o700 })
  }

  /** Opens a new, empty file for writing; the caller closes it. */
  createFile(place: Place): number {
    return openSync(place, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW, 0o600)
  }

  makeSymlink(place: Place, target: string): void {
    symlinkSync(Buffer.from(target, 'latin1'), place)
  }

  /** @throws invalid-image for a device number that the kernel has no room for */
  makeNode(place: Place, { type, major, minor }: DeviceNode): void {
    if (major > maxMajor || minor > maxMinor) throw invalidImage(`the device number ${major}:${minor} is too large`)
    const device = type === 'fifo' ? 0 : makedev(major, minor)
    syscall('mknodat', [AT_FDCWD, terminated(place), nodeTypes[type] | 0o600, device], { detail: type })
  }

  /** A character device 0:0: overlayfs' mark of a deleted name. */
  makeWhiteout(place: Place): void {
    syscall('mknodat', [AT_FDCWD, terminated(place), S_IFCHR, 0], { detail: 'whiteout' })
  }

  /** A second name for the object at `from`; both parents must exist. @throws kernel-error, or Node's error with errno */
  link(from: LayerPath, to: LayerPath): void {
    const source = this.#openDirectory(from.parent)
    const target = this.place(to)
    try {
      if (source !== undefined && target !== undefined) linkSync(placeIn(source, from.name), target)
    } finally {
      if (source !== undefined) closeSync(source)
    }
  }

  [Symbol.dispose](): void {
    this.#closeParent()
    closeSync(this.#root)
  }

  #parent(path: string): number | undefined {
    if (path === '') return this.#root
    if (this.#opened?.path === path) return this.#opened.fd
    this.#closeParent()
    const fd = this.#openDirectory(path)
    if (fd !== undefined) this.#opened = { path, fd }
    return fd
  }

  #closeParent(): void {
    if (this.#opened !== undefined) closeSync(this.#opened.fd)
    this.#opened = undefined
  }

  #openDirectory(path: string): number | undefined {
    const how = Buffer.alloc(24)
    how.writeBigUInt64LE(BigInt(O_PATH | O_CLOEXEC | constants.O_DIRECTORY), 0)
    how.writeBigUInt64LE(BigInt(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS), 16)
    const result = trySyscall('openat2', this.#root, terminated(Buffer.from(path === '' ? '.' : path, 'latin1')), how, how.length)
    if (result >= 0) return result
    const { name } = errnoOf(-result)
    if (name === 'ENOENT' || name === 'ENOTDIR') return undefined
    if (name === 'ELOOP') throw invalidImage(`entry below "${display(path)}": its symbolic links go round in a circle`)
    throw kernelError('openat2', -result, { detail: display(path) })
  }
}

/** Writes all of `data`. */
export function writeAll(fd: number, data: Uint8Array): void {
  for (let offset = 0; offset < data.length;) offset += writeSync(fd, data, offset)
}

function placeIn(fd: number, name: string): Place {
  return Buffer.from(`/proc/self/fd/${fd}/${name}`, 'latin1')
}

const nodeTypes = { character: S_IFCHR, block: S_IFBLK, fifo: S_IFIFO } as const
const maxMajor = 0xfff
const maxMinor = 0xfffff
const O_PATH = 0o10000000
const O_CLOEXEC = 0o2000000
