/**
 * The layer between an image and the container's own: the places that every container has something mounted on or expects, where the
 * image lacks them. Without it each mount would leave an empty file in the container's writable layer, and `diff` would show it.
 *
 * Docker calls it the init layer; the list is its. A link where a file is to be mounted (/etc/resolv.conf of systemd systems) is covered by an
 * empty file. Source: moby daemon/initlayer/setup_unix.go.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readAttributes, writeAttributes } from './attributes.ts'
import type { MergedView } from './merged-view.ts'

const directories = ['/dev', '/dev/pts', '/dev/shm', '/proc', '/sys']
const files = ['/.dockerenv', '/dev/console', '/etc/hostname', '/etc/hosts', '/etc/resolv.conf']
const links: readonly (readonly [string, string])[] = [['/etc/mtab', '/proc/mounts']]

/** Makes what `image` lacks below the existing, empty `folder`. False when it lacks nothing. */
export function makeMountTargets(image: MergedView, folder: string): boolean {
  let made = false
  const make = (path: string, create: (at: string) => void): void => {
    if (!makeParent(image, folder, path)) return
    create(join(folder, path))
    made = true
  }
  for (const path of directories) if (image.lookup(path)?.kind !== 'directory') make(path, at => mkdirSync(at, { recursive: true, mode: 0o755 }))
  for (const path of files) {
    const node = image.lookup(path, { followLast: false })
    if (node?.kind !== 'other' || !node.stat.isFile()) make(path, at => writeFileSync(at, '', { mode: 0o755 }))
  }
  for (const [path, target] of links) {
    if (image.lookup(path, { followLast: false }) === undefined) make(path, at => symlinkSync(target, at))
  }
  return made
}

/** The directory above `path`, as the image has it. False where the image has a link there: then what is below is not covered. */
function makeParent(image: MergedView, folder: string, path: string): boolean {
  const parent = dirname(path)
  if (parent === '/') return true
  const node = image.lookup(parent, { followLast: false })
  if (node?.kind === 'other' && node.stat.isSymbolicLink()) return false
  const at = join(folder, parent)
  mkdirSync(at, { recursive: true, mode: 0o755 })
  const nearest = node?.kind === 'directory' ? node.paths[0] : undefined
  if (nearest !== undefined) writeAttributes(Buffer.from(at), readAttributes(nearest))
  return true
}
