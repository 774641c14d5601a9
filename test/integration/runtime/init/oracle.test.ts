/**
 * The oracle: what a process finds inside our container is what it finds inside one that runc, or crun, made from the same config.json.
 *
 * Everything that differs is listed in `explained`, with its reason; anything else is a failure.
 */
import { execFileSync } from 'node:child_process'
import test, { type ExecutionContext } from 'ava'
import { startWithRuntime } from '../../../../runtime/init/oci-runtime.ts'
import { startContainer } from '../../../../runtime/init/start.ts'
import type { StartedProcess, StartRequest } from '../../../../runtime/init/start-api.ts'
import type { OciProcess } from '../../../../runtime/oci-spec.ts'
import { defaultSeccomp } from '../../../../runtime/spec/seccomp.ts'
import { createCgroups } from './cgroup-fixture.ts'
import { createFixture, defaultCapabilities, defaultMounts, type Fixture, outcome } from './start-fixture.ts'

let fixture: Fixture
test.before(async () => { fixture = await createFixture() })
test.after.always(() => { fixture[Symbol.dispose]() })

/** Name of a section and the command that prints it. */
const sections = {
  status: 'cat /proc/self/status', mountinfo: 'cat /proc/self/mountinfo', cgroup: 'cat /proc/self/cgroup', environment: 'env',
  limits: 'cat /proc/self/limits', descriptors: 'ls -l /proc/1/fd/', hostname: 'hostname', directory: 'pwd', user: 'id', devices: 'ls -l /dev/',
  oom: 'cat /proc/self/oom_score_adj', umask: 'umask', stat: 'cat /proc/self/stat', sysctl: 'cat /proc/sys/net/ipv4/ip_unprivileged_port_start',
  cgroups: 'ls /sys/fs/cgroup', personality: 'cat /proc/1/personality', attributes: 'ls -ld / /dev/shm /dev/pts /sys /dev/mqueue /srv/work',
  masked: 'cat /proc/keys /proc/interrupts', empty: 'ls /sys/firmware', network: 'ip -o link', refused: 'mount -t tmpfs none /mnt',
  readonly: 'touch /proc/sys/kernel/panic', namespaces: 'unshare -m true', raw: 'chroot / true', init: 'cat /proc/1/comm',
  keyring: 'grep -c . /proc/key-users',
} as const

type Section = keyof typeof sections
type Runtime = 'runc' | 'crun'

interface Difference {
  readonly section: Section
  /** Absent: both. */
  readonly runtime?: Runtime
  readonly reason: string
  /** Removes the difference from both texts. */
  readonly normalise: (text: string) => string
}

const without = (pattern: RegExp) => (text: string): string => text.split('\n').filter(line => !pattern.test(line)).join('\n')
const replaced = (pattern: RegExp, by: string) => (text: string): string => text.replaceAll(pattern, by)
const fields = (keep: readonly number[]) => (text: string): string => keep.map(index => text.split(' ')[index]).join(' ')

