import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { isTsnetError } from '../../../../errors/error.ts'
import { decodeLogFrames } from '../../../../runtime/init/log-format.ts'
import { startContainer } from '../../../../runtime/init/start.ts'
import { createFixture, defaultMounts, type Fixture, outcome, runContainer, startFor } from './start-fixture.ts'

let fixture: Fixture
test.before(async () => { fixture = await createFixture() })
test.after.always(() => { fixture[Symbol.dispose]() })

const sh = (script: string): readonly string[] => ['sh', '-c', script]

test.serial('a container runs a command and its exit status is told', async t => {
  const { stdout, stderr, exitCode } = await runContainer(fixture.request(sh('echo out; echo err >&2; exit 7')))
  t.deepEqual({ stdout, stderr, exitCode }, { stdout: 'out\n', stderr: 'err\n', exitCode: 7 })
})

test.serial('a command ended by a signal has the signal in its wait status', async t => {
  const started = await startFor(t, fixture.request(['sleep', '1000']))
  process.kill(started.pid, 'SIGKILL')
  t.is((await outcome(started)).status & 0x7f, 9)
})

test.serial('the shim writes the status file as a whole', async t => {
  const request = fixture.request(['false'])
  await runContainer(request)
  const [status, seconds, nanoseconds] = readFileSync(request.statusPath, 'utf8').trim().split(' ').map(Number)
  t.is(status, 0x100)
  t.true(Math.abs(Number(seconds) - Date.now() / 1000) < 60)
  t.true(Number(nanoseconds) < 1e9)
  t.false(existsSync(`${request.statusPath}.new`))
})

test.serial('all output is in the log with its stream, also a lot of it', async t => {
  const request = fixture.request(sh('seq 1 30000; echo end >&2'))
  const { stdout } = await runContainer(request)
  const { frames, consumed } = decodeLogFrames(readFileSync(request.logPath))
  const logged = (stream: string): string => frames.filter(frame => frame.stream === stream).map(frame => frame.data.toString()).join('')
  t.is(consumed, readFileSync(request.logPath).length)
  t.is(logged('stdout'), stdout)
  t.is(stdout.trim().split('\n').length, 30_000)
  t.is(logged('stderr'), 'end\n')
})

test.serial('stdin reaches the command and its end is an end of file', async t => {
  const started = await startFor(t, fixture.request(['cat'], { interactive: true }))
  started.attached?.stdin?.end('typed\n')
  t.is((await outcome(started)).stdout, 'typed\n')
})

test.serial('without -i stdin is the null device of the container', async t => {
  const { stdout } = await runContainer(fixture.request(sh('readlink /proc/self/fd/0; stat -c %t:%T /dev/stdin -L; cat')))
  t.is(stdout, '/dev/null\n1:3\n')
})

test.serial('nothing is open in the container but the three standard descriptors', async t => {
  const descriptor = openSync('/etc/hostname', 'r')
  const { stdout } = await runContainer(fixture.request(sh('ls /proc/1/fd; true'), { keepDescriptors: [descriptor] }))
  t.is(stdout, '0\n1\n2\n')
})

test.serial('the shim holds kept descriptors until the end', async t => {
  const descriptor = openSync('/etc/hostname', 'r')
  const started = await startFor(t, fixture.request(['cat'], { interactive: true, keepDescriptors: [descriptor] }))
  const open = readdirSync(`/proc/${started.shimPid}/fd`).map(fd => readlinkSync(`/proc/${started.shimPid}/fd/${fd}`))
  t.true(open.includes('/etc/hostname'))
  started.attached?.stdin?.end()
  await outcome(started)
})

test.serial('capabilities, groups, user and no_new_privs are those of the specification', async t => {
  const { stdout } = await runContainer(fixture.request(['grep', '-E', '^(Cap|Groups|Uid|Gid|NoNewPrivs|SigBlk|SigIgn)', '/proc/self/status'], {
    spec: {
      process: {
        user: { uid: 1000, gid: 1001, additionalGids: [10, 20] }, noNewPrivileges: true,
        capabilities: { bounding: ['CAP_KILL', 'CAP_NET_RAW'], effective: ['CAP_NET_RAW'], permitted: ['CAP_NET_RAW'], inheritable: ['CAP_NET_RAW'], ambient: ['CAP_NET_RAW'] },
      },
    },
  }))
  t.deepEqual(Object.fromEntries(stdout.trim().split('\n').map(line => line.split(/:\s*/) as [string, string])), {
    Uid: '1000\t1000\t1000\t1000', Gid: '1001\t1001\t1001\t1001', Groups: '10 20 ', NoNewPrivs: '1',
    CapInh: '0000000000002000', CapPrm: '0000000000002000', CapEff: '0000000000002000', CapBnd: '0000000000002020', CapAmb: '0000000000002000',
    SigBlk: '0000000000000000', SigIgn: '0000000000000000',
  })
})

