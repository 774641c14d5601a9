/**
 * What a container will see of its layers, without mounting them: lookups through whiteouts, opaque directories and links.
 *
 * It serves what happens before a container exists or outside it: names in /etc/passwd, content for a fresh volume, the target of a hard
 * link in a lower layer. Links are followed inside the root only: an absolute target begins at the layers' root, `..` stops there. Every
 * component is looked at by lstat before it is entered, so no link of a layer leads out. The layers must not change meanwhile; images'
 * layers never do. A plain directory is the case of one layer. Paths are byte strings (see `images/tar-header.ts`).
 * Source: Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories".
 */
import { type Stats, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { isErrno } from '../../kernel/error.ts'
import { trySyscall } from '../../kernel/syscall.ts'
import { terminated } from './attributes.ts'

export type MergedNode =
  /** `paths`: the directories that are merged, nearest first; attributes are the first one's. */
  | { readonly kind: 'directory', readonly paths: readonly Buffer[], readonly stat: Stats }
  | { readonly kind: 'other', readonly path: Buffer, readonly stat: Stats }

type Directory = Extract<MergedNode, { kind: 'directory' }>

const maxLinks = 40

export class MergedView {
  readonly #root: Directory | undefined

  /** `layers`: absolute paths of directories, nearest first; there may be none. */
  constructor(layers: readonly string[]) {
    const paths = layers.map(layer => Buffer.from(layer))
    const stat = paths[0] === undefined ? undefined : lstatSync(paths[0])
    this.#root = stat === undefined ? undefined : { kind: 'directory', paths: visible(paths), stat }
  }

  /** The object at `path`, undefined where there is none. A link at its end is followed unless told otherwise. */
  lookup(path: string, options: { readonly followLast?: boolean } = {}): MergedNode | undefined {
    if (this.#root === undefined) return undefined
    const names = componentsOf(path)
    const above: Directory[] = [this.#root]
    let links = 0
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      if (name === '..') {
        if (above.length > 1) above.pop()
        continue
      }
      const parent = above.at(-1)
      const node = parent === undefined ? undefined : childOf(parent, name)
      if (node === undefined) return undefined
      if (node.kind === 'directory') {
        above.push(node)
      } else if (node.stat.isSymbolicLink() && (names.length > 0 || options.followLast !== false)) {
        if (++links > maxLinks) return undefined
        const target = readlinkSync(node.path, 'buffer').toString('latin1')
        if (target.startsWith('/')) above.length = 1
        names.unshift(...componentsOf(target))
      } else {
        return names.length === 0 ? node : undefined
      }
    }
    return above.at(-1)
  }

  /** Names and objects of a directory, without what is whited out. */
  *children(directory: Directory): Generator<readonly [string, MergedNode]> {
    const seen = new Set<string>()
    for (const path of directory.paths) {
      for (const entry of readdirSync(path, { encoding: 'buffer' })) {
        const name = entry.toString('latin1')
        if (seen.has(name)) continue
        seen.add(name)
        const node = childOf(directory, name)
        if (node !== undefined) yield [name, node]
      }
    }
  }
}

/** The path of `name` in the directory `parent`, both as bytes. */
export function joinBytes(parent: Buffer, name: string): Buffer {
  return Buffer.concat([parent, Buffer.from(`/${name}`, 'latin1')])
}

/** A path as a byte string. */
export function byteString(path: string): string {
  return Buffer.from(path, 'utf8').toString('latin1')
}

function childOf(parent: Directory, name: string): MergedNode | undefined {
  const found: Buffer[] = []
  let nearest: Stats | undefined
  for (const directory of parent.paths) {
    const path = joinBytes(directory, name)
    const stat = tryLstat(path)
    if (stat === undefined) continue
    if (isWhiteout(stat)) break
    if (!stat.isDirectory()) {
      if (nearest === undefined) return { kind: 'other', path, stat }
      break
    }
    nearest ??= stat
    found.push(path)
    if (isOpaque(path)) break
  }
  return nearest === undefined ? undefined : { kind: 'directory', paths: found, stat: nearest }
}

/** The layers of a root down to the first opaque one. */
function visible(paths: readonly Buffer[]): readonly Buffer[] {
  const end = paths.findIndex(isOpaque)
  return end < 0 ? paths : paths.slice(0, end + 1)
}

function componentsOf(path: string): string[] {
  return path.split('/').filter(name => name !== '' && name !== '.')
}

/** Overlayfs' mark of a deleted name: a character device 0:0. */
export function isWhiteout(stat: Stats): boolean {
  return stat.isCharacterDevice() && stat.rdev === 0
}

function isOpaque(path: Buffer): boolean {
  const value = Buffer.alloc(1)
  return trySyscall('lgetxattr', terminated(path), 'trusted.overlay.opaque', value, value.length) === 1
    && value.toString('latin1') === 'y'
}

function tryLstat(path: Buffer): Stats | undefined {
  try {
    return lstatSync(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG')) return undefined
    throw error
  }
}
