import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, watch, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { once } from 'node:events'
import test from 'ava'
import { decodeLogFrames } from '../../../../runtime/init/log-format.ts'
import type { StartRequest } from '../../../../runtime/init/start-api.ts'
import { removeCgroup } from './cgroup-fixture.ts'
import { createFixture, type Fixture, kill, outcome, startFor } from './start-fixture.ts'

let fixture: Fixture
test.before(async () => { fixture = await createFixture() })
test.after.always(() => { fixture[Symbol.dispose]() })

const sh = (script: string): readonly string[] => ['sh', '-c', script]
const logOf = ({ logPath }: StartRequest): string => decodeLogFrames(readFileSync(logPath)).frames.map(({ data }) => String(data)).join('')

/** Resolves when the file is there. */
async function appears(path: string): Promise<void> {
  const found = Promise.withResolvers<void>()
  const watcher = watch(dirname(path), (_, name) => { if (name === basename(path)) found.resolve() })
  if (existsSync(path)) found.resolve()
  await found.promise
  watcher.close()
}

/** A cleanup that leaves `<words>\n` in a file, put there whole. */
function cleanupInto(path: string, words: string): readonly string[] {
  return ['/bin/sh', '-c', `echo "${words}" > "$1.new"; mv "$1.new" "$1"`, 'cleanup', path]
}

test.serial('a detached container is logged, and its shim runs the cleanup once after the status is written', async t => {
  const done = join(fixture.folder, 'cleaned')
  const request = { ...fixture.request(sh('echo out; exit 3'), { detach: true }) }
  const status = `$(cat ${request.statusPath}) $(grep SigBlk /proc/self/status) $(ls /proc/self/fd | wc -l)`
  await startFor(t, { ...request, cleanup: cleanupInto(done, status) })
  await appears(done)
  t.regex(readFileSync(done, 'utf8'), /^00768 \d{10} \d{9} SigBlk:\s+0000000000000000 4\n$/)
  t.is(logOf(request), 'out\n')
})

test.serial('the status is written also where the container\'s output has filled the disk', async t => {
  const folder = join(fixture.folder, 'small')
  mkdirSync(folder)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder])
  t.teardown(() => execFileSync('umount', [folder]))
  const request = fixture.request(sh('seq 100000; exit 5'), { logPath: join(folder, 'log'), statusPath: join(folder, 'status') })
  await outcome(await startFor(t, request))
  t.throws(() => writeFileSync(join(folder, 'more'), 'x'), { code: 'ENOSPC' })
  t.regex(readFileSync(request.statusPath, 'utf8'), /^01280 \d{10} \d{9}\n$/)
  t.deepEqual(readdirSync(folder).filter(name => name !== 'more'), ['log', 'status'])
})

test.serial('a caller that says done is not cleaned up after', async t => {
  const done = join(fixture.folder, 'not-cleaned')
  const started = await startFor(t, fixture.request(['true'], { cleanup: cleanupInto(done, 'x') }))
  const shim = createPidWaiter(started.shimPid)
  await outcome(started)
  await shim
  t.false(existsSync(done))
})

/** Resolves when a process that is no child of ours has ended. */
async function createPidWaiter(pid: number): Promise<void> {
  await once(spawn('tail', ['-f', '/dev/null', `--pid=${pid}`, '-s', '0.05'], { stdio: 'ignore' }), 'exit')
}

