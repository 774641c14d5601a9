/**
 * The mounts of a container: Docker's defaults, then the managed files, then what the user asked for, parents before children.
 */
import type { OciMount } from '../oci-spec.ts'

const guarded = ['nosuid', 'noexec', 'nodev']

/** From moby daemon/pkg/oci/defaults.go; /dev/shm of 64 MiB. */
export const defaultMounts: readonly OciMount[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: guarded },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
  {
    destination: '/dev/pts', type: 'devpts', source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...guarded, 'ro'] },
  { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro', ...guarded] },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: guarded },
  { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...guarded, 'mode=1777', 'size=65536k'] },
]

/**
 * A bind mount of a host path; with everything below it, and without propagation back to the host. Read-only means what is mounted
 * below, too, as in Docker 25.
 */
export function bindMount(source: string, destination: string, readOnly: boolean): OciMount {
  return { destination, type: 'bind', source, options: ['rbind', 'rprivate', ...readOnly ? ['ro', 'rro'] : ['rw']] }
}

/**
 * Defaults and `extra`, where a mount of `extra` takes the place of what has the same destination. `extra` is ordered by depth,
 * so that a mount never hides one below it; the defaults keep their order, as /dev must come before /dev/pts.
 */
export function orderMounts(extra: readonly OciMount[]): readonly OciMount[] {
  const last = new Map(extra.map(mount => [mount.destination, mount]))
  const depth = (mount: OciMount): number => mount.destination.split('/').filter(part => part !== '').length
  const ordered = [...last.values()].toSorted((a, b) => depth(a) - depth(b))
  return [...defaultMounts.filter(mount => !last.has(mount.destination)), ...ordered]
}
