/** `network`, `image`, `volume`, `firewall` and `info`, each read as a script would read it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { busyboxTar } from '../../helpers/busybox-image.ts'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { hostWithBusybox } from './world.ts'

let host: FakeHost
test.before(async () => {
  host = await hostWithBusybox()
  // Forwarding is on, and the default network and the state folders are there, from the first container on.
  await host.tsnet('run', '--rm', 'busybox', 'true')
})
test.after.always(() => host[Symbol.asyncDispose]())

async function out(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await host.tsnet(...words)
  if (status !== 0 || stderr !== '') throw new Error(`tsnet ${words.join(' ')}: status ${status}: ${stderr}`)
  return stdout.trimEnd()
}

test.serial('a network is made, listed, inspected, seen by ip, and removed without a trace', async t => {
  if (!requires.root(t)) return
  const before = await host.snapshot()
  const id = await out('network', 'create', '--subnet', '10.20.0.0/24', '--subnet', 'fd00:20::/64', '--ipv6', '--gateway', '10.20.0.7',
    '--ip-range', '10.20.0.128/25', '--aux-address', 'printer=10.20.0.9', '--label', 'team=a', '-o', 'com.docker.network.bridge.name=br-blue', 'blue')
  t.regex(id, /^[0-9a-f]{64}$/)
  t.regex(await out('network', 'ls'), new RegExp(`^NETWORK ID +NAME +DRIVER +SCOPE\n${id.slice(0, 12)} +blue +bridge +local$`, 'm'))
  t.like(JSON.parse(await out('network', 'ls', '--format', 'json', '--filter', 'name=blue')), { IPv4: 'true', IPv6: 'true', Internal: 'false', Labels: 'team=a' })
  t.regex(await out('network', 'list', '--format', '{{.CreatedAt}}', '--filter', 'name=blue'), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \+0000 UTC$/)
  t.is((await out('network', 'ls', '-q', '--no-trunc')).split('\n').filter(line => line === id).length, 1)
  const [network] = JSON.parse(await out('network', 'inspect', 'blue'))
  t.like(network, { Name: 'blue', Id: id, Driver: 'bridge', EnableIPv6: true, Internal: false, Labels: { team: 'a' }, Containers: {} })
  t.deepEqual(network.IPAM.Config, [
    { Subnet: '10.20.0.0/24', IPRange: '10.20.0.128/25', Gateway: '10.20.0.7', AuxiliaryAddresses: { printer: '10.20.0.9' } },
    { Subnet: 'fd00:20::/64', Gateway: 'fd00:20::1' },
  ])
  t.is(await out('inspect', '-f', '{{.Name}}', id.slice(0, 8)), 'blue')
  t.regex(await host.run('ip', '-br', 'addr', 'show', 'br-blue'), /10\.20\.0\.7\/24 fd00:20::1\/64/)
  await out('run', '-d', '--name', 'member', '--net', 'blue', 'busybox', 'sleep', '1000')
  const busy = await host.tsnet('network', 'rm', 'blue')
  t.is(busy.status, 1)
  t.regex(busy.stderr, /^tsnet: .*"blue".*member.*\(network-in-use\)\n$/)
  t.like(Object.values(JSON.parse(await out('network', 'inspect', 'blue'))[0].Containers)[0] as object, { Name: 'member', IPv4Address: '10.20.0.128/24' })
  t.is(await out('rm', '-f', 'member'), 'member')
  t.is(await out('network', 'rm', 'blue'), 'blue')
  // IPv6 forwarding stays on, on purpose.
  await host.assertAsBefore(before, { except: [/cgroups: /, /sysctls: net\/ipv6\/conf\/.*\/(forwarding|accept_ra)=/] })
})

test.serial('what Docker\'s commands take for granted is taken, and what it would choose otherwise is refused', async t => {
  if (!requires.root(t)) return
  await out('network', 'create', '--scope', 'local', '--ipam-driver', 'default', '--attachable', 'granted')
  t.is(await out('network', 'inspect', '-f', '{{.Attachable}}', 'granted'), 'true')
  t.is(await out('network', 'remove', 'granted'), 'granted')
  for (const choice of [['--scope', 'swarm'], ['--ipam-driver', 'dhcp']]) {
    const { status, stderr } = await host.tsnet('network', 'create', ...choice, 'refused')
    t.is(status, 1)
    t.regex(stderr, /^tsnet: --(scope "swarm"|ipam-driver "dhcp"): there is (local|default) \(invalid-argument\)\n$/)
  }
})

for (const [words, message] of [
  [['network', 'create'], /^tsnet: network create: missing required argument 'name'.*\(invalid-argument\)\n$/],
  [['network', 'create', '--subnet', '10.1.0.0', 'x1'], /^tsnet: .*"10\.1\.0\.0".*\(invalid-subnet\)\n$/],
  [['network', 'create', '--subnet', '10.1.0.5/24', 'x1'], /^tsnet: .*10\.1\.0\.5\/24.*\(invalid-subnet\)\n$/],
  [['network', 'create', '--gateway', '10.1.0.1', 'x1'], /^tsnet: --gateway "10\.1\.0\.1": give the --subnet.*\(invalid-address\)\n$/],
  [['network', 'create', '--subnet', '192.0.2.0/24', 'x1'], /^tsnet: .*192\.0\.2\.0\/24.*\(subnet-overlap\)\n$/],
  [['network', 'create', '--driver', 'overlay', 'x1'], /^tsnet: .*"overlay".*\n$/],
  [['network', 'create', '-o', 'com.docker.network.bridge.nmae=x', 'x1'], /^tsnet: .*com\.docker\.network\.bridge\.name.*\(invalid-option\)\n$/],
  [['network', 'create', 'bad/name'], /^tsnet: .*"bad\/name".*\(invalid-name\)\n$/],
  [['network', 'create', 'host'], /^tsnet: .*"host".*\n$/],
  [['network', 'create', 'default'], /^tsnet: .*another word for "bridge" \(predefined-network\)\n$/],
  [['network', 'create', '-o', 'nonsense=1', 'bridge'], /^tsnet: .*"nonsense".*\(invalid-option\)\n$/],
  [['network', 'create', 'x1', '--ipv6=maybe'], /^tsnet: --ipv6 "maybe": it is neither true nor false \(invalid-argument\)\n$/],
  [['network', 'create', 'two\nlines'], /^tsnet: .*"two\\nlines".*\(invalid-name\)\n$/],
  [['network', 'rm', 'host'], /^tsnet: .*"host".*\(predefined-network\)\n$/],
  [['network', 'rm', 'no-such'], /^tsnet: .*"no-such".*\(network-not-found\)\n$/],
  [['network', 'inspect', 'no-such'], /^tsnet: .*"no-such".*\(network-not-found\)\n$/],
  [['image', 'rm', 'no-such'], /^tsnet: .*"no-such".*\(image-not-found\)\n$/],
  [['image', 'import', '/no/such/file', 'x'], /^tsnet: import image .*\/no\/such\/file.*\n$/],
  [['image', 'import', '/etc', 'x'], /^tsnet: import image "\/etc": it is a directory \(invalid-argument\)\n$/],
  [['image', 'load', '-i', '/etc/passwd'], /^tsnet: load image .*\/etc\/passwd.*\(invalid-image\)\n$/],
  [['volume', 'create', 'a/b'], /^tsnet: .*"a\/b".*\(invalid-name\)\n$/],
  [['volume', 'rm', 'no-such'], /^tsnet: .*"no-such".*\(volume-not-found\)\n$/],
  [['cni', 'install', '/etc/passwd'], /^tsnet: install CNI plugins: "\/etc\/passwd" .*\(file-exists\)\n$/],
  [['firewall', 'use', 'pf'], /^tsnet: .*"pf": there are iptables and nftables \(invalid-argument\)\n$/],
  [['firewall', 'on'], /^tsnet: unknown command: tsnet firewall on.*\(invalid-argument\)\n$/],
  [['internal', 'nothing', 'x'], /^tsnet: unknown command: tsnet internal nothing \(invalid-argument\)\n$/],
] as const) {
  test.serial(`${words.join(' ')} is refused in one sentence, and changes nothing`, async t => {
    if (!requires.root(t)) return
    const before = await out('network', 'ls')
    const { status, stderr } = await host.tsnet(...words)
    t.regex(stderr, message)
    t.is(status, 1)
    t.is(await out('network', 'ls'), before)
  })
}

test.serial('network create --dry-run prints the commands and makes nothing', async t => {
  if (!requires.root(t)) return
  const before = await host.snapshot()
  const text = await out('network', 'create', '--dry-run', '--subnet', '10.9.0.0/24', 'planned')
  t.regex(text, /^ip link add tsbr-[0-9a-f]{8} .*type bridge$/m)
  t.regex(text, /^ip addr add 10\.9\.0\.1\/24 dev tsbr-/m)
  t.regex(text, /^iptables .*-s 10\.9\.0\.0\/24 .*-j MASQUERADE$/m)
  await host.assertAsBefore(before, { except: [/cgroups: /] })
})

test.serial('a publish policy is told by inspect, and refused where it is none or said twice', async t => {
  if (!requires.root(t)) return
  await out('network', 'create', '--publish-policy', '192.168.0.0/16,2001:db8::1', 'office')
  t.is(await out('network', 'inspect', '-f', '{{index .Options "tsnet.publish_policy"}}', 'office').catch(() => ''), '192.168.0.0/16,2001:db8::1')
  await out('network', 'rm', 'office')
  for (const [words, message] of [
    [['--publish-policy', 'perhaps'], /"perhaps" is neither allow, deny nor a list of subnets/],
    [['--publish-policy', 'deny', '-o', 'tsnet.publish_policy=allow'], /say different things/],
    [['--publish-policy', 'deny', '-o', 'com.docker.network.bridge.gateway_mode_ipv4=nat-unprotected'], /opens every port to everybody/],
  ] as const) {
    const { status, stderr } = await host.tsnet('network', 'create', ...words, 'office')
    t.not(status, 0)
    t.regex(stderr, message)
    t.is(stderr.trim().split('\n').length, 1)
  }
})

test.serial('images: import from a pipe, list, tag, inspect, remove', async t => {
  if (!requires.root(t)) return
  const archive = join(host.roots.runRoot, 'second.tar')
  await busyboxTar(archive)
  const { status, stdout } = await host.tsnetWith({ input: readFileSync(archive) }, 'import', '-c', 'CMD ["echo", "default"]', '-', 'second:1')
  t.is(status, 0)
  t.regex(stdout, /^sha256:[0-9a-f]{64}\n$/)
  t.is(await out('run', '--rm', 'second:1'), 'default')
  await out('tag', 'second:1', 'third')
  t.deepEqual((await out('images', '--format', '{{.Repository}}:{{.Tag}}')).split('\n').toSorted(), ['busybox:latest', 'second:1', 'third:latest'])
  t.is(JSON.parse(await out('image', 'inspect', 'third'))[0].Id, stdout.trim())
  await out('run', '--name', 'user', 'second:1')
  t.is((await host.tsnet('rmi', 'second:1')).status, 0)
  const used = await host.tsnet('rmi', 'third')
  t.is(used.status, 1)
  t.regex(used.stderr, /^tsnet: .*"third".*"user".*\(image-in-use\)\n$/)
  await out('rm', 'user')
  t.is(await out('rmi', 'third'), `Untagged: third:latest\nDeleted: ${stdout.trim()}`)
})

test.serial('volumes: made, listed, inspected, kept over containers, removed', async t => {
  if (!requires.root(t)) return
  t.is(await out('volume', 'create', '--label', 'a=b', 'store'), 'store')
  t.regex(await out('volume', 'create'), /^[0-9a-f]{64}$/)
  t.deepEqual((await out('volume', 'ls')).split('\n')[0]?.split(/\s{2,}/), ['DRIVER', 'VOLUME NAME'])
  const [volume] = JSON.parse(await out('volume', 'inspect', 'store'))
  t.like(volume, { Name: 'store', Driver: 'local', Labels: { a: 'b' }, Scope: 'local' })
  await out('run', '--rm', '-v', 'store:/data', 'busybox', 'touch', '/data/made')
  t.true(existsSync(join(volume.Mountpoint, 'made')))
  t.is(await out('volume', 'rm', 'store'), 'store')
  t.false(existsSync(volume.Mountpoint))
})

test.serial('the firewall backend is told, changed with networks in place, and told by info', async t => {
  if (!requires.root(t)) return
  await out('network', 'create', '--subnet', '10.30.0.0/24', 'walled')
  t.regex(await out('firewall'), /^Backend: iptables .*\n.*nftables: available.*\n[^]*10\.30\.0\.0\/24/)
  await out('firewall', 'use', 'nftables')
  t.regex(await out('firewall'), /^Backend: nftables/)
  t.false((await host.run('iptables-save')).includes('10.30.0.0/24'))
  t.is(await out('info', '--format', '{{.FirewallBackend}}'), 'nftables')
  t.like(JSON.parse(await out('info', '--format', 'json')), { Containers: 0, RootDir: host.roots.root, RunRootDir: host.roots.runRoot })
  await out('firewall', 'use', 'iptables')
  await out('network', 'rm', 'walled')
})
