/**
 * Opening and making paths inside the container's root, by descriptor.
 *
 * The image and the volumes belong to whoever made them: a path is never given to the kernel as it is, but resolved by openat2 with
 * RESOLVE_IN_ROOT, so that no link leads out, and used through the descriptor, so that nothing can be swapped in between
 * (CVE-2021-30465, CVE-2024-45310). Below /dev, /proc and /sys, and for these three, no link is followed at all (CVE-2019-19921,
 * CVE-2023-28642).
 */
import type { ConstantName } from '../kernel-constants.ts'
import type { Argument, Cell, Data, Label, Program } from '../program.ts'

/** A place to start from: the mounted root. */
export interface InRoot { readonly program: Program, readonly root: Cell }

const openHowSize = 24
const ENOENT = 2
const linkless = ['dev', 'proc', 'sys']

/** The arguments of openat2 for a path inside the root. */
export function inRootArguments({ program, root }: InRoot, path: string, flags: readonly ConstantName[]): readonly Argument[] {
  const parts = splitPath(path)
  return [root, program.string(parts.join('/') || '.'), openHow(program, flags, resolution(parts)), openHowSize]
}

/** Opens an existing path inside the root. */
export function openInRoot(place: InRoot, path: string, flags: readonly ConstantName[] = ['O_PATH']): Cell {
  const fd = place.program.cell(`fd of ${path}`)
  place.program.call(`open ${path} in the root`, 'openat2', inRootArguments(place, path, flags), { store: fd })
  return fd
}

/** Opens a path inside the root for use as a mount point or working directory; makes what is missing. */
export function ensureInRoot(place: InRoot, path: string, leaf: 'directory' | 'file'): Cell {
  const { program } = place
  const parts = splitPath(path)
  const fd = program.cell(`fd of ${path}`)
  const found = program.label(`have ${path}`)
  const open = inRootArguments(place, path, ['O_PATH'])
  openUnlessMissing(place, path, { open, fd, found })
  let parent = place.root
  const directories = leaf === 'directory' ? parts.length : parts.length - 1
  for (let count = 1; count <= directories; count++) parent = ensureDirectory(place, parts.slice(0, count), parent)
  if (leaf === 'file') {
    const flags = program.flags('O_CREAT', 'O_EXCL', 'O_WRONLY', 'O_NOFOLLOW', 'O_CLOEXEC')
    program.call(`make the file ${path}`, 'openat', [parent, program.string(parts.at(-1) ?? ''), flags, 0o644])
  }
  program.call(`open ${path} in the root`, 'openat2', open, { store: fd })
  program.place(found)
  return fd
}

function ensureDirectory(place: InRoot, parts: readonly string[], parent: Cell): Cell {
  const { program } = place
  const path = `/${parts.join('/')}`
  const fd = program.cell(`fd of ${path}`)
  const found = program.label(`have directory ${path}`)
  const open = inRootArguments(place, path, ['O_PATH', 'O_DIRECTORY'])
  openUnlessMissing(place, path, { open, fd, found })
  program.call(`make the directory ${path}`, 'mkdirat', [parent, program.string(parts.at(-1) ?? ''), 0o755])
  program.call(`open ${path} in the root`, 'openat2', open, { store: fd })
  program.place(found)
  return fd
}

interface Probe { readonly open: readonly Argument[], readonly fd: Cell, readonly found: Label }

/** Goes to `found` with the descriptor, or on where there is nothing yet; whatever else (a link that is refused) is a failure. */
function openUnlessMissing({ program }: InRoot, path: string, { open, fd, found }: Probe): void {
  const missing = program.label(`${path} is missing`)
  const step = `open ${path} in the root`
  program.call(step, 'openat2', open, { store: fd, jump: { on: ['positive'], to: found }, ignoreErrors: true })
  program.compute(`${step}: is it missing?`, { cell: fd, subtract: -ENOENT }, { jump: { on: ['zero'], to: missing } })
  program.fail(step, fd)
  program.place(missing)
}

/** Struct open_how {flags, mode, resolve}. */
export function openHow(program: Program, flags: readonly ConstantName[], resolve: readonly ConstantName[]): Data {
  const [open, how] = [program.flags(...flags, 'O_CLOEXEC'), program.flags(...resolve)]
  return program.constantWords(`{${open.text}, ${how.text}}`, [open.value, 0, how.value])
}

/** Moves the mount of a descriptor onto the place of another. */
export function attach(program: Program, step: string, mount: Cell, place: Cell): void {
  const empty = program.string('')
  const flags = program.flags('MOVE_MOUNT_F_EMPTY_PATH', 'MOVE_MOUNT_T_EMPTY_PATH')
  program.call(step, 'move_mount', [mount, empty, place, empty, flags])
}

/** A detached copy of the mount that a descriptor is in, rooted at it. */
export function cloneMount(program: Program, step: string, fd: Cell, recursive: boolean): Cell {
  const mount = program.cell(`copy of ${fd.name}`)
  const flags = program.flags('AT_EMPTY_PATH', 'OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', ...recursive ? ['AT_RECURSIVE' as const] : [])
  program.call(step, 'open_tree', [fd, program.string(''), flags], { store: mount })
  return mount
}

export interface MountAttributes {
  readonly set: readonly ConstantName[]
  readonly clear?: readonly ConstantName[]
  readonly propagation?: number
  readonly recursive?: boolean
}

/** mount_setattr(2) on the mount of a descriptor: struct mount_attr {set, clear, propagation, user namespace}. */
export function setAttributes(program: Program, step: string, mount: Cell, attributes: MountAttributes): void {
  const { set, clear = [], propagation = 0, recursive = false } = attributes
  const [on, off] = [program.flags(...set), program.flags(...clear)]
  const attr = program.words(`{set ${on.text}, clear ${off.text}, propagation 0x${propagation.toString(16)}}`, [
    on.value, off.value, propagation, 0,
  ])
  const flags = program.flags('AT_EMPTY_PATH', ...recursive ? ['AT_RECURSIVE' as const] : [])
  program.call(step, 'mount_setattr', [mount, program.string(''), flags, attr, 32])
}

const statxRdevOffset = 128
const statxModeOffset = 24

/** Fails unless the descriptor is /dev/null, whatever its path says (CVE-2025-31133). */
export function verifyNullDevice(program: Program, fd: Cell): void {
  const status = program.reserve('statx', 256)
  const rejected = program.label('not the null device')
  const verified = program.label('null device verified')
  const step = 'check that /dev/null is the null device'
  const mode = program.cellAt('stx_mode', status, statxModeOffset)
  const device = program.cellAt('stx_rdev', status, statxRdevOffset)
  program.call(step, 'statx', [fd, program.string(''), program.flags('AT_EMPTY_PATH'), program.flags('STATX_BASIC_STATS'), status])
  const character = { cell: mode, mask: 0xf000n << 32n, subtract: 0x2000n << 32n }
  program.compute(step, character, { jump: { on: ['negative', 'positive'], to: rejected } })
  program.compute(step, { cell: device, subtract: 3n << 32n | 1n }, { jump: { on: ['zero'], to: verified } })
  program.place(rejected)
  program.fail(step, 19)
  program.place(verified)
}

export function splitPath(path: string): readonly string[] { return path.split('/').filter(part => part !== '' && part !== '.') }

function resolution(parts: readonly string[]): readonly ConstantName[] {
  const strict = linkless.includes(parts[0] ?? '')
  return ['RESOLVE_IN_ROOT', 'RESOLVE_NO_MAGICLINKS', ...strict ? ['RESOLVE_NO_SYMLINKS' as const] : []]
}

