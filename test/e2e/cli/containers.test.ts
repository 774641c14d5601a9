/** The commands around a container that runs in the background, each read as a script would read it. */
import { buffer } from 'node:stream/consumers'
import test from 'ava'
import type { FakeHost } from '../../helpers/fake-host.ts'
import type { Snapshot } from '../../helpers/snapshot.ts'
import { requires } from '../../helpers/requires.ts'
import { hostWithBusybox } from './world.ts'

let host: FakeHost
let before: Snapshot
test.before(async () => {
  host = await hostWithBusybox()
  await host.tsnet('run', '--rm', 'busybox', 'true')
  before = await host.snapshot()
})
test.after.always(() => host[Symbol.asyncDispose]())

/** Not compared: control groups, which are the machine's, with other tests' containers in them; the folder that holds volumes. */
const except = [/cgroups: /, /files: .*\/volumes\/$/]

/** Standard output of a command that must succeed without a word on standard error. */
async function out(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await host.tsnet(...words)
  if (status !== 0 || stderr !== '') throw new Error(`tsnet ${words.join(' ')}: status ${status}: ${stderr}`)
  return stdout.trimEnd()
}

test.serial('-d prints the full id; ps, inspect and port know the container under name, id and prefix', async t => {
  if (!requires.root(t)) return
  const id = await out('run', '-d', '--name', 'web', '-l', 'role=www', '-p', '127.0.0.1:8888:80', '-p', '5300:53/udp', 'busybox', 'sleep', '1000')
  t.regex(id, /^[0-9a-f]{64}$/)
  t.is(await out('ps', '-q'), id.slice(0, 12))
  t.is(await out('ps', '-q', '--no-trunc'), id)
  const [header = '', row = ''] = (await out('ps')).split('\n')
  t.deepEqual(header.split(/\s{2,}/), ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'])
  t.regex(row, new RegExp(`^${id.slice(0, 12)} +busybox +"sleep 1000" .* Up .* 127\\.0\\.0\\.1:8888->80/tcp, 0\\.0\\.0\\.0:5300->53/udp +web$`))
  t.like(JSON.parse(await out('ps', '--format', 'json')), { ID: id.slice(0, 12), Names: 'web', State: 'running', Labels: 'role=www', Networks: 'bridge' })
  for (const ref of ['web', id, id.slice(0, 12), id.slice(0, 5)]) t.is(await out('inspect', '-f', '{{.Id}}', ref), id)
  t.is(await out('port', 'web'), '80/tcp -> 127.0.0.1:8888\n53/udp -> 0.0.0.0:5300')
  t.is(await out('port', 'web', '53/udp'), '0.0.0.0:5300')
})

test.serial('what inspect says of the network is what the kernel says', async t => {
  if (!requires.root(t)) return
  const [{ State, NetworkSettings }] = JSON.parse(await out('inspect', 'web'))
  const [link] = await host.json<readonly [{ address: string, addr_info: readonly { family: string, local: string, prefixlen: number }[] }]>(
    'nsenter', `--net=/proc/${State.Pid}/ns/net`, 'ip', '-j', 'addr', 'show', 'eth0')
  const address = link.addr_info.find(({ family }) => family === 'inet')
  t.deepEqual([NetworkSettings.IPAddress, NetworkSettings.IPPrefixLen, NetworkSettings.MacAddress], [address?.local, address?.prefixlen, link.address])
  const [{ gateway }] = await host.json<readonly [{ gateway: string }]>('nsenter', `--net=${NetworkSettings.SandboxKey}`, 'ip', '-j', 'route', 'show', 'default')
  t.is(NetworkSettings.Gateway, gateway)
  t.deepEqual(NetworkSettings.Networks.bridge.IPAddress, NetworkSettings.IPAddress)
})

test.serial('exec: output, input, exit statuses, environment and background', async t => {
  if (!requires.root(t)) return
  t.is(await out('exec', '-e', 'A=1', '-w', '/tmp', '-u', 'guest', 'web', 'sh', '-c', 'echo "$A $(pwd) $(id -un)"'), '1 /tmp guest')
  t.is((await host.tsnetWith({ input: 'typed' }, 'exec', '-i', 'web', 'cat')).stdout, 'typed')
  t.is((await host.tsnet('exec', 'web', 'sh', '-c', 'exit 3')).status, 3)
  t.is((await host.tsnet('exec', 'web', 'no-such-command')).status, 127)
  t.is((await host.tsnet('exec', 'web', '/etc/passwd')).status, 126)
  t.is((await host.tsnet('exec', 'no-such-container', 'true')).status, 1)
  t.is(await out('exec', '-d', 'web', 'sh', '-c', 'echo made >/tmp/made'), '')
  t.is(await out('exec', 'web', 'sh', '-c', 'until [ -s /tmp/made ]; do sleep 0.05; done; cat /tmp/made'), 'made')
})

test.serial('stop lets it end, wait tells its status, start time and exit are kept, rm removes it and everything of it', async t => {
  if (!requires.root(t)) return
  const id = await out('inspect', '-f', '{{.Id}}', 'web')
  const cgroups = (): Promise<string> => host.run('find', '/sys/fs/cgroup', '-name', id)
  t.not(await cgroups(), '')
  const refused = await host.tsnet('rm', 'web')
  t.is(refused.status, 1)
  t.regex(refused.stderr, /^tsnet: .*"web".*\(container-running\)\n$/)
  const waited = buffer(host.startTsnet('wait', 'web').stdout!)
  t.is(await out('stop', '-t', '0', 'web'), 'web')
  t.is((await waited).toString(), '137\n')
  t.is(await out('ps', '-q'), '')
  t.regex(await out('ps', '-a'), / Exited \(137\) .* web$/m)
  t.is(await out('wait', 'web'), '137')
  t.is((await host.tsnet('exec', 'web', 'true')).status, 1)
  t.is((await host.tsnet('kill', 'web')).status, 1)
  t.is(await out('rm', 'web'), 'web')
  t.is(await cgroups(), '')
  await host.assertAsBefore(before, { except })
})

test.serial('logs: streams apart, tail, times, and follow to the end', async t => {
  if (!requires.root(t)) return
  await out('run', '-d', '--name', 'talker', 'busybox', 'sh', '-c', 'echo one; echo two >&2; echo three; until [ -e /tmp/go ]; do sleep 0.05; done; echo four')
  const followed = buffer(host.startTsnet('logs', '-f', 'talker').stdout!)
  await out('exec', 'talker', 'touch', '/tmp/go')
  t.is((await followed).toString(), 'one\nthree\nfour\n')
  const all = await host.tsnet('logs', 'talker')
  t.deepEqual([all.stdout, all.stderr], ['one\nthree\nfour\n', 'two\n'])
  t.is(await out('logs', '--tail', '1', 'talker'), 'four')
  t.is(await out('logs', '--tail=0', 'talker'), '')
  t.regex(await out('logs', '-t', '-n', '1', 'talker'), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z four$/)
  t.is(await out('logs', '--since', '2099-01-01', 'talker'), '')
  t.is(await out('logs', '--until', '2020-01-01', 'talker'), '')
  t.regex((await host.tsnet('logs', '--since', 'yesterday', 'talker')).stderr, /^tsnet: --since "yesterday": .*\(invalid-argument\)\n$/)
  t.is(await out('rm', 'talker'), 'talker')
})

test.serial('a command on several containers does what it can and tells what it could not', async t => {
  if (!requires.root(t)) return
  await out('run', '-d', '--name', 'aa', 'busybox', 'sleep', '1000')
  await out('run', '-d', '--name', 'bb', 'busybox', 'sleep', '1000')
  const taken = await host.tsnet('run', '-d', '--name', 'aa', 'busybox', 'true')
  t.is(taken.status, 125)
  t.regex(taken.stderr, /^tsnet: .*"aa".*\(name-in-use\)\n$/)
  const { status, stdout, stderr } = await host.tsnet('kill', 'aa', 'no-such', 'bb')
  t.deepEqual([status, stdout], [1, 'aa\nbb\n'])
  t.regex(stderr, /^tsnet: .*"no-such".*\(container-not-found\)\n$/)
  t.is((await host.tsnet('kill', '-s', 'NOSUCH', 'aa')).status, 1)
  const inspected = await host.tsnet('inspect', 'aa', 'no-such')
  t.is(inspected.status, 1)
  t.is(JSON.parse(inspected.stdout).length, 1)
  t.is((await host.tsnet('rm', '-f', 'aa', 'bb', 'no-such')).status, 0)
  await host.assertAsBefore(before, { except })
})

test.serial('rm -v removes anonymous volumes, and leaves named ones', async t => {
  if (!requires.root(t)) return
  await out('run', '--name', 'vv', '-v', '/anonymous', '-v', 'named:/n', 'busybox', 'touch', '/n/kept')
  t.is((await out('volume', 'ls', '-q')).split('\n').length, 2)
  await out('rm', '-v', 'vv')
  t.is(await out('volume', 'ls', '-q'), 'named')
  t.is(await out('run', '--rm', '-v', 'named:/n', 'busybox', 'ls', '/n'), 'kept')
  t.is(await out('volume', 'rm', 'named'), 'named')
  await host.assertAsBefore(before, { except })
})
