import test from 'ava'
import { explain } from '../../../../runtime/init/explain.ts'
import type { HostFacts } from '../../../../runtime/init/facts.ts'
import { Program } from '../../../../runtime/init/program.ts'
import { capabilityMask } from '../../../../runtime/init/sandbox/capabilities.ts'
import { execute } from '../../../../runtime/init/sandbox/command.ts'
import { setLimits } from '../../../../runtime/init/sandbox/limits.ts'
import { parseMountOptions } from '../../../../runtime/init/sandbox/mount-options.ts'
import type { StartRequest } from '../../../../runtime/init/start-api.ts'
import { buildStart } from '../../../../runtime/init/start.ts'

const capabilities = { bounding: ['CAP_KILL'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'], inheritable: [], ambient: [] }

const request: StartRequest = {
  spec: {
    ociVersion: '1.0.2', hostname: 'box', root: { path: '/tree', readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
      { destination: '/data', type: 'bind', source: '/srv/data', options: ['rbind', 'ro'] },
    ],
    process: { terminal: false, user: { uid: 0, gid: 0 }, args: ['true'], env: ['PATH=/bin:/sbin'], cwd: '/', capabilities, noNewPrivileges: false },
    linux: {
      namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'network' }, { type: 'uts' }, { type: 'cgroup' }], cgroupsPath: '/x',
      maskedPaths: ['/proc/kcore'], readonlyPaths: ['/proc/sys'], seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [] },
    },
  },
  root: { kind: 'overlay', lowers: ['/a', '/b'], upper: '/u', work: '/w', target: '/m' }, netns: '/run/netns/x',
  cgroup: { v1: ['/sys/fs/cgroup/pids/x'], v2: '/sys/fs/cgroup/unified/x' }, shimCgroup: { v1: [] }, logPath: '/log', statusPath: '/status',
  interactive: false, detach: false, cleanup: ['/bin/tsnet', 'cleanup'], keepDescriptors: [20, 21],
}

const facts: HostFacts = {
  architecture: 'x64', permittedCapabilities: -1n, limitCeilings: new Map(), directories: new Set(['/srv/data']), cgroupMountPoints: [],
}

/** Position of the first line that contains a text; fails the order test if there is none. */
const position = (lines: readonly string[], text: string): number => {
  const found = lines.findIndex(line => line.includes(text))
  if (found < 0) throw new Error(`no line has ${text}`)
  return found
}

const listing = (change: Partial<StartRequest['spec']['process']> = {}, architecture: HostFacts['architecture'] = 'x64'): readonly string[] => {
  const spec = { ...request.spec, process: { ...request.spec.process, ...change } }
  return explain(buildStart({ ...request, spec }, { ...facts, architecture }))
}

/** Asserts that the lines come in this order. */
function inOrder(lines: readonly string[], ...texts: readonly string[]): boolean {
  const found = texts.map(text => position(lines, text))
  return found.every((at, index) => index === 0 || at > (found[index - 1] ?? 0))
}

test('the order of a start is that of runc', t => {
  t.true(inOrder(
    listing(), 'pids/x/tasks', 'setns(network namespace', 'unshare(CLONE_NEWCGROUP)', 'MS_REC|MS_SLAVE', 'fsopen("overlay"', '"proc/sys"',
    'pivot_root', 'umount2', 'sethostname', 'make the root read-only', 'getcwd', 'close_range(4', 'seccomp(',
    'prctl(PR_CAPBSET_DROP', 'setgroups', 'setresgid', 'setresuid', 'capset', 'execve("/bin/true"', 'execve("/sbin/true"',
  ))
})

test('with no_new_privs the filter is the last step before execve', t => {
  t.true(inOrder(listing({ noNewPrivileges: true }), 'PR_SET_NO_NEW_PRIVS', 'setresuid', 'capset', 'seccomp(', 'execve("/bin/true"'))
})

test('the namespace given by path is joined, not made', t => {
  const clone = listing().find(line => line.includes('clone the first process')) ?? ''
  t.true(clone.includes('CLONE_NEWPID') && clone.includes('CLONE_INTO_CGROUP'))
  t.false(clone.includes('CLONE_NEWNET') || clone.includes('CLONE_NEWCGROUP'))
})

test('a start can be built for arm64 on any machine', t => {
  t.true(inOrder(listing({}, 'arm64'), 'pivot_root', 'execve("/bin/true"'))
})

test('a terminal adds its steps and no pipes', t => {
  const lines = listing({ terminal: true })
  t.true(inOrder(lines, 'pidfd_getfd', 'TIOCSPTLCK', 'TIOCGPTPEER', 'bind the terminal on /dev/console', 'pivot_root', 'TIOCSCTTY'))
  t.false(lines.some(line => line.includes('make the stdout pipe')))
})

test('mount options are attributes, propagation, or the file system\'s own', t => {
  t.deepEqual(parseMountOptions('tmpfs', ['nosuid', 'strictatime', 'mode=755', 'size=64m', 'huge']), {
    bind: 'none', set: ['MOUNT_ATTR_NOSUID', 'MOUNT_ATTR_STRICTATIME'], clear: ['MOUNT_ATTR__ATIME'], recursiveAttributes: false,
    propagation: 0, recursivePropagation: false, data: [['mode', '755'], ['size', '64m'], ['huge']],
  })
  const bind = parseMountOptions('none', ['rbind', 'rro', 'rslave'])
  t.deepEqual([bind.bind, bind.set, bind.recursiveAttributes, bind.propagation, bind.recursivePropagation], [
    'recursive', ['MOUNT_ATTR_RDONLY'], true, 1 << 19, true,
  ])
  t.deepEqual(parseMountOptions('bind', ['ro', 'rw']).set, [])
})

test('a hard limit is not raised above its ceiling, and -1 is unlimited', t => {
  const program = new Program('x64')
  const rlimits = [{ type: 'RLIMIT_NOFILE', soft: 2048, hard: 4096 }, { type: 'RLIMIT_CORE', soft: -1, hard: -1 }]
  setLimits(program, rlimits, new Map([[7, 1024n]]))
  t.deepEqual(explain(program), [
    '  prlimit64(0, 7, {soft 1024, hard 1024}, 0)  # set RLIMIT_NOFILE',
    '  prlimit64(0, 4, {soft 18446744073709551615, hard 18446744073709551615}, 0)  # set RLIMIT_CORE',
  ])
  t.throws(() => { setLimits(program, [{ type: 'RLIMIT_X', soft: 1, hard: 1 }], new Map()) }, { message: /RLIMIT_X/ })
})

test('capabilities that no kernel has are left out', t => {
  t.is(capabilityMask(['CAP_CHOWN', 'CAP_CHECKPOINT_RESTORE', 'CAP_NONSENSE']), 1n | 1n << 40n)
})

test('the command is looked for along PATH, an empty part of which is the working directory', t => {
  const program = new Program('x64')
  execute(program, { args: ['tool'], env: ['PATH=/a', 'PATH=/b::/c'] })
  const tried = program.records.filter(({ call }) => call === 'execve').map(({ step }) => step)
  t.deepEqual(tried, ['execute /b/tool', 'execute ./tool', 'execute /c/tool'])
})
