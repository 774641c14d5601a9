/** The manager on a folder that plays the cgroup file system: what is written where, without a kernel. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { fillCpuset } from '../../../../runtime/cgroups/directory.ts'
import type { CgroupLayout } from '../../../../runtime/cgroups/layout.ts'
import { openCgroups } from '../../../../runtime/cgroups/manager.ts'
import { oomKillsOf, settingsV1, settingsV2 } from '../../../../runtime/cgroups/settings.ts'

const resources = {
  devices: [{ allow: false, access: 'rwm' }, { allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' }],
  memory: { limit: 100, swap: 300 }, cpu: { quota: 50_000, period: 100_000 }, pids: { limit: 7 },
}

function folder(t: { teardown(fn: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'tsnet-cgroup-'))
  t.teardown(() => rmSync(path, { recursive: true }))
  return path
}

/** A kernel makes the files of a new group; here they are there before. */
function v2Tree(root: string, files: Readonly<Record<string, string>>): CgroupLayout {
  for (const level of ['', 'tsnet']) {
    mkdirSync(join(root, level), { recursive: true })
    writeFileSync(join(root, level, 'cgroup.controllers'), 'cpu memory pids')
    writeFileSync(join(root, level, 'cgroup.subtree_control'), '')
  }
  mkdirSync(join(root, 'tsnet/c1'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, 'tsnet/c1', name), text)
  return { mode: 'v2', hierarchies: [{ version: 2, controllers: [], mountpoint: root }] }
}

test('v1 limits are written in the order the kernel wants', t => {
  t.deepEqual(settingsV1(resources).map(one => `${one.file}=${one.value}`), [
    'memory.limit_in_bytes=100', 'memory.memsw.limit_in_bytes=300', 'cpu.cfs_period_us=100000', 'cpu.cfs_quota_us=50000',
    'pids.max=7',
    'devices.deny=a *:* rwm', 'devices.allow=c 1:3 rwm',
  ])
})

test('v2 limits count swap alone and have no devices', t => {
  t.deepEqual(settingsV2(resources).map(one => `${one.file}=${one.value}`),
    ['memory.max=100', 'memory.swap.max=200', 'cpu.max=50000 100000', 'pids.max=7'])
})

test('on v2 the limits land in the container\'s group and controllers are enabled from the top', async t => {
  const root = folder(t)
  const cgroups = openCgroups(v2Tree(root, { 'memory.max': '', 'cpu.max': '', 'pids.max': '' }))
  t.deepEqual(await cgroups.create('c1', resources), { v1: [], v2: join(root, 'tsnet/c1') })
  t.is(readFileSync(join(root, 'tsnet/c1/memory.max'), 'utf8'), '100')
  t.is(readFileSync(join(root, 'tsnet/c1/cpu.max'), 'utf8'), '50000 100000')
  t.is(readFileSync(join(root, 'tsnet/cgroup.subtree_control'), 'utf8'), '+pids')
  t.false(cgroups.confinesDevices)
})

test('a limit that the host has no controller for is an error that names it', async t => {
  const root = folder(t)
  const cgroups = openCgroups({ mode: 'v1', hierarchies: [{ version: 1, controllers: ['devices'], mountpoint: root }] })
  await t.throwsAsync(cgroups.create('c1', { pids: { limit: 3 } }), { code: 'kernel-feature-missing', message: /"pids"/ })
  t.false(existsSync(join(root, 'tsnet')))
})

test('groups are made in every hierarchy and removed with their empty parent', async t => {
  const [a, b] = [folder(t), folder(t)]
  const cgroups = openCgroups({ mode: 'v1', hierarchies: [
    { version: 1, controllers: ['freezer'], mountpoint: a }, { version: 1, controllers: ['name=systemd'], mountpoint: b },
  ] })
  await cgroups.create('c1', {})
  await cgroups.create('c2', {})
  t.deepEqual(cgroups.directoriesOf('c1'), { v1: [join(a, 'tsnet/c1'), join(b, 'tsnet/c1')] })
  t.deepEqual(cgroups.shimDirectories(), { v1: [a, b] })
  await cgroups.remove('c1')
  t.true(existsSync(join(a, 'tsnet/c2')))
  await cgroups.remove('c2')
  await cgroups.remove('c2')
  t.false(existsSync(join(a, 'tsnet')))
  t.false(existsSync(join(b, 'tsnet')))
})

test('a shim goes to the root of v2, or to a leaf where the root is one of a container', t => {
  const root = folder(t)
  const layout = v2Tree(root, {})
  t.deepEqual(openCgroups(layout).shimDirectories(), { v1: [], v2: root })
  writeFileSync(join(root, 'cgroup.type'), 'domain')
  t.deepEqual(openCgroups(layout).shimDirectories(), { v1: [], v2: join(root, 'tsnet/shims') })
})

test('an empty cpuset is filled from its parent, a filled one is left alone', t => {
  const root = folder(t)
  mkdirSync(join(root, 'child'))
  for (const [path, cpus] of [[root, '0-1\n'], [join(root, 'child'), '\n']] as const) {
    writeFileSync(join(path, 'cpuset.cpus'), cpus)
    writeFileSync(join(path, 'cpuset.mems'), '0\n')
  }
  fillCpuset(join(root, 'child'))
  t.is(readFileSync(join(root, 'child/cpuset.cpus'), 'utf8'), '0-1')
  writeFileSync(join(root, 'child/cpuset.cpus'), '1\n')
  fillCpuset(join(root, 'child'))
  t.is(readFileSync(join(root, 'child/cpuset.cpus'), 'utf8'), '1\n')
})

test('an OOM kill is read from v1\'s and v2\'s file', t => {
  t.is(oomKillsOf('oom_kill_disable 0\nunder_oom 0\noom_kill 2\n'), 2)
  t.is(oomKillsOf('low 0\noom 1\noom_kill 1\noom_group_kill 0\n'), 1)
  t.is(oomKillsOf('oom_kill_disable 0\n'), 0)
})