test.serial('a user other than root can open its own stdout', async t => {
  const { stdout } = await runContainer(fixture.request(sh('echo yes > /dev/stdout'), { spec: { process: { user: { uid: 1000, gid: 1000 } } } }))
  t.is(stdout, 'yes\n')
})

test.serial('the working directory is made and entered', async t => {
  const { stdout } = await runContainer(fixture.request(['pwd'], { spec: { process: { cwd: '/srv/a/b' } } }))
  t.is(stdout, '/srv/a/b\n')
})

test.serial('a working directory by a link out of the root stays inside', async t => {
  symlinkSync('/../../../etc', join(fixture.tree, 'escape'))
  const { stdout } = await runContainer(fixture.request(sh('pwd; cat shells'), { spec: { process: { cwd: '/escape' } } }))
  t.is(stdout, '/etc\n/bin/sh\n')
})

test.serial('a working directory through a leaked descriptor is refused', async t => {
  const error = await t.throwsAsync(startContainer(fixture.request(['pwd'], { spec: { process: { cwd: '/proc/self/fd/3' } } })))
  t.true(isTsnetError(error, 'container-start-failed'))
})

test.serial('masked paths are empty and read-only paths cannot be written', async t => {
  const { stdout } = await runContainer(fixture.request(sh('wc -c < /proc/keys; ls /sys/firmware | wc -l; echo 1 2>&1 > /proc/sys/kernel/panic; touch /sys/x 2>&1')))
  t.regex(stdout, /^0\n0\n.*Read-only file system\n.*Read-only file system\n$/)
})

test.serial('a read-only root cannot be written, a tmpfs in it can', async t => {
  const { stdout, stderr } = await runContainer(fixture.request(sh('touch /x; touch /dev/shm/y && echo ok'), { spec: { readonly: true } }))
  t.is(stdout, 'ok\n')
  t.regex(stderr, /Read-only file system/)
})

test.serial('binds are mounted inside the root, read-only ones refuse writes', async t => {
  const source = join(fixture.folder, 'data')
  mkdirSync(source)
  writeFileSync(join(source, 'file'), 'content')
  writeFileSync(join(fixture.folder, 'hosts'), '127.0.0.1 localhost\n')
  const mounts = [
    ...defaultMounts,
    { destination: '/data/deep', type: 'bind', source, options: ['rbind', 'ro', 'rprivate'] },
    { destination: '/etc/hosts', type: 'bind', source: join(fixture.folder, 'hosts'), options: ['rbind', 'rprivate'] },
    { destination: '/escape/bound', type: 'bind', source, options: ['rbind'] },
  ]
  const { stdout } = await runContainer(fixture.request(sh('cat /data/deep/file /etc/hosts /etc/bound/file; touch /data/deep/x 2>&1'), { spec: { mounts } }))
  t.regex(stdout, /^content127.0.0.1 localhost\ncontenttouch: .*Read-only file system\n$/)
  t.false(existsSync('/etc/bound'))
})

test.serial('a symbolic link in place of /proc is refused', async t => {
  const tree = join(fixture.folder, 'linked')
  mkdirSync(tree)
  symlinkSync('/tmp', join(tree, 'proc'))
  const error = await t.throwsAsync(startContainer(fixture.request(['true'], { root: { kind: 'directory', path: tree } })))
  t.regex(String(error), /start container: open \/proc in the root: Too many symbolic links encountered \(ELOOP\)/)
})

test.serial('a mount over a part of /proc is refused before anything is done', async t => {
  const mounts = [...defaultMounts, { destination: '/proc/sys/../self', type: 'bind', source: '/tmp', options: ['bind'] }]
  const error = await t.throwsAsync(startContainer(fixture.request(['true'], { spec: { mounts } })))
  t.true(isTsnetError(error, 'invalid-argument'))
})

