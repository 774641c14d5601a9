/**
 * Which cgroup hierarchies this host has, and where: v1, v2, or hybrid (v1 with a v2 hierarchy beside it). Pure text functions.
 *
 * Names and places are never assumed: controllers may be mounted together (`cpu,cpuacct`), elsewhere, or several times. The
 * parent of all of tsnet's groups is the root of each mount, as with Docker and runc: a container must outlive the session, CI
 * step or unit that started it, whose own groups may be nested deeply. Source: proc_pid_mountinfo(5), cgroups(7).
 */

export interface CgroupHierarchy {
  readonly version: 1 | 2
  /** v1: from the mount options, `name=systemd` among them. v2: empty, the controllers are in its cgroup.controllers. */
  readonly controllers: readonly string[]
  readonly mountpoint: string
}

export interface CgroupLayout {
  readonly mode: 'v1' | 'v2' | 'hybrid' | 'none'
  readonly hierarchies: readonly CgroupHierarchy[]
}

interface MountLine {
  readonly device: string
  readonly mountpoint: string
  readonly options: readonly string[]
  readonly type: string
  readonly superOptions: readonly string[]
}

/** @param mountinfo the text of /proc/self/mountinfo */
export function parseCgroupLayout(mountinfo: string): CgroupLayout {
  const mounts = mountinfo.split('\n').flatMap(parseMountLine)
    .filter(mount => mount.type === 'cgroup' || mount.type === 'cgroup2')
  const devices = [...new Set(mounts.map(mount => mount.device))]
  const chosen = devices.map(device => bestOf(mounts.filter(mount => mount.device === device)))
  const hierarchies = chosen.flatMap(mount => mount === undefined ? [] : [toHierarchy(mount)])
  const v1 = hierarchies.some(hierarchy => hierarchy.version === 1)
  const v2 = hierarchies.some(hierarchy => hierarchy.version === 2)
  return { mode: v1 && v2 ? 'hybrid' : v1 ? 'v1' : v2 ? 'v2' : 'none', hierarchies }
}

function parseMountLine(line: string): readonly MountLine[] {
  const fields = line.split(' ')
  const separator = fields.indexOf('-')
  const [device, mountpoint, options] = [fields[2], fields[4], fields[5]]
  const [type, superOptions] = [fields[separator + 1], fields[separator + 3]]
  if (separator < 6 || device === undefined || mountpoint === undefined || options === undefined || type === undefined) return []
  return [{
    device, mountpoint: unescapeOctal(mountpoint), options: options.split(','), type,
    superOptions: (superOptions ?? '').split(','),
  }]
}

/** One hierarchy may be mounted several times (in a chroot, read-only): a writable mount below /sys/fs/cgroup is preferred. */
function bestOf(mounts: readonly MountLine[]): MountLine | undefined {
  const score = (mount: MountLine): number =>
    (mount.options.includes('rw') ? 2 : 0) + (mount.mountpoint.startsWith('/sys/fs/cgroup') ? 1 : 0)
  return mounts.toSorted((a, b) => score(b) - score(a))[0]
}

/** Mount options that are no controllers. */
const flags = new Set(['rw', 'ro', 'xattr', 'noprefix', 'clone_children', 'cpuset_v2_mode', 'none', 'all', ''])

function toHierarchy(mount: MountLine): CgroupHierarchy {
  if (mount.type === 'cgroup2') return { version: 2, controllers: [], mountpoint: mount.mountpoint }
  const controllers = mount.superOptions.filter(option => !flags.has(option) && !option.startsWith('release_agent='))
  return { version: 1, controllers, mountpoint: mount.mountpoint }
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
