/** The container lifecycle on the real kernel, seen with foreign eyes: /proc, /sys/fs/cgroup, and the files left or not left. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test, { type ExecutionContext } from 'ava'
import type { StartedContainer } from '../../../../runtime/container-service-api.ts'
import { hostProcesses } from '../../../../runtime/container/processes.ts'
import { shimOf } from '../../../../runtime/container/observe.ts'
import { requires } from '../../../helpers/requires.ts'
import { assertNoResidue } from '../../../helpers/snapshot.ts'
import { createRoots, type Roots } from '../../../helpers/tsnet.ts'
import { busyboxRoot, type Containers, fixture, openContainers, ownSnapshot, specOf } from './host.ts'

interface Host extends AsyncDisposable { readonly roots: Roots, readonly rootfs: string, readonly containers: Containers }

/** New roots with a busybox; at the end nothing of any container may be left. */
async function openHost(): Promise<Host> {
  await using stack = new AsyncDisposableStack()
  const roots = stack.use(createRoots())
  Object.assign(process.env, roots.env)
  const rootfs = await busyboxRoot(roots)
  const containers = stack.use(openContainers(roots))
  const before = await ownSnapshot(roots)
  const all = stack.move()
  return {
    roots, rootfs, containers,
    async [Symbol.asyncDispose]() {
      for (const { id } of containers.service.list({ all: true })) {
        await containers.service.remove(id, { force: true, volumes: true })
      }
      assertNoResidue(before, await ownSnapshot(roots), { except: [/ fds: /] })
      await all.disposeAsync()
    },
  }
}

/** Runs to the end: exit code and both outputs. */
async function outcome({ attached, finished }: StartedContainer): Promise<readonly [number, string, string]> {
  const streams = [attached?.stdout, attached?.stderr]
  const [out, err] = await Promise.all(streams.map(async stream => stream === undefined ? '' : await text(stream)))
  return [await finished, out ?? '', err ?? '']
}

const logOf = async ({ service }: Containers, id: string): Promise<string> =>
  (await Array.fromAsync(service.logs(id, { follow: true, timestamps: false }))).map(line => line.data.toString()).join('')

async function until(t: ExecutionContext, containers: Containers, id: string, line: string): Promise<void> {
  for await (const entry of containers.service.logs(id, { follow: true, timestamps: false })) {
    if (entry.data.toString() === `${line}\n`) return
  }
  t.fail(`the container ended without saying ${line}`)
}

test.serial('a foreground container gives its output and exit code, and only its record stays', async t => {
  if (!requires.root(t)) return
  await using host = await openHost()
  const { service } = host.containers
  const started = await service.run(specOf(host.rootfs, 'echo out; echo err >&2; exit 7', { name: 'web', hostname: 'web.corp' }))
  t.deepEqual(await outcome(started), [7, 'out\n', 'err\n'])
  t.like(service.get('web'), { status: 'exited', exitCode: 7, owner: '', error: '' })
  t.false(hostProcesses.isAlive(shimOf(started.record)))
  t.deepEqual((await logOf(host.containers, 'web')).split('\n').toSorted(), ['', 'err', 'out'])
  t.false(existsSync(`/sys/fs/cgroup/pids/tsnet/${started.record.id}`))
})

test.serial('inside, the process is what Docker would have made of it', async t => {
  if (!requires.root(t)) return
  await using host = await openHost()
  const script = 'grep -E "^(CapEff|CapBnd|CapInh|NoNewPrivs|Seccomp):" /proc/self/status; tr "\\0" "\\n" < /proc/1/environ; '
    + 'hostname; ulimit -n; pwd; cat /etc/hostname; touch /proc/sys/kernel/hostname 2>&1; ls /sys/firmware | wc -l; id'
  const [code, out] = await outcome(await host.containers.service.run(specOf(host.rootfs, script, {
    hostname: 'box', env: ['A=b c'], workdir: '/new/folder', user: 'guest', autoRemove: true,
  })))
  t.is(code, 0)
  t.regex(out, /CapInh:\t0{16}\nCapEff:\t0{16}\nCapBnd:\t00000000a80425fb\nNoNewPrivs:\t0\nSeccomp:\t2\n/)
  t.regex(out, /PATH=\/usr\/local\/sbin:.*\nHOSTNAME=box\nA=b c\nHOME=\/home\n/)
  t.regex(out, /\nbox\n1024\n\/new\/folder\nbox\n/)
  t.regex(out, /Read-only file system|Permission denied/)
  t.regex(out, /uid=1000\(guest\) gid=1000\(guest\) groups=.*10\(wheel\)/)
})

