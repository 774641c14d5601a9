/**
 * Joining the container's cgroups, and showing them inside.
 *
 * On v1 the single-threaded child writes `0` to its own `tasks` files, which takes 0.18 ms for nine hierarchies; writing a pid
 * to cgroup.procs from outside waits for a kernel grace period of 8 to 24 ms. On v2 the child is born inside (CLONE_INTO_CGROUP).
 */
import type { Cell, Program } from '../program.ts'
import type { CgroupDirectories } from '../start-api.ts'
import type { MountOptions } from './mount-options.ts'
import { createFilesystem } from './filesystem.ts'
import { attach, ensureInRoot, type InRoot, setAttributes } from './resolve.ts'

/** Moves the calling, single-threaded process into the v1 directories. */
export function joinCgroupsV1(program: Program, directories: readonly string[]): void {
  for (const directory of directories) {
    const fd = program.cell('tasks')
    const step = `join cgroup ${directory}`
    const path = program.string(`${directory}/tasks`)
    program.call(step, 'openat', [program.flags('AT_FDCWD'), path, program.flags('O_WRONLY', 'O_CLOEXEC'), 0], { store: fd })
    program.call(step, 'write', [fd, program.string('0'), 1])
    program.call(step, 'close', [fd])
  }
}

/** Opens the v2 directory, for CLONE_INTO_CGROUP. */
export function openCgroupV2(program: Program, directory: string, store: Cell): void {
  const flags = program.flags('O_PATH', 'O_DIRECTORY', 'O_CLOEXEC')
  program.call(`open cgroup ${directory}`, 'openat', [program.flags('AT_FDCWD'), program.string(directory), flags, 0], { store })
}

export interface CgroupMount {
  readonly destination: string
  readonly options: MountOptions
  readonly cgroup: CgroupDirectories
  readonly mountPoints: readonly string[]
}

/**
 * The container's own directories: v2 at the destination itself, v1 one by one on a small tmpfs there. The v2 part of a hybrid hierarchy,
 * which limits nothing, is not shown, as by runc.
 */
export function mountCgroups(place: InRoot, { destination, options, cgroup, mountPoints }: CgroupMount): void {
  const { program } = place
  if (cgroup.v1.length === 0) {
    if (cgroup.v2 !== undefined) bindCgroup(program, { directory: cgroup.v2, target: ensureInRoot(place, destination, 'directory'), options })
    return
  }
  const data = [['mode', '755']] as const
  const tmpfs = createFilesystem(program, { type: 'tmpfs', source: 'tmpfs' }, { ...options, set: options.set.filter(notReadOnly), data })
  attach(program, `mount tmpfs on ${destination}`, tmpfs, ensureInRoot(place, destination, 'directory'))
  for (const directory of cgroup.v1) {
    const name = hierarchyName(directory, mountPoints)
    bindCgroup(program, { directory, target: makeDirectory(program, tmpfs, name), options })
    if (!name.includes(',')) continue
    for (const link of name.split(',')) {
      program.call(`link cgroup ${link}`, 'symlinkat', [program.string(name), tmpfs, program.string(link)], { ignoreErrors: true })
    }
  }
  if (options.set.includes('MOUNT_ATTR_RDONLY')) {
    setAttributes(program, `make ${destination} read-only`, tmpfs, { set: ['MOUNT_ATTR_RDONLY'] })
  }
}

const notReadOnly = (name: string): boolean => name !== 'MOUNT_ATTR_RDONLY'

/** On the tmpfs that was made here, and that nobody but this process can reach yet: no path is looked up in the root. */
function makeDirectory(program: Program, tmpfs: Cell, name: string): Cell {
  const fd = program.cell(`place of ${name}`)
  const step = `make a place for cgroup ${name}`
  program.call(step, 'mkdirat', [tmpfs, program.string(name), 0o755])
  program.call(step, 'openat', [tmpfs, program.string(name), program.flags('O_PATH', 'O_DIRECTORY', 'O_NOFOLLOW', 'O_CLOEXEC'), 0], { store: fd })
  return fd
}

interface CgroupBind { readonly directory: string, readonly target: Cell, readonly options: MountOptions }

function bindCgroup(program: Program, { directory, target, options }: CgroupBind): void {
  const copy = program.cell(`copy of ${directory}`)
  const step = `show cgroup ${directory}`
  const flags = program.flags('OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC')
  program.call(step, 'open_tree', [program.flags('AT_FDCWD'), program.string(directory), flags], { store: copy })
  setAttributes(program, step, copy, { set: options.set, clear: options.clear })
  attach(program, step, copy, target)
}

/** `/sys/fs/cgroup/cpu,cpuacct/tsnet/x` → `cpu,cpuacct` */
function hierarchyName(directory: string, mountPoints: readonly string[]): string {
  const mountPoint = mountPoints.filter(point => directory === point || directory.startsWith(`${point}/`))
    .toSorted((a, b) => b.length - a.length)[0]
  return (mountPoint ?? directory).split('/').at(-1) ?? 'cgroup'
}
