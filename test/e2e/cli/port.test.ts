/** `tsnet port add` and `tsnet port rm`, as a user has them. */
import test, { type ExecutionContext } from 'ava'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { killEveryCall } from '../../helpers/faults.ts'
import { requires } from '../../helpers/requires.ts'
import { hostWithBusybox } from './world.ts'

const httpd = ['busybox', 'httpd', '-f', '-p', '80', '-h', '/etc'] as const

function tsnetOf(t: ExecutionContext, host: FakeHost): (...args: readonly string[]) => Promise<string> {
  return async (...args) => {
    const { status, stdout, stderr } = await host.tsnet(...args)
    t.is(status, 0, `${args.join(' ')}: ${stderr}`)
    return stdout.trimEnd()
  }
}

async function natRules(host: FakeHost): Promise<string> {
  return (await host.run('iptables-save', '-t', 'nat')).split('\n').filter(line => line.startsWith('-A')).join('\n')
}

/** Whether a program of the host can take the TCP port: not while the container's shim holds it. */
async function isFree(host: FakeHost, port: number): Promise<boolean> {
  const { stderr } = await host.try('timeout', '0.2', 'nc', '-l', '-p', String(port))
  return !/in use/i.test(stderr)
}

test.serial('ports come and go while the container runs: listing, inspect, rules, and who holds them', async t => {
  if (!requires.root(t)) return
  await using host = await hostWithBusybox()
  const tsnet = tsnetOf(t, host)
  await tsnet('run', '-d', '--name', 'web', '-p', '8888:80', ...httpd)
  const rules = (): Promise<string> => natRules(host)
  const before = await rules()
  const page = async (port: number): Promise<number> =>
    (await host.outside.try('curl', '-sf', '--max-time', '3', `http://192.0.2.1:${port}/passwd`)).status

  t.is(await tsnet('port', 'add', 'web', '9999:80', '127.0.0.1:7777:80', '53:53/udp'),
    '80/tcp -> 0.0.0.0:9999\n80/tcp -> 127.0.0.1:7777\n53/udp -> 0.0.0.0:53')
  t.is(await page(9999), 0)
  t.is(await tsnet('port', 'web'), '80/tcp -> 0.0.0.0:8888\n80/tcp -> 0.0.0.0:9999\n80/tcp -> 127.0.0.1:7777\n53/udp -> 0.0.0.0:53')
  t.is(await tsnet('port', 'web', '53/udp'), '0.0.0.0:53')
  t.is(await tsnet('ps', '--format', '{{.Ports}}'), '0.0.0.0:8888->80/tcp, 0.0.0.0:9999->80/tcp, 127.0.0.1:7777->80/tcp, 0.0.0.0:53->53/udp')
  t.deepEqual(JSON.parse(await tsnet('inspect', '-f', '{{json .HostConfig.PortBindings}}', 'web')), {
    '53/udp': [{ HostIp: '', HostPort: '53' }],
    '80/tcp': [{ HostIp: '', HostPort: '8888' }, { HostIp: '', HostPort: '9999' }, { HostIp: '127.0.0.1', HostPort: '7777' }],
  })
  t.regex(await tsnet('topology'), /9999/)
  t.false(await isFree(host, 9999))

  await tsnet('port', 'rm', 'web', '9999:80', '53/udp')
  t.true(await isFree(host, 9999))
  t.not(await page(9999), 0)
  t.is(await page(8888), 0)
  await tsnet('port', 'rm', 'web', '127.0.0.1:7777:80')
  t.is(await rules(), before)
  await tsnet('port', 'rm', 'web', '80')
  t.is(await tsnet('port', 'web'), '')
  t.true(await isFree(host, 8888), 'a port that was there from the start is let go as well')
  await tsnet('port', 'add', 'web', '8888:80')
  t.is(await page(8888), 0)
  await tsnet('rm', '-f', 'web')
  t.true(await isFree(host, 8888))
})

test.serial('a port in the middle of a range goes alone: its rule, what holds it, and what is shown', async t => {
  if (!requires.root(t)) return
  await using host = await hostWithBusybox()
  const tsnet = tsnetOf(t, host)
  await tsnet('run', '-d', '--name', 'web', '-p', '8080-8089:80-89', ...httpd)
  const before = await natRules(host)
  t.is(await tsnet('port', 'rm', 'web', '8083:83'), '')
  t.true(await isFree(host, 8083))
  for (const port of [8080, 8082, 8084, 8089]) t.false(await isFree(host, port), String(port))
  t.is((await host.outside.try('curl', '-sf', '--max-time', '3', 'http://192.0.2.1:8080/passwd')).status, 0)
  t.deepEqual(Object.keys(JSON.parse(await tsnet('inspect', '-f', '{{json .HostConfig.PortBindings}}', 'web')) as object),
    ['80/tcp', '81/tcp', '82/tcp', '84/tcp', '85/tcp', '86/tcp', '87/tcp', '88/tcp', '89/tcp'])
  t.deepEqual((await tsnet('port', 'web')).split('\n').map(line => line.replace(/\/tcp.*:/, ':')), [80, 81, 82, 84, 85, 86, 87, 88, 89].map(port => `${port}:${port + 8000}`))
  await tsnet('port', 'add', 'web', '8083:83')
  await tsnet('port', 'rm', 'web', '80-89')
  t.is(await tsnet('port', 'web'), '')
  await tsnet('port', 'add', 'web', '8080-8089:80-89')
  t.is(await natRules(host), before)
  await tsnet('rm', '-f', 'web')
})

