/** `tsnet network connect`, `network disconnect` and `run --network` given several times, as a user has them. */
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { busyboxTar } from '../../helpers/busybox-image.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'

async function open(t: ExecutionContext): Promise<{ readonly host: FakeHost, readonly tsnet: (...args: readonly string[]) => Promise<string> }> {
  const host = await FakeHost.create()
  const tsnet = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await host.tsnet(...args)
    t.is(status, 0, `${args.join(' ')}: ${stderr}`)
    return stdout.trimEnd()
  }
  const archive = join(host.roots.runRoot, 'busybox.tar')
  await busyboxTar(archive)
  await tsnet('image', 'import', archive, 'busybox')
  await tsnet('network', 'create', '--subnet', '10.20.0.0/24', 'red')
  await tsnet('network', 'create', '--subnet', '10.30.0.0/24', 'blue')
  return { host, tsnet }
}

const lines = (text: string): readonly string[] => text.trimEnd().split('\n')

test.serial('a running container gets a network and loses it: interface, routes, port, hosts file and inspect', async t => {
  if (!requires.root(t)) return
  const { host, tsnet } = await open(t)
  await using _host = host
  await tsnet('run', '-d', '--name', 'web', '--hostname', 'web', '--network', 'red', '-p', '8888:80', 'busybox', 'httpd', '-f', '-p', '80', '-h', '/etc')
  const page = (): Promise<{ readonly status: number }> => host.outside.try('curl', '-sf', '--max-time', '3', 'http://192.0.2.1:8888/passwd')
  const route = (): Promise<string> => tsnet('exec', 'web', 'ip', 'route', 'show', 'default')
  const hosts = async (): Promise<readonly string[]> => lines(await tsnet('exec', 'web', 'cat', '/etc/hosts'))
  const atFirst = await hosts()
  t.true(atFirst.includes('10.20.0.2\tweb'))

  t.is(await tsnet('network', 'connect', '--ip', '10.30.0.77', '--alias', 'db', 'blue', 'web'), '')
  t.regex(await route(), /^default via 10\.30\.0\.1 dev eth1/)
  t.is((await page()).status, 0)
  t.deepEqual(await hosts(), [...atFirst, '10.30.0.77\tweb'])
  t.is(await tsnet('ps', '--format', '{{.Networks}} {{.Ports}}'), 'blue,red 0.0.0.0:8888->80/tcp')
  t.is(await tsnet('port', 'web'), '80/tcp -> 0.0.0.0:8888')
  const networks = JSON.parse(await tsnet('inspect', '-f', '{{json .NetworkSettings.Networks}}', 'web')) as Record<string, Record<string, unknown>>
  t.like(networks['blue'], { IPAddress: '10.30.0.77', Gateway: '10.30.0.1', Aliases: ['db'], IPAMConfig: { IPv4Address: '10.30.0.77' } })
  t.like(networks['red'], { IPAddress: '10.20.0.2' })
  const twice = await host.tsnet('network', 'connect', 'blue', 'web')
  t.deepEqual([twice.status, twice.stderr],
    [1, 'tsnet: connect container "web" to network "blue": it is connected already (already-connected)\n'])

  await tsnet('network', 'disconnect', 'blue', 'web')
  t.regex(await route(), /^default via 10\.20\.0\.1 dev eth0/)
  t.is((await page()).status, 0)
  t.deepEqual(await hosts(), atFirst)
  t.is((await host.tsnet('network', 'disconnect', 'blue', 'web')).status, 1)
  await tsnet('network', 'disconnect', '-f', 'blue', 'web')
  await tsnet('network', 'disconnect', '-f', 'blue', 'nobody')

  await tsnet('rm', '-f', 'web')
  t.regex((await host.tsnet('network', 'connect', 'blue', 'web')).stderr, /container-not-found/)
  for (const name of ['red', 'blue']) await tsnet('network', 'rm', name)
  const links = (await host.json('ip', '-j', 'link')).map(link => String(link['ifname']))
  t.deepEqual(links.filter(name => name.startsWith('ts')), [])
})

test.serial('a container starts on several networks, the gateway by priority, and wrong words are one sentence', async t => {
  if (!requires.root(t)) return
  const { host, tsnet } = await open(t)
  await using _host = host
  const settings = 'name=red,ip=10.20.0.9,mac-address=02:00:00:00:00:09,gw-priority=2,driver-opt=com.docker.network.endpoint.ifname=lan0'
  const output = lines(await tsnet('run', '--rm', '--network', 'blue', '--network', settings, 'busybox', 'sh', '-c',
    'ip -o -4 addr; ip route show default; cat /sys/class/net/lan0/address'))
  t.true(output.some(line => / eth0 +inet 10\.30\.0\.2\/24/.test(line)), output.join('\n'))
  t.true(output.some(line => / lan0 +inet 10\.20\.0\.9\/24/.test(line)))
  t.true(output.some(line => line.startsWith('default via 10.20.0.1 dev lan0')))
  t.is(output.at(-1), '02:00:00:00:00:09')
  for (const [args, pattern] of [
    [['--network', 'blue', '--network', 'blue'], /network "blue" is given twice \(conflicting-options\)/],
    [['--network', 'blue', '--network', 'host'], /--network host: it excludes any other network/],
    [['--network', 'name=blue,adress=10.30.0.9'], /there is no "adress"; did you mean /],
    [['--network', 'name=blue,driver-opt=com.docker.network.endpoint.ifnam=x'], /the nearest is "com\.docker\.network\.endpoint\.ifname"/],
    [['--network', 'blue', '--network', 'nowhere'], /network-not-found/],
  ] as const) {
    const { status, stderr } = await host.tsnet('run', '--rm', ...args, 'busybox', 'true')
    t.deepEqual([status, lines(stderr).length], [125, 1], stderr)
    t.regex(stderr, pattern)
  }
  await tsnet('run', '-d', '--name', 'ended', '--network', 'blue', 'busybox', 'true')
  await tsnet('wait', 'ended')
  t.regex((await host.tsnet('network', 'connect', 'red', 'ended')).stderr, /change networks of container "ended": it does not run, and is not started again; cannot connect it to network "red" \(container-not-running\)/)
  await tsnet('run', '--name', 'fixed', '--network', 'blue', '--network', 'name=red,ip=10.20.0.42', 'busybox', 'true')
  t.regex((await host.tsnet('run', '--rm', '--network', 'red', '--ip', '10.20.0.42', 'busybox', 'true')).stderr, /container "fixed", which does not run/)
  await tsnet('network', 'disconnect', 'red', 'fixed')
  await tsnet('run', '--rm', '--network', 'red', '--ip', '10.20.0.42', 'busybox', 'true')
  t.deepEqual(Object.keys(JSON.parse(await tsnet('inspect', '-f', '{{json .NetworkSettings.Networks}}', 'fixed')) as object), ['blue'])
  t.regex((await host.tsnet('network', 'disconnect', 'red', 'fixed')).stderr, /it is not connected to it \(not-connected\)/)
  await tsnet('network', 'disconnect', 'blue', 'fixed')
  await tsnet('rm', 'fixed')
  await tsnet('run', '-d', '--name', 'alone', '--network', 'none', 'busybox', 'sleep', '60')
  t.regex((await host.tsnet('network', 'connect', 'red', 'alone')).stderr, /change networks of container "alone": .*\(conflicting-options\)/)
  await tsnet('rm', '-f', 'ended', 'alone')
  for (const name of ['red', 'blue']) await tsnet('network', 'rm', name)
})