test.serial('sysctls of the container are set, those of the host refused', async t => {
  const set = (sysctl: Record<string, string>) => fixture.request(['cat', '/proc/sys/net/ipv4/ip_unprivileged_port_start'], { spec: { linux: { sysctl } } })
  t.is((await runContainer(set({ 'net.ipv4.ip_unprivileged_port_start': '0' }))).stdout, '0\n')
  t.true(isTsnetError(await t.throwsAsync(startContainer(set({ 'kernel.panic': '1' }))), 'invalid-argument'))
})

test.serial('limits are set, and a hard one is not raised where that is forbidden', async t => {
  const rlimits = [{ type: 'RLIMIT_NOFILE', soft: 100, hard: 200 }, { type: 'RLIMIT_NPROC', soft: 2 ** 53, hard: -1 }]
  const { stdout, exitCode } = await runContainer(fixture.request(sh('ulimit -Sn; ulimit -Hn'), { spec: { process: { rlimits } } }))
  t.deepEqual([stdout, exitCode], ['100\n200\n', 0])
})

test.serial('a command that is not there, and one that cannot be executed, have codes of their own', async t => {
  const code = async (command: string): Promise<unknown> => {
    const error = await t.throwsAsync(startContainer(fixture.request([command])))
    return isTsnetError(error) ? [error.code, error.message] : error
  }
  t.deepEqual(await code('nosuch'), ['command-not-found', 'start container: execute "nosuch": No such file or directory (ENOENT)'])
  t.deepEqual(await code('/nosuch/x'), ['command-not-found', 'start container: execute "/nosuch/x": No such file or directory (ENOENT)'])
  t.deepEqual(await code('/etc/passwd'), ['command-not-executable', 'start container: execute "/etc/passwd": Permission denied (EACCES)'])
})

/** Processes that have a file open. */
function holders(file: string): readonly string[] {
  return readdirSync('/proc').filter(pid => /^\d+$/.test(pid)).filter(pid => {
    try {
      return readdirSync(`/proc/${pid}/fd`).some(fd => readlinkSync(`/proc/${pid}/fd/${fd}`) === file)
    } catch {
      return false
    }
  })
}

test.serial('a failed start leaves no process, no mount and no status', async t => {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
  const request = fixture.request(['nosuch'])
  await t.throwsAsync(startContainer(request))
  t.deepEqual(holders(request.logPath), [])
  t.is(readFileSync('/proc/self/mountinfo', 'utf8'), mounts)
  t.false(existsSync(request.statusPath))
})

test.serial('the network namespace given by path is entered', async t => {
  execFileSync('ip', ['netns', 'add', 'tsnet-test'])
  try {
    execFileSync('ip', ['-n', 'tsnet-test', 'link', 'add', 'probe0', 'type', 'ifb'])
    const { stdout } = await runContainer(fixture.request(['ls', '/sys/class/net'], { netns: '/run/netns/tsnet-test' }))
    t.true(stdout.split('\n').includes('probe0'))
  } finally {
    execFileSync('ip', ['netns', 'del', 'tsnet-test'])
  }
})

test.serial('mounts of the container are not seen by the host', async t => {
  const started = await startFor(t, fixture.request(['cat'], { interactive: true }))
  t.false(readFileSync('/proc/self/mountinfo', 'utf8').includes('merged'))
  started.attached?.stdin?.end()
  await outcome(started)
})

test.serial('the shim is small, in a session of its own, and outside of the caller\'s files', async t => {
  const started = await startFor(t, fixture.request(['cat'], { interactive: true }))
  const status = readFileSync(`/proc/${started.shimPid}/status`, 'utf8')
  t.true(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) <= 200)
  t.is(/^Name:\s+(.*)$/m.exec(status)?.[1], 'tsnet-shim')
  t.is(/^SigBlk:\s+(.*)$/m.exec(status)?.[1], 'fffffffffffbfeff')
  t.is(readlinkSync(`/proc/${started.shimPid}/cwd`), '/')
  t.is(readFileSync(`/proc/${started.shimPid}/stat`, 'utf8').split(' ')[5], String(started.shimPid))
  const maps = readFileSync(`/proc/${started.shimPid}/maps`, 'utf8')
  t.false(/ rwx/.test(maps))
  started.attached?.stdin?.end()
  await outcome(started)
})