test.serial('--rm leaves nothing, neither files nor cgroups nor processes', async t => {
  if (!requires.root(t)) return
  await using host = await openHost()
  const volume = { kind: 'volume' as const, target: '/data', readOnly: false }
  const [code] = await outcome(await host.containers.service.run(specOf(host.rootfs, 'echo x > /data/x',
    { autoRemove: true, mounts: [volume] })))
  t.is(code, 0)
  t.deepEqual(host.containers.service.list({ all: true }), [])
  t.deepEqual([join(host.roots.root, 'containers'), join(host.roots.root, 'volumes')].map(folder =>
    existsSync(folder) && readdirSync(folder).length > 0), [false, false])
})

test.serial('a command that does not exist is told apart from one that cannot be executed, and leaves nothing', async t => {
  if (!requires.root(t)) return
  await using host = await openHost()
  const { service } = host.containers
  await t.throwsAsync(service.run({ ...specOf(host.rootfs, ''), command: ['/nope'] }), { code: 'command-not-found' })
  await t.throwsAsync(service.run({ ...specOf(host.rootfs, ''), command: ['/etc/passwd'] }), { code: 'command-not-executable' })
  t.deepEqual(service.list({ all: true }), [])
})

test.serial('limits are in the kernel, and the shim has left the caller\'s cgroups', async t => {
  if (!requires.root(t)) return
  await using host = await openHost()
  const { service } = host.containers
  const limits = { memoryBytes: 32 << 20, cpuQuotaUs: 50_000, pids: 20 }
  const { record } = await service.run(specOf(host.rootfs, 'sleep 1000', { detach: true, limits }))
  const read = (path: string): string => readFileSync(`/sys/fs/cgroup/${path.replace('ID', record.id)}`, 'utf8').trim()
  t.is(read('memory/tsnet/ID/memory.limit_in_bytes'), String(32 << 20))
  t.is(read('memory/tsnet/ID/memory.memsw.limit_in_bytes'), String(64 << 20))
  t.is(read('cpu/tsnet/ID/cpu.cfs_quota_us'), '50000')
  t.is(read('pids/tsnet/ID/pids.max'), '20')
  t.true(read('devices/tsnet/ID/devices.list').includes('c 1:3 rwm'))
  const groups = (pid: number): readonly string[] => readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n')
    .map(line => line.split(':').slice(2).join(':'))
  t.deepEqual([...new Set(groups(record.pid))], [`/tsnet/${record.id}`])
  t.deepEqual([...new Set(groups(record.shimPid))], ['/'])
})

test.serial('a process that wants more memory than it may have is killed, and the record says why', async t => {
  if (!requires.root(t)) return
  await using host = await openHost()
  const { service } = host.containers
  const script = 'x=$(head -c 40000000 /dev/zero | tr "\\0" x); echo ${#x}'
  const [code] = await outcome(await service.run(specOf(host.rootfs, `exec sh -c '${script}'`,
    { name: 'eater', limits: { memoryBytes: 8 << 20 } })))
  t.not(code, 0)
  t.true(service.get('eater').oomKilled)
})

test.serial('a device outside the list cannot be opened even by root', async t => {
  if (!requires.root(t)) return
  await using host = await openHost()
  const [, out] = await outcome(await host.containers.service.run(specOf(host.rootfs,
    'mknod /tmp/kmsg c 1 11 && head -c 1 /tmp/kmsg 2>&1; head -c 1 /dev/zero | wc -c', { autoRemove: true })))
  t.regex(out, /Operation not permitted\n1\n/)
})

test.serial('a detached container leaves only its shim, is stopped, and cleans up after itself', async t => {
  if (!requires.root(t)) return
  await using host = await openHost()
  const { service } = host.containers
  const { record } = await service.run(specOf(host.rootfs, 'trap "echo bye; exit 3" TERM; echo up; while :; do sleep 0.1; done',
    { name: 'web', detach: true }))
  await until(t, host.containers, 'web', 'up')
  t.is(readlinkSync(`/proc/${record.shimPid}/cwd`), '/')
  const stopped = await service.stop('web')
  t.like(stopped, { status: 'exited', exitCode: 3, manuallyStopped: true, pid: 0 })
  t.is(await logOf(host.containers, 'web'), 'up\nbye\n')
  t.false(existsSync(`/proc/${record.shimPid}`) && hostProcesses.isAlive(shimOf(record)))
})

test.serial('a container that ignores the stop signal is killed after the timeout', async t => {
  if (!requires.root(t)) return
  await using host = await openHost()
  const { service } = host.containers
  await service.run(specOf(host.rootfs, 'sleep 1000', { name: 'deaf', detach: true }))
  t.is((await service.stop('deaf', { timeoutSeconds: 0 })).exitCode, 137)
})

test.serial('the end of a detached container with --rm leaves nothing, without any command', async t => {
  if (!requires.root(t)) return
  await using host = await openHost()
  const { service } = host.containers
  const { record } = await service.run(specOf(host.rootfs, 'read line < /proc/self/fd/0; exit 0',
    { detach: true, autoRemove: true }))
  await hostProcesses.waitEnd(shimOf(record), 20_000)
  t.deepEqual(service.list({ all: true }), [])
})

