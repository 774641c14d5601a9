/** `tsnet run` in the foreground: exit statuses, streams, signals, files it writes, and what it refuses. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import test from 'ava'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { runCommand } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { TSNET } from '../../helpers/tsnet.ts'
import { hostWithBusybox } from './world.ts'

let host: FakeHost
test.before(async () => {
  host = await hostWithBusybox()
})
test.after.always(() => host[Symbol.asyncDispose]())

const ids = async (): Promise<string> => (await host.tsnet('ps', '-aq')).stdout

for (const [words, status, stderr] of [
  [['busybox', 'true'], 0, /^$/],
  [['busybox', 'sh', '-c', 'exit 7'], 7, /^$/],
  [['busybox', 'no-such-command'], 127, /^tsnet: .*"no-such-command".*\(command-not-found\)\n$/],
  [['busybox', '/etc/passwd'], 126, /^tsnet: .*"\/etc\/passwd".*\(command-not-executable\)\n$/],
  [['no-such-image'], 125, /^tsnet: find image "no-such-image": .*\(image-not-found\)\n$/],
  [['--net', 'no-such-network', 'busybox', 'true'], 125, /^tsnet: .*"no-such-network".*\(network-not-found\)\n$/],
  [['--nmae', 'x', 'busybox'], 125, /^tsnet: .*--nmae.*did you mean --name\?.*\(invalid-argument\)\n$/i],
  [['-p', '80:x', 'busybox'], 125, /^tsnet: publish "80:x": .*\(invalid-port\)\n$/],
  [['-it', 'busybox'], 125, /^tsnet: the input device is not a TTY.*\n$/],
  [['--net=host', '--ip', '10.0.0.1', 'busybox'], 125, /^tsnet: .*\(conflicting-options\)\n$/],
  [['--rootfs', '/dev/null/dir', 'true'], 125, /^tsnet: .*"\/dev\/null\/dir".*\(rootfs-not-found\)\n$/],
  [['-v', '/dev/null/dir:/x', 'busybox', 'true'], 125, /^tsnet: .*\/dev\/null\/dir.*\(mount-source-not-found\)\n$/],
] as const) {
  test.serial(`run ${words.join(' ')} ends with status ${status}`, async t => {
    if (!requires.root(t)) return
    const result = await host.tsnet('run', '--rm', ...words)
    t.regex(result.stderr, stderr)
    t.is(result.status, status)
    t.is(await ids(), '')
  })
}

test.serial('what is written goes in and out unchanged, standard error apart', async t => {
  if (!requires.root(t)) return
  const bytes = randomBytes(3 << 20)
  const child = host.startTsnet('run', '--rm', '-i', 'busybox', 'sh', '-c', 'tee /dev/stderr')
  child.stdin?.end(bytes)
  const [out, error] = await Promise.all([buffer(child.stdout!), buffer(child.stderr!), once(child, 'close')])
  t.true(out.equals(bytes))
  t.true(error.equals(bytes))
  t.is(child.exitCode, 0)
})

test.serial('a reader that reads slowly holds the container back, and loses nothing', async t => {
  if (!requires.root(t)) return
  const { status, stdout } = await runCommand(['sh', '-c', `${TSNET} run --rm busybox seq 300000 | { sleep 1; md5sum; }`], { env: host.roots.env })
  const expected = await runCommand(['sh', '-c', 'seq 300000 | md5sum'])
  t.is(status, 0)
  t.is(stdout, expected.stdout)
})

test.serial('a container that does not read its input ends all the same', async t => {
  if (!requires.root(t)) return
  const child = host.startTsnet('run', '--rm', '-i', 'busybox', 'echo', 'done')
  const [out] = await Promise.all([buffer(child.stdout!), once(child, 'close')])
  t.is(out.toString(), 'done\n')
  t.is(child.exitCode, 0)
})

test.serial('a reader that leaves early is no crash', async t => {
  if (!requires.root(t)) return
  for (const command of [`${TSNET} run --name early busybox seq 100000`, `${TSNET} ps -a`, `${TSNET} run --help`]) {
    const { stdout, stderr } = await runCommand(['sh', '-c', `${command} | head -n 1`], { env: host.roots.env })
    t.is(stdout.split('\n').length, 2, command)
    t.is(stderr, '', command)
  }
  t.is((await host.tsnet('rm', '-f', 'early')).status, 0)
})

test.serial('environment, working directory, user, names, mounts and limits arrive inside', async t => {
  if (!requires.root(t)) return
  const folder = join(host.roots.runRoot, 'given')
  mkdirSync(folder)
  writeFileSync(join(folder, 'env'), '# a file\nFROM_FILE=f\nOUTSIDE\n')
  const { status, stdout, stderr } = await host.tsnetWith({ env: { OUTSIDE: 'o' } }, 'run', '--rm', '--name', 'all', '-h', 'inside',
    '-e', 'A=1', '--env-file', join(folder, 'env'), '-w', '/srv/deep', '-u', 'guest', '--add-host', 'db:10.9.9.9', '--dns', '192.0.2.53',
    '--dns-search', 'a.example', '--read-only', '-v', `${folder}:/given:ro`, '-v', 'store:/store', '-m', '64m', '--pids-limit', '50',
    '--security-opt', 'no-new-privileges', '--entrypoint', '/bin/sh', 'busybox', '-c',
    'echo "$A $FROM_FILE $OUTSIDE"; pwd; id -un; hostname; grep db /etc/hosts; grep -c 192.0.2.53 /etc/resolv.conf; cat /given/env | wc -l; '
      + 'touch /x 2>&1; touch /given/x 2>&1; grep NoNewPrivs /proc/self/status | tr -d "\\t"; ulimit -n >/dev/null && echo end')
  t.is(stderr, '')
  t.is(status, 0)
  t.deepEqual(stdout.trimEnd().split('\n').map(line => line.replaceAll(/\s+/g, ' ')), [
    '1 f o', '/srv/deep', 'guest', 'inside', '10.9.9.9 db', '1', '3', 'touch: /x: Read-only file system', 'touch: /given/x: Read-only file system',
    'NoNewPrivs:1', 'end',
  ])
  t.is((await host.tsnet('volume', 'rm', 'store')).status, 0)
})

test.serial('--cidfile holds the id of the container, is never overwritten, and goes with a start that fails', async t => {
  if (!requires.root(t)) return
  const path = join(host.roots.runRoot, 'cid')
  t.is((await host.tsnet('run', '--cidfile', path, '--name', 'kept', 'busybox', 'true')).status, 0)
  t.is(readFileSync(path, 'utf8'), (await host.tsnet('inspect', '-f', '{{.Id}}', 'kept')).stdout.trim())
  const again = await host.tsnet('run', '--rm', '--cidfile', path, 'busybox', 'true')
  t.is(again.status, 125)
  t.regex(again.stderr, /^tsnet: write container id to ".*\/cid": the file exists; .*\(file-exists\)\n$/)
  rmSync(path)
  for (const words of [['no-such-image'], ['busybox', 'no-such-command'], ['--name', 'kept', 'busybox']]) {
    t.not((await host.tsnet('run', '--rm', '--cidfile', path, ...words)).status, 0)
    t.false(existsSync(path))
  }
  t.is((await host.tsnet('rm', 'kept')).status, 0)
})

test.serial('a signal goes to the container, whose answer is the exit status', async t => {
  if (!requires.root(t)) return
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGHUP'] as const) {
    const name = signal.slice(3)
    const child = host.startTsnet('run', '--rm', 'busybox', 'sh', '-c', `trap "echo got ${name}; exit 9" ${name}; echo up; while :; do sleep 0.05; done`)
    await once(child.stdout!, 'data')
    child.kill(signal)
    const [out] = await Promise.all([buffer(child.stdout!), once(child, 'close')])
    t.is(out.toString(), `got ${name}\n`)
    t.is(child.exitCode, 9)
  }
})

test.serial('the third interrupt kills a container that ignores them, and leaves nothing', async t => {
  if (!requires.root(t)) return
  const child = host.startTsnet('run', '--rm', 'busybox', 'sh', '-c', 'trap "echo no" INT; echo up; while :; do sleep 0.05; done')
  await once(child.stdout!, 'data')
  for (let count = 1; count < 3; count += 1) {
    child.kill('SIGINT')
    await once(child.stdout!, 'data')
  }
  child.kill('SIGINT')
  await once(child, 'close')
  t.is(child.exitCode, 137)
  t.is(await ids(), '')
})

test.serial('an interrupt before the container runs undoes all of its start', async t => {
  if (!requires.root(t)) return
  await host.tsnet('run', '--rm', 'busybox', 'true')
  const before = await host.snapshot()
  for (const delayMs of [0, 40, 80, 120, 160, 200, 240]) {
    const child = host.startTsnet('run', '--rm', '--name', 'early', 'busybox', 'sleep', '60')
    const closed = once(child, 'close')
    await new Promise(resolve => setTimeout(resolve, delayMs))
    // `sleep` as process 1 ignores what it has no handler for: where it runs already, only the third ends it.
    for (let count = 0; count < 3; count += 1) {
      child.kill('SIGINT')
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    await closed
    t.true([130, 137].includes(child.exitCode ?? (child.signalCode === 'SIGINT' ? 130 : -1)), `${child.exitCode} ${child.signalCode}`)
  }
  await host.assertAsBefore(before, { except: [/cgroups: /] })
  t.is(await ids(), '')
})

test.serial('--dry-run prints the commands of the network and touches nothing', async t => {
  if (!requires.root(t)) return
  const before = await host.snapshot()
  const { status, stdout, stderr } = await host.tsnet('run', '--dry-run', '-p', '8888:80', 'busybox', 'true')
  t.is(status, 0, stderr)
  t.regex(stdout, /^nsenter .* ip addr add 172\.\d+\.0\.\d+\/16 dev eth0$/m)
  t.regex(stdout, /^iptables -t nat .*--dport 8888 -j DNAT --to-destination 172\.\d+\.0\.\d+:80$/m)
  await host.assertAsBefore(before, { except: [/cgroups: /] })
})

test.serial('without root, nothing but the help and the version', async t => {
  if (!requires.root(t)) return
  const asNobody = (...words: readonly string[]): ReturnType<typeof runCommand> => runCommand(['unshare', '--user', TSNET, ...words], { env: host.roots.env })
  for (const words of [['version'], ['--help'], ['run', '--help']]) t.is((await asNobody(...words)).status, 0)
  for (const [words, status] of [[['ps'], 1], [['run', 'busybox', 'true'], 125], [['network', 'ls'], 1]] as const) {
    const result = await asNobody(...words)
    t.is(result.status, status)
    t.regex(result.stderr, /^tsnet: tsnet must be run as root.*\(permission-denied\)\n$/)
  }
})
