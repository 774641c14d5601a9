/**
 * The mounts of the specification, in its order: file systems by fsopen, binds by open_tree, all of them configured while still
 * detached and then moved onto a place that was opened inside the root.
 */
import { TsnetError } from '../../../errors/error.ts'
import type { OciMount } from '../../oci-spec.ts'
import type { ConstantName } from '../kernel-constants.ts'
import type { Cell } from '../program.ts'
import type { CgroupDirectories } from '../start-api.ts'
import { mountCgroups } from './cgroup.ts'
import { createFilesystem } from './filesystem.ts'
import { type MountOptions, parseMountOptions } from './mount-options.ts'
import { attach, ensureInRoot, type InRoot, setAttributes, splitPath } from './resolve.ts'

export interface MountFacts {
  /** Sources of bind mounts that are directories. */
  readonly directories: ReadonlySet<string>
  /** Mount points of the host's cgroup hierarchies. */
  readonly cgroupMountPoints: readonly string[]
}

/** Descriptors of the file systems that later steps work in. */
export interface Mounted { readonly proc?: Cell, readonly dev?: Cell, readonly pts?: Cell }

/** What lxcfs provides: the only places below /proc that may be mounted over, as in runc. */
const allowedBelowProc = new Set([
  '/proc/cpuinfo', '/proc/diskstats', '/proc/meminfo', '/proc/stat', '/proc/swaps', '/proc/uptime', '/proc/loadavg',
  '/proc/slabinfo', '/proc/sys/kernel/ns_last_pid', '/proc/sys/crypto/fips_enabled',
])

export interface MountRequest { readonly mounts: readonly OciMount[], readonly cgroup: CgroupDirectories, readonly facts: MountFacts }

export function mountAll(place: InRoot, { mounts, cgroup, facts }: MountRequest): Mounted {
  const made = new Map<string, Cell>()
  for (const mount of mounts) {
    const destination = `/${splitPath(mount.destination).join('/')}`
    refuseOverProc(destination, mount)
    const options = parseMountOptions(mount.type, mount.options)
    if (options.bind !== 'none') {
      bind(place, { mount, destination, options, directory: facts.directories.has(mount.source) })
    } else if (mount.type === 'cgroup' || mount.type === 'cgroup2') {
      mountCgroups(place, { destination, options, cgroup, mountPoints: facts.cgroupMountPoints })
    } else {
      made.set(destination, mountFilesystem(place, mount, destination))
    }
  }
  const [proc, dev, pts] = ['/proc', '/dev', '/dev/pts'].map(destination => made.get(destination))
  return { ...proc && { proc }, ...dev && { dev }, ...pts && { pts } }
}

function refuseOverProc(destination: string, mount: OciMount): void {
  const over = destination === '/proc' ? mount.type !== 'proc' : destination.startsWith('/proc/') && !allowedBelowProc.has(destination)
  if (!over && destination !== '/') return
  throw new TsnetError('invalid-argument', `mount "${mount.source}" on "${mount.destination}": nothing may be mounted there`)
}

/** A new file system at its place; the descriptor is the mount's root. */
export function mountFilesystem(place: InRoot, mount: OciMount, destination: string): Cell {
  const { program } = place
  const options = parseMountOptions(mount.type, mount.options)
  const made = createFilesystem(program, mount, options)
  const step = `mount ${mount.type} on ${destination}`
  if (options.propagation !== 0) {
    setAttributes(program, `${step}: propagation`, made, { set: [], propagation: options.propagation })
  }
  attach(program, step, made, ensureInRoot(place, destination, 'directory'))
  return made
}

interface Bind {
  readonly mount: OciMount
  readonly destination: string
  readonly options: MountOptions
  readonly directory: boolean
}

function bind(place: InRoot, { mount, destination, options, directory }: Bind): void {
  const { program } = place
  const copy = program.cell(`copy of ${mount.source}`)
  const step = `bind ${mount.source} on ${destination}`
  const recursive: readonly ConstantName[] = options.bind === 'recursive' ? ['AT_RECURSIVE'] : []
  const flags = program.flags('OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', ...recursive)
  program.call(step, 'open_tree', [program.flags('AT_FDCWD'), program.string(mount.source), flags], { store: copy })
  const { set, clear } = options
  if (set.length + clear.length > 0) {
    setAttributes(program, `${step}: attributes`, copy, { set, clear, recursive: options.recursiveAttributes })
  }
  if (options.propagation !== 0) {
    const { propagation, recursivePropagation } = options
    setAttributes(program, `${step}: propagation`, copy, { set: [], propagation, recursive: recursivePropagation })
  }
  const target = ensureInRoot(place, destination, directory ? 'directory' : 'file')
  attach(program, step, copy, target)
  for (const fd of [copy, target]) program.call(step, 'close', [fd])
}