test.serial('wait, kill and exec see the container that another call started', async t => {
  if (!requires.root(t)) return
  await using host = await openHost()
  const { service } = host.containers
  await service.run(specOf(host.rootfs, 'trap "exit 9" USR1; echo up; while :; do sleep 0.1; done',
    { name: 'web', detach: true }))
  await until(t, host.containers, 'web', 'up')
  const exec = await service.exec('web', {
    command: ['sh', '-c', 'cat; echo $0 $B; hostname; exit 4'], env: ['B=2'], interactive: true, tty: false, detach: false,
  })
  exec.attached.stdin?.end('from stdin\n')
  const out = exec.attached.stdout === undefined ? '' : await text(exec.attached.stdout)
  t.is(out, `from stdin\nsh 2\n${service.get('web').hostname}\n`)
  t.is(await exec.finished, 4)
  const waiting = service.wait('web')
  service.kill('web', 'USR1')
  t.is(await waiting, 9)
})

test.serial('a killed shim is noticed, and recovery ends the container it left', async t => {
  if (!requires.root(t)) return
  await using host = await openHost()
  const { service } = host.containers
  const { record } = await service.run(specOf(host.rootfs, 'sleep 1000', { name: 'web', detach: true }))
  process.kill(record.shimPid, 'SIGKILL')
  await hostProcesses.waitEnd(shimOf(record), 5000)
  t.like(service.get('web'), { status: 'exited', exitCode: 137 })
  await service.recover()
  t.false(hostProcesses.isAlive({ pid: record.pid, startTime: record.pidStartTime }))
  t.false(existsSync(`/sys/fs/cgroup/pids/tsnet/${record.id}`))
})

test.serial('when the command line of a foreground container is killed, its shim cleans up at the end', async t => {
  if (!requires.root(t)) return
  await using host = await openHost()
  const { service } = host.containers
  const command = spawn(process.execPath, [fixture('run.fixture.ts')], {
    env: { ...process.env, ROOTFS: host.rootfs }, stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [id] = (await once(command.stdout, 'data')).map(String).map(line => line.trim())
  const record = service.get(id ?? '')
  command.kill('SIGKILL')
  await once(command, 'exit')
  t.is(service.get(record.id).status, 'running')
  service.kill(record.id, 'KILL')
  t.true(await hostProcesses.waitEnd(shimOf(record), 20_000))
  t.deepEqual(service.list({ all: true }), [])
})

test.serial('an abort right after the start leaves nothing', async t => {
  if (!requires.root(t)) return
  await using host = await openHost()
  const abort = new AbortController()
  const starting = host.containers.service.run(specOf(host.rootfs, 'sleep 1000'), { signal: abort.signal })
  abort.abort()
  await t.throwsAsync(starting, { name: 'AbortError' })
  t.deepEqual(host.containers.service.list({ all: true }), [])
})

test.serial('bind mounts and volumes are mounted, read-only where asked', async t => {
  if (!requires.root(t)) return
  await using host = await openHost()
  const folder = mkdtempSync(join(host.roots.root, 'shared-'))
  mkdirSync(join(folder, 'sub'))
  writeFileSync(join(folder, 'file'), 'hello\n')
  const mounts = [
    { kind: 'bind' as const, source: folder, target: '/mnt/in', readOnly: true },
    { kind: 'volume' as const, source: 'data', target: '/mnt/out', readOnly: false },
  ]
  const [code, out] = await outcome(await host.containers.service.run(specOf(host.rootfs,
    'cp /mnt/in/file /mnt/out/copy; cat /mnt/out/copy; touch /mnt/in/x 2>/dev/null || echo refused',
    { mounts, autoRemove: true })))
  t.deepEqual([code, out], [0, 'hello\nrefused\n'])
  t.is(readFileSync(join(host.roots.root, 'volumes/data/_data/copy'), 'utf8'), 'hello\n')
  await t.throwsAsync(host.containers.service.run(specOf(host.rootfs, 'true', {
    mounts: [{ kind: 'bind', source: '/no/such', target: '/x', readOnly: false }],
  })), { code: 'mount-source-not-found' })
})

test.serial('sixteen containers at once all run, and all are gone at the end', async t => {
  if (!requires.root(t)) return
  await using host = await openHost()
  const { service } = host.containers
  const codes = await Promise.all(Array.from({ length: 16 }, async (_, i) =>
    await (await service.run(specOf(host.rootfs, `exit ${i}`, { autoRemove: true }))).finished))
  t.deepEqual(codes, Array.from({ length: 16 }, (_, i) => i))
  t.deepEqual(service.list({ all: true }), [])
})