test.serial('a taken port is refused by the name of its holder, and wrong words are one sentence', async t => {
  if (!requires.root(t)) return
  await using host = await hostWithBusybox()
  const tsnet = tsnetOf(t, host)
  for (const [name, port] of [['web', '8888:80'], ['other', '8889:80']] as const) await tsnet('run', '-d', '--name', name, '-p', port, ...httpd)
  await tsnet('run', '-d', '--name', 'alone', '--network', 'none', 'busybox', 'sleep', '60')
  await tsnet('run', '-d', '--name', 'guest', '--network', 'container:web', 'busybox', 'sleep', '60')
  await tsnet('run', '-d', '--name', 'range', '-p', '7000-7009:7000-7009', 'busybox', 'sleep', '60')
  for (const [args, pattern] of [
    [['add', 'web', '8889:81'], /^tsnet: publish port 0\.0\.0\.0:8889\/tcp: it is held by the container "other" \(port-in-use\)$/],
    [['add', 'web', '8890:80', '8889:81'], /held by the container "other"/],
    [['add', 'web', '8888:81'], /held by the container "web"/],
    [['add', 'alone', '8890:80'], /it was started with network none \(conflicting-options\)$/],
    [['add', 'guest', '8890:80'], /it shares the network of another container; name that one \(conflicting-options\)$/],
    [['add', 'nobody', '8890:80'], /\(container-not-found\)$/],
    [['add', 'web', '80000'], /\(invalid-port\)$/],
    [['add', 'web'], /missing required argument 'port'/],
    [['rm', 'web', '8890:80'], /^tsnet: remove port 8890:80\/tcp of container "web": it is not published \(port-not-published\)$/],
    [['rm', 'range', '7010'], /^tsnet: remove port 7010\/tcp of container "range": it is not published \(port-not-published\)$/],
  ] as const) {
    const { status, stderr } = await host.tsnet('port', ...args)
    t.deepEqual([status, stderr.trimEnd().split('\n').length], [1, 1], `${args.join(' ')}: ${stderr}`)
    t.regex(stderr.trimEnd(), pattern)
  }
  t.true(await isFree(host, 8890), 'all or nothing')
  t.is(await tsnet('port', 'web'), '80/tcp -> 0.0.0.0:8888')
  await tsnet('rm', '-f', 'web', 'other', 'alone', 'guest', 'range')
})

test.serial('whoever changes the ports may be killed at any kernel call: what is published, held and shown agree after the next command', async t => {
  if (!requires.root(t)) return
  await using host = await hostWithBusybox()
  const tsnet = tsnetOf(t, host)
  await tsnet('run', '-d', '--name', 'web', '-p', '8888:80', ...httpd)
  const rules = (): Promise<string> => natRules(host)
  const before = await rules()
  const calls = await killEveryCall({
    program: new URL('port.fixture.ts', import.meta.url).pathname,
    args: [host.roots.root, host.roots.runRoot],
    verify: async n => {
      const shown = await tsnet('port', 'web')
      const added = shown.includes('0.0.0.0:9000')
      t.is(shown, `80/tcp -> 0.0.0.0:8888${added ? '\n80/tcp -> 0.0.0.0:9000\n80/tcp -> 0.0.0.0:9001' : ''}`, `call ${n}`)
      t.is(await rules() === before, !added)
      for (const port of [9000, 9001]) t.is(await isFree(host, port), !added, `call ${n}: ${port}`)
      if (added) await tsnet('port', 'rm', 'web', '9000:80', '9001:80')
    },
  })
  t.true(calls >= 2, `${calls} calls`)
  t.is(await rules(), before)
  t.false(await isFree(host, 8888))
  await tsnet('rm', '-f', 'web')
})

test.serial('what is exposed is shown, and published by -P alone', async t => {
  if (!requires.root(t)) return
  await using host = await hostWithBusybox()
  const tsnet = tsnetOf(t, host)
  await tsnet('run', '-d', '--name', 'web', '--expose', '80', '--expose', '53-54/udp', ...httpd)
  t.regex(await tsnet('ps', '--format', '{{.Ports}}'), /^80\/tcp, 53\/udp, 54\/udp$/)
  t.is(await tsnet('port', 'web'), '')
  await tsnet('rm', '-f', 'web')
  await tsnet('run', '-d', '--name', 'web', '--expose', '80', '-P', ...httpd)
  const [, port = ''] = /^80\/tcp -> 0\.0\.0\.0:(\d+)$/.exec(await tsnet('port', 'web')) ?? []
  t.is((await host.outside.try('curl', '-sf', '--max-time', '3', `http://192.0.2.1:${port}/passwd`)).status, 0)
  await tsnet('rm', '-f', 'web')
})