test.serial('when the caller is killed the container goes on, is logged, and is cleaned up after at its end', async t => {
  const [done, go] = [join(fixture.folder, 'orphan-cleaned'), join(fixture.folder, 'go')]
  execFileSync('mkfifo', [go])
  const mounts = [...fixture.spec([]).mounts, { destination: '/go', type: 'bind', source: go, options: ['bind'] }]
  const script = 'i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done; read x < /go; echo end'
  const request = fixture.request(sh(script), { cleanup: cleanupInto(done, 'cleaned'), spec: { mounts } })
  const caller = spawn(process.execPath, [join(import.meta.dirname, 'caller.fixture.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, TSNET_FAKE_HOST: 'off' },
  })
  caller.stdin.end(JSON.stringify(request))
  const [pid] = await once(caller.stdout, 'data') as [Buffer]
  t.teardown(() => { kill(Number(pid)) })
  caller.kill('SIGKILL')
  await once(caller, 'exit')
  writeFileSync(go, 'go\n')
  await appears(done)
  t.true(logOf(request).endsWith('line 4999\nend\n'))
  t.regex(readFileSync(request.statusPath, 'utf8'), /^00000 /)
})

test.serial('processes that the command left behind end with it', async t => {
  const started = await startFor(t, fixture.request(sh('sleep 1000 & echo started')))
  t.is((await outcome(started)).stdout, 'started\n')
})

test.serial('a caller that closes its ends does not stop the log', async t => {
  const request = fixture.request(sh('read x; seq 1 20000; echo end'), { interactive: true })
  const started = await startFor(t, request)
  started.attached?.stdout?.destroy()
  started.attached?.stdin?.end('go\n')
  t.is(await started.exited, 0)
  started.done()
  t.true(logOf(request).endsWith('20000\nend\n'))
})

test.serial('a detached interactive container keeps its stdin open', async t => {
  const request = fixture.request(sh('read x; echo eof'), { detach: true, interactive: true })
  const started = await startFor(t, request)
  t.regex(execFileSync('readlink', [`/proc/${started.pid}/fd/0`], { encoding: 'utf8' }), /^pipe:/)
  t.false(existsSync(request.statusPath))
})

test.serial('a terminal: size, resize, echo, ^C as SIGINT and the log', async t => {
  const script = 'trap "echo interrupted; exit 9" INT; tty; ls -l /dev/console | cut -c1; stty size; read x; stty size; echo got $x; while :; do sleep 1; done'
  const request = fixture.request(sh(script), { interactive: true, size: { rows: 11, columns: 22 }, spec: { process: { terminal: true } } })
  const started = await startFor(t, request)
  t.is(started.attached?.stderr, undefined)
  let text = ''
  const until = async (part: string): Promise<void> => {
    while (!text.includes(part)) text += String((await once(started.attached?.stdout as NodeJS.ReadableStream, 'data') as [Buffer])[0])
  }
  await until('11 22')
  started.attached?.resize({ rows: 33, columns: 44 })
  await windowSize(started.pid, '33 44')
  started.attached?.stdin?.write('hello\r')
  await until('got hello')
  started.attached?.stdin?.write('\x03')
  const { exitCode, stdout } = await outcome(started)
  t.is(exitCode, 9)
  t.is(`${text}${stdout}`, '/dev/pts/0\r\nc\r\n11 22\r\nhello\r\n33 44\r\ngot hello\r\n^Cinterrupted\r\n')
  t.is(logOf(request), `${text}${stdout}`)
})

/** Waits until the kernel has the size: the message goes through the shim. */
async function windowSize(pid: number, size: string): Promise<void> {
  for (;;) {
    const child = spawn('sh', ['-c', `stty size < /proc/${pid}/fd/0`], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [found] = await once(child.stdout, 'data') as [Buffer]
    if (String(found).trim() === size) return
  }
}

test.serial('a detached terminal is drained to the log and stays open', async t => {
  const request = fixture.request(sh('seq 1 3000; tty; exit 4'), { detach: true, interactive: true, spec: { process: { terminal: true } } })
  await startFor(t, request)
  await appears(request.statusPath)
  t.true(logOf(request).endsWith('3000\r\n/dev/pts/0\r\n'))
  t.regex(readFileSync(request.statusPath, 'utf8'), /^01024 /)
})

test.serial('a failure before the terminal is ready is told', async t => {
  const request = fixture.request(['true'], { netns: '/nosuch', spec: { process: { terminal: true } } })
  const error = await t.throwsAsync(startFor(t, request))
  t.is(error?.message, 'start container: open /nosuch: No such file or directory (ENOENT)')
})

const v1 = ['memory', 'pids', 'cpu'].map(name => `/sys/fs/cgroup/${name}/tsnet-test-shim`)
const v2 = '/sys/fs/cgroup/unified/tsnet-test-shim'

test.serial('container and shim are in the cgroups given, in every hierarchy', async t => {
  const folders = [...v1, v2].flatMap(folder => [folder, `${folder}/box`, `${folder}/shim`])
  for (const folder of folders) mkdirSync(folder)
  t.teardown(async () => { for (const folder of folders.toReversed()) await removeCgroup(folder) })
  const under = (name: string) => ({ v1: v1.map(folder => `${folder}/${name}`), v2: `${v2}/${name}` })
  const mounts = [...fixture.spec([]).mounts, { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro', 'nosuid', 'noexec', 'nodev'] }]
  const started = await startFor(t, fixture.request(sh('cat /proc/self/cgroup; cat /sys/fs/cgroup/pids/tasks; touch /sys/fs/cgroup/x 2>&1; read x'), {
    interactive: true, cgroup: under('box'), shimCgroup: under('shim'), spec: { mounts },
  }))
  const shim = readFileSync(`/proc/${started.shimPid}/cgroup`, 'utf8').trim().split('\n')
  const box = readFileSync(`/proc/${started.pid}/cgroup`, 'utf8').trim().split('\n')
  for (const name of ['memory', 'pids', 'cpu', '']) {
    t.true(shim.some(line => line.endsWith(`:${name}:/tsnet-test-shim/shim`)), name)
    t.true(box.some(line => line.endsWith(`:${name}:/tsnet-test-shim/box`)), name)
  }
  started.attached?.stdin?.end()
  const { stdout } = await outcome(started)
  t.regex(stdout, /:pids:\/\n[^]*0::\/\n(1\n\d+\n)touch: .*Read-only file system/)
})