const explained: readonly Difference[] = [
  { section: 'status', reason: 'pids inside depend on how many helpers the runtime forked there first', normalise: without(/^(Tgid|Pid|NStgid|NSpid|PPid|Ngid):/) },
  { section: 'status', reason: 'memory and scheduling of the moment', normalise: without(/^(Vm|Rss|SigQ|.*voluntary_ctxt)/) },
  { section: 'stat', reason: 'only session, process group and terminal are the runtime\'s doing', normalise: fields([4, 5, 6, 7]) },
  { section: 'mountinfo', reason: 'ids and device numbers of the moment', normalise: replaced(/^\d+ \d+ \d+:\d+ /gm, '') },
  { section: 'mountinfo', reason: 'every container has its own upper folder', normalise: replaced(/container-\d+/g, 'container') },
  {
    section: 'mountinfo', reason: 'the mount is read-only in all, the super block behind it in some: mount(2) sets both, fsmount only the first',
    normalise: replaced(/( - (?:sysfs|tmpfs) \S+) r[ow]/g, '$1'),
  },
  {
    section: 'mountinfo', reason: 'the folder above the cgroup hierarchies is read-only here, as asked for; runc and crun leave that tmpfs writable',
    normalise: replaced(/^(\/ \/sys\/fs\/cgroup) \S+ - tmpfs .*$/gm, '$1'),
  },
  { section: 'mountinfo', reason: 'the source of a cgroup mount is only a name', normalise: replaced(/ - cgroup \S+ /g, ' - cgroup ') },
  { section: 'mountinfo', reason: 'order of mounts that do not lie over each other', normalise: text => text.split('\n').toSorted().join('\n') },
  { section: 'mountinfo', runtime: 'crun', reason: 'crun masks with the host\'s /dev/null and its tmpfs has a size', normalise: replaced(/^(\S+ (?:\/proc\/(?:interrupts|keys|timer_list)|\/sys\/firmware)) .*$/gm, '$1') },
  { section: 'mountinfo', runtime: 'crun', reason: 'crun drops nosuid, nodev and noexec from read-only paths', normalise: replaced(/^(\S+ \/proc\/(?:bus|fs|irq|sys)) .*$/gm, '$1') },
  { section: 'descriptors', reason: 'pipe numbers and times; runc hands its null stdin on through a pipe', normalise: text => (text.match(/ \d (?=->)/g) ?? []).join('') },
  { section: 'devices', reason: 'times of the moment', normalise: replaced(/ [A-Z][a-z]{2} +\d+ +\d+:\d+/g, '') },
  { section: 'devices', runtime: 'crun', reason: 'crun links /dev/core also where the kernel has no /proc/kcore', normalise: without(/ core -> /) },
  { section: 'devices', runtime: 'crun', reason: 'crun gives the null device to the user when it is stdin', normalise: replaced(/guest +guest +( 1, +3 null)/g, 'root     root       $1') },
  { section: 'attributes', reason: 'times and sizes of the moment', normalise: replaced(/ +\d+ [A-Z][a-z]{2} +\d+ +\d+:\d+/g, '') },
  { section: 'attributes', runtime: 'crun', reason: 'crun makes a missing working directory with mode 755, umask or not', normalise: without(/ \/srv\/work$/) },
  { section: 'cgroups', runtime: 'crun', reason: 'crun adds links for hierarchies that the kernel may have', normalise: without(/^net_/) },
]

async function inspect(start: (request: StartRequest) => Promise<StartedProcess>, process: Partial<OciProcess>): Promise<ReadonlyMap<Section, string>> {
  const script = Object.entries(sections).map(([name, command]) => `echo "== ${name}"; ${command} 2>&1`).join('; ')
  await using cgroups = createCgroups('tsnet-test-oracle')
  const { stdout, stderr } = await outcome(await start(fixture.request(['sh', '-c', script], {
    cgroup: cgroups.directories,
    spec: {
      mounts: [...defaultMounts, { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro', 'nosuid', 'noexec', 'nodev'] }],
      linux: {
        cgroupsPath: '/tsnet-test-oracle', seccomp: defaultSeccomp(defaultCapabilities, 'x64'),
        sysctl: { 'net.ipv4.ip_unprivileged_port_start': '0' },
      },
      process: { rlimits: [{ type: 'RLIMIT_NOFILE', soft: 512, hard: 1024 }], cwd: '/srv/work', ...process },
    },
  })))
  if (stderr !== '') throw new Error(stderr)
  const parts = stdout.split(/^== (\w+)\n/m).slice(1)
  return new Map(Object.keys(sections).map(name => [name as Section, parts[parts.indexOf(name) + 1] ?? '']))
}

async function compare(t: ExecutionContext, runtime: Runtime, process: Partial<OciProcess>): Promise<void> {
  const ours = await inspect(startContainer, process)
  const theirs = await inspect(request => startWithRuntime(runtime, request), process)
  for (const section of Object.keys(sections) as Section[]) {
    const differences = explained.filter(entry => entry.section === section && (entry.runtime ?? runtime) === runtime)
    const normal = (text: string): string => differences.reduce((current, { normalise }) => normalise(current), text)
    t.is(normal(ours.get(section) ?? ''), normal(theirs.get(section) ?? ''), section)
    t.not(ours.get(section), undefined)
  }
}

const user: Partial<OciProcess> = {
  user: { uid: 1000, gid: 1000, additionalGids: [10] }, noNewPrivileges: true, oomScoreAdj: 200,
  capabilities: { bounding: defaultCapabilities, effective: [], permitted: [], inheritable: [], ambient: [] },
}

for (const runtime of ['runc', 'crun'] as const) {
  test.serial(`as root, with Docker's capabilities and filter, a container is as ${runtime} makes it`, async t => {
    execFileSync(runtime, ['--version'])
    await compare(t, runtime, {})
  })

  test.serial(`as a user, with no_new_privs, a container is as ${runtime} makes it`, async t => {
    await compare(t, runtime, user)
  })
}
