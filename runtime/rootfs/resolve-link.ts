/** Where a path inside a root leads, links that point at nothing included. */
import { readlinkSync } from 'node:fs'
import { byteString, type MergedView } from './merged-view.ts'

const maxLinks = 40

/**
 * The path without any link in it; what does not exist is left as it is named. `..` and absolute targets stay inside the root.
 *
 * The kernel follows a link only to what exists: a mount on /etc/resolv.conf, which in root file systems with systemd points into an empty
 * /run, would fail. Docker makes what the link points at.
 */
export function resolveLink(view: MergedView, path: string): string {
  const names = componentsOf(byteString(path))
  const resolved: string[] = []
  let links = 0
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === '..') {
      resolved.pop()
      continue
    }
    const node = view.lookup(`${resolved.join('/')}/${name}`, { followLast: false })
    if (node?.kind !== 'other' || !node.stat.isSymbolicLink()) {
      resolved.push(name)
      continue
    }
    // A circle is for the kernel to refuse.
    if (++links > maxLinks) return path
    const target = readlinkSync(node.path, 'buffer').toString('latin1')
    if (target.startsWith('/')) resolved.length = 0
    names.unshift(...componentsOf(target))
  }
  return `/${Buffer.from(resolved.join('/'), 'latin1').toString()}`
}

function componentsOf(path: string): string[] {
  return path.split('/').filter(name => name !== '' && name !== '.')
}
