/**
 * Paths of a layer's entries, checked: components below the layer's root, and what a `.wh.` name means.
 *
 * A leading `/` or `./` means the root, as in every archiver; `..` is refused anywhere. Source: image-spec layer.md, "Whiteouts".
 */
import { invalidImage } from './invalid-image.ts'
import { display } from './tar-header.ts'

const whiteoutPrefix = '.wh.'
/** Names that aufs kept for itself; only the opaque mark among them has a meaning for others. */
const metadataPrefix = '.wh..wh.'
const opaqueName = '.wh..wh..opq'
/** NAME_MAX and PATH_MAX of the kernel. */
const maxName = 255
const maxPath = 4095

export type EntryMeaning =
  | { readonly kind: 'root' }
  | { readonly kind: 'object', readonly parent: string, readonly name: string }
  /** `name` of the lower layers is deleted. */
  | { readonly kind: 'whiteout', readonly parent: string, readonly name: string }
  /** All that lower layers have in `parent` is hidden. */
  | { readonly kind: 'opaque', readonly parent: string }
  | { readonly kind: 'ignored' }

/** Byte string in, byte strings out; `parent` is '' for the root. @throws invalid-image */
export function readEntryPath(path: string): EntryMeaning {
  const components = safeComponents(path, 'entry')
  const name = components.pop()
  if (name === undefined) return { kind: 'root' }
  const parent = components.join('/')
  if (components.some(component => component.startsWith(metadataPrefix))) return { kind: 'ignored' }
  if (name === opaqueName) return { kind: 'opaque', parent }
  if (name.startsWith(metadataPrefix)) return { kind: 'ignored' }
  if (!name.startsWith(whiteoutPrefix)) return { kind: 'object', parent, name }
  const deleted = name.slice(whiteoutPrefix.length)
  if (deleted === '' || deleted === '.' || deleted === '..') {
    throw invalidImage(`entry "${display(path)}": is a whiteout of nothing`)
  }
  return { kind: 'whiteout', parent, name: deleted }
}

/** Where a hard link points: a path below the layer's root. @throws invalid-image */
export function readLinkTarget(path: string, target: string): { readonly parent: string, readonly name: string } {
  const components = safeComponents(target, `entry "${display(path)}": hard link to`)
  const name = components.pop()
  if (name === undefined) throw invalidImage(`entry "${display(path)}": is a hard link to the root directory`)
  return { parent: components.join('/'), name }
}

/** A relative link that climbs above the root is refused, as Docker does; an absolute one begins at the container's root. @throws invalid-image */
export function checkSymlink(path: string, target: string): void {
  if (target === '' || target.includes('\0') || target.length > maxPath) {
    throw invalidImage(`entry "${display(path)}": is a symbolic link with a bad target`)
  }
  if (target.startsWith('/')) return
  let depth = path.split('/').filter(name => name !== '' && name !== '.').length - 1
  for (const name of target.split('/')) {
    if (name === '..') depth--
    else if (name !== '' && name !== '.') depth++
    if (depth < 0) throw invalidImage(`entry "${display(path)}": is a symbolic link to "${display(target)}", which leads out of the root`)
  }
}

function safeComponents(path: string, what: string): string[] {
  if (path === '') throw invalidImage(`${what} "": has no name`)
  const components = path.split('/').filter(name => name !== '' && name !== '.')
  if (components.includes('..')) throw invalidImage(`${what} "${display(path)}": leads out of the root with ".."`)
  if (path.includes('\0')) throw invalidImage(`${what} "${display(path)}": has a NUL character in its name`)
  if (path.length > maxPath || components.some(name => name.length > maxName)) {
    throw invalidImage(`${what} "${display(path).slice(0, 60)}…": has too long a name`)
  }
  return components
}
