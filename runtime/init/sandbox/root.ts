/**
 * The container's root: overlay or directory, mounted in the container's own mount namespace, and made the root of the process.
 *
 * Overlay by fsopen with one `lowerdir+` per layer (Linux 6.7): no page limit and no escaping. Older kernels refuse that key; there
 * mount(2) gets the layers as short names, 100:101:…, relative to /proc/self/fd, which has the same two merits.
 */
import type { Cell, Program } from '../program.ts'
import type { RootFilesystem } from '../start-api.ts'
import { attach, setAttributes } from './resolve.ts'

type Overlay = Extract<RootFilesystem, { kind: 'overlay' }>

/** Nothing that is mounted from here on is seen by the host; mounts that the host makes later still arrive. */
export function separatePropagation(program: Program): void {
  program.call('make all mounts slaves', 'mount', [0, program.string('/'), 0, program.flags('MS_REC', 'MS_SLAVE'), 0])
}

/** Mounts the root at its place; the descriptor is the mount's root. */
export function mountRoot(program: Program, root: RootFilesystem): Cell {
  return root.kind === 'overlay' ? mountOverlay(program, root) : bindDirectory(program, root.path)
}

function bindDirectory(program: Program, path: string): Cell {
  const [mount, place] = [program.cell('root'), program.cell(`fd of ${path}`)]
  const at = program.flags('AT_FDCWD')
  const clone = program.flags('OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', 'AT_RECURSIVE', 'AT_EMPTY_PATH')
  program.call(`open the root ${path}`, 'openat', [at, program.string(path), program.flags('O_PATH', 'O_CLOEXEC'), 0], { store: place })
  program.call(`bind the root ${path}`, 'open_tree', [place, program.string(''), clone], { store: mount })
  attach(program, `attach the root at ${path}`, mount, place)
  return mount
}

function mountOverlay(program: Program, overlay: Overlay): Cell {
  const mount = program.cell('root')
  const place = program.cell(`fd of ${overlay.target}`)
  const [older, mounted] = [program.label('overlay by mount(2)'), program.label('overlay is mounted')]
  const at = program.flags('AT_FDCWD')
  const open = [at, program.string(overlay.target), program.flags('O_PATH', 'O_CLOEXEC'), 0]
  program.call(`open ${overlay.target}`, 'openat', open, { store: place })
  const fs = program.cell('overlay context')
  const string = program.flags('FSCONFIG_SET_STRING')
  program.call('open an overlay', 'fsopen', [program.string('overlay'), program.flags('FSOPEN_CLOEXEC')], { store: fs })
  program.call('name the overlay', 'fsconfig', [fs, string, program.string('source'), program.string('overlay'), 0])
  overlay.lowers.forEach((lower, index) => {
    // Only the first one tells whether the kernel knows the key; ENOENT of a missing layer shows again in the older way.
    const options = index === 0 ? { jump: { on: ['negative' as const], to: older } } : {}
    program.call(`add layer ${lower}`, 'fsconfig', [fs, string, program.string('lowerdir+'), program.string(lower), 0], options)
  })
  for (const [key, directory] of [['upperdir', overlay.upper], ['workdir', overlay.work]] as const) {
    // Unlike `lowerdir+`, these two still have backslash as their escape character.
    const value = program.string(directory.replaceAll('\\', '\\\\'))
    program.call(`set ${key} ${directory}`, 'fsconfig', [fs, string, program.string(key), value, 0])
  }
  program.call('create the overlay', 'fsconfig', [fs, program.flags('FSCONFIG_CMD_CREATE'), 0, 0, 0])
  program.call('mount the overlay', 'fsmount', [fs, program.flags('FSMOUNT_CLOEXEC'), 0], { store: mount })
  attach(program, `attach the overlay at ${overlay.target}`, mount, place)
  program.jump(mounted)
  program.place(older)
  mountOverlayByNumber(program, overlay)
  program.call(`open ${overlay.target}`, 'openat', open, { store: mount })
  program.place(mounted)
  return mount
}

/** Above everything that is open this early. */
const firstLayerDescriptor = 100

/** The way of kernels before 6.7. */
export function mountOverlayByNumber(program: Program, overlay: Overlay): void {
  const paths = [overlay.upper, overlay.work, ...overlay.lowers]
  const at = program.flags('AT_FDCWD')
  paths.forEach((path, index) => {
    const fd = program.cell(`fd of ${path}`)
    program.call(`open layer ${path}`, 'openat', [at, program.string(path), program.flags('O_PATH', 'O_CLOEXEC'), 0], { store: fd })
    program.call(`number layer ${path}`, 'dup3', [fd, firstLayerDescriptor + index, program.flags('O_CLOEXEC')])
    program.call(`number layer ${path}`, 'close', [fd])
  })
  const [upper, work, ...lowers] = paths.map((_, index) => firstLayerDescriptor + index)
  const options = `lowerdir=${lowers.join(':')},upperdir=${upper},workdir=${work}`
  program.call('enter /proc/self/fd', 'chdir', [program.string('/proc/self/fd')])
  const overlayName = program.string('overlay')
  program.call(`mount the overlay at ${overlay.target}`, 'mount', [
    overlayName, program.string(overlay.target), overlayName, 0, program.string(options),
  ])
}

/** Makes the mount the root of the process and detaches everything else. */
export function pivot(program: Program, root: Cell): void {
  const here = program.string('.')
  program.call('enter the root', 'fchdir', [root])
  program.call('pivot the root', 'pivot_root', [here, here])
  // The old root now lies on top of ".", see pivot_root(2).
  program.call('detach the host\'s root', 'umount2', [here, program.flags('MNT_DETACH')])
  program.call('enter the new root', 'chdir', [program.string('/')])
}

export function makeRootReadOnly(program: Program, root: Cell): void {
  setAttributes(program, 'make the root read-only', root, { set: ['MOUNT_ATTR_RDONLY'] })
}
