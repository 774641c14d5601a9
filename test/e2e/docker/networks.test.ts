/** What Docker can ask of a network, on tsnet: the cases of its own black-box tests that apply to a remote driver. */
import test from 'ava'
import { requires } from '../../helpers/requires.ts'
import { DockerLab } from './lab.ts'

const isReady = (t: Parameters<typeof requires.root>[0]): boolean => requires.root(t) && requires.tool(t, 'dockerd')
const pings = async (lab: DockerLab, container: string, address: string): Promise<boolean> =>
  (await lab.daemon.try('exec', container, 'ping', '-c', '1', '-W', '1', address)).status === 0
const addressOf = async (lab: DockerLab, container: string, network: string, field = 'IPAddress'): Promise<string> =>
  await lab.docker('inspect', '-f', `{{(index .NetworkSettings.Networks "${network}").${field}}}`, container)

for (const backend of ['iptables', 'nftables'] as const) {
  test.serial(`${backend}: networks are apart from each other and from Docker's own, beside its FORWARD policy DROP`, async t => {
    if (!isReady(t)) return
    await using lab = await DockerLab.create({ backend })
    const { host } = lab
    const before = await host.snapshot()
    t.regex(await host.run('iptables', '-S', 'FORWARD'), /^-P FORWARD DROP$/m, 'dockerd has set it')
    await lab.network('blue')
    await lab.network('red')
    await lab.web('b1', 'blue', '-p', '8081:80')
    await lab.web('r1', 'red')
    await lab.web('d1', 'bridge', '-p', '8082:80')
    const [b1, r1, d1] = [await addressOf(lab, 'b1', 'blue'), await addressOf(lab, 'r1', 'red'), await addressOf(lab, 'd1', 'bridge')]
    t.true(await pings(lab, 'b1', '192.0.2.2'), 'out to the world')
    t.regex(await lab.get('b1', d1, 80), /^$/, 'to Docker\'s bridge')
    t.regex(await lab.get('d1', b1, 80), /^$/, 'from Docker\'s bridge')
    t.regex(await lab.get('b1', r1, 80), /^$/, 'to another network')
    t.regex(await lab.get('r1', b1, 80), /^$/, 'from another network')
    t.regex(await lab.get('r1', '192.0.2.1', 8081), /^b1$/m, 'to a port of another network, at the host\'s address')
    t.regex(await lab.get('d1', '192.0.2.1', 8081), /^b1$/m, 'the same from Docker\'s bridge')
    t.regex(await lab.get('b1', '192.0.2.1', 8082), /^d1$/m, 'to a port that Docker publishes')
    t.is((await host.outside.run('curl', '-sS', '-m', '5', '--retry', '5', '--retry-connrefused', '--retry-delay', '1', 'http://192.0.2.1:8081/')).trim(), 'b1')
    t.is((await host.outside.run('curl', '-sS', '-m', '5', '--retry', '5', '--retry-connrefused', '--retry-delay', '1', 'http://192.0.2.1:8082/')).trim(), 'd1', 'Docker\'s own ports work as before')
    await lab.docker('rm', '-f', 'b1', 'r1', 'd1')
    await lab.docker('network', 'rm', 'blue', 'red')
    await lab.assertAsBefore(before)
  })
}

test.serial('UDP, ranges, one address, any port and all exposed ports', async t => {
  if (!isReady(t)) return
  await using lab = await DockerLab.create()
  const { host } = lab
  await lab.network('blue')
  await lab.container('udp', 'blue', '-p', '5300:53/udp')
  await using inside = await lab.daemon.namespace('udp')
  await inside.serveUdp(53)
  t.regex(await host.outside.run('sh', '-c', 'echo hello | timeout 3 nc -u -w 1 192.0.2.1 5300'), /192\.0\.2\.2/)
  await lab.web('range', 'blue', '-p', '9000-9009:80-89', '-p', '127.0.0.1:9100:80')
  t.is((await host.run('curl', '-sS', '-m', '5', '--retry', '5', '--retry-connrefused', '--retry-delay', '1', 'http://127.0.0.1:9000/')).trim(), 'range')
  t.is((await host.run('curl', '-sS', '-m', '5', '--retry', '5', '--retry-connrefused', '--retry-delay', '1', 'http://127.0.0.1:9100/')).trim(), 'range')
  t.not((await host.outside.try('curl', '-sS', '-m', '2', 'http://192.0.2.1:9100/')).status, 0, 'only on 127.0.0.1')
  const serve = await host.tsnet('topology', '--format', 'json')
  t.regex(serve.stdout, /"first": ?9000,\s*"last": ?9009/, 'a range is one rule')
  await lab.web('any', 'blue', '-p', '80', '--expose', '443', '-P')
  const ports = JSON.parse((await host.tsnet('topology', '--format', 'json')).stdout) as { networks: { name: string, endpoints: { ports: { hostPorts: { first: number }, containerPorts: { first: number } }[] }[] }[] }
  const chosen = ports.networks.flatMap(network => network.endpoints.flatMap(endpoint => endpoint.ports)).find(port => port.containerPorts.first === 80 && port.hostPorts.first > 10_000)
  t.is((await host.outside.run('curl', '-sS', '-m', '5', '--retry', '5', '--retry-connrefused', '--retry-delay', '1', `http://192.0.2.1:${chosen?.hostPorts.first}/`)).trim(), 'any')
  const taken = await lab.daemon.try('run', '-d', '--name', 'late', '--network', 'blue', '-p', '9000:80', 'busybox', 'sleep', '60')
  t.not(taken.status, 0)
  t.regex(taken.stderr, /9000\/tcp: it is held by .*port-in-use/)
  await lab.docker('rm', '-f', 'range', 'late')
  await lab.web('late', 'blue', '-p', '9000:80')
})

test.serial('an internal network leads nowhere, and brings no docker_gwbridge', async t => {
  if (!isReady(t)) return
  await using lab = await DockerLab.create()
  await lab.network('inner', '--internal')
  await lab.container('a1', 'inner', '-p', '8080:80')
  await lab.web('b1', 'inner')
  t.true(await pings(lab, 'a1', 'b1'))
  t.false(await pings(lab, 'a1', '192.0.2.2'))
  t.notRegex(await lab.docker('exec', 'a1', 'ip', 'route'), /default/)
  t.notRegex(await lab.host.run('ip', '-br', 'link'), /docker_gwbridge/)
})

test.serial('dual stack: addresses of both families, ports over both', async t => {
  if (!isReady(t)) return
  await using lab = await DockerLab.create()
  const { host } = lab
  await lab.network('six', '--ipv6', '--subnet', '10.61.0.0/24', '--subnet', 'fd00:61::/64')
  await lab.web('web', 'six', '-p', '8080:80', '--ip', '10.61.0.9', '--ip6', 'fd00:61::9')
  await lab.container('peer', 'six')
  t.is(await addressOf(lab, 'web', 'six', 'GlobalIPv6Address'), 'fd00:61::9')
  t.true(await pings(lab, 'peer', 'fd00:61::9'))
  t.true(await pings(lab, 'peer', '2001:db8::2'))
  t.is((await host.outside.run('curl', '-sS', '-m', '5', '--retry', '5', '--retry-connrefused', '--retry-delay', '1', 'http://192.0.2.1:8080/')).trim(), 'web')
  t.is((await host.outside.run('curl', '-sS', '-m', '5', '--retry', '5', '--retry-connrefused', '--retry-delay', '1', 'http://[2001:db8::1]:8080/')).trim(), 'web')
  await lab.network('auto', '--ipv6')
  await lab.container('auto', 'auto')
  t.regex(await addressOf(lab, 'auto', 'auto', 'GlobalIPv6Address'), /^fd/)
})

test.serial('chosen and reserved addresses, chosen MAC; what is taken is refused', async t => {
  if (!isReady(t)) return
  await using lab = await DockerLab.create()
  await lab.network('blue', '--subnet', '10.62.0.0/24', '--gateway', '10.62.0.254', '--ip-range', '10.62.0.128/25', '--aux-address', 'router=10.62.0.128')
  await lab.container('a1', 'blue', '--mac-address', '02:00:00:00:00:aa')
  t.is(await addressOf(lab, 'a1', 'blue'), '10.62.0.129')
  t.regex(await lab.docker('exec', 'a1', 'ip', 'link', 'show', 'eth0'), /02:00:00:00:00:aa/)
  t.regex(await lab.docker('exec', 'a1', 'ip', 'route'), /default via 10\.62\.0\.254/)
  await lab.container('b1', 'blue', '--ip', '10.62.0.7')
  t.is(await addressOf(lab, 'b1', 'blue'), '10.62.0.7')
  for (const ip of ['10.62.0.7', '10.62.0.128', '10.62.0.254']) {
    t.regex((await lab.daemon.try('run', '--rm', '--network', 'blue', '--ip', ip, 'busybox', 'true')).stderr, /address-in-use/, ip)
  }
  t.regex((await lab.daemon.try('network', 'create', '-d', 'tsnet', '--ipam-driver', 'tsnet', '--subnet', '10.62.0.0/16', 'red')).stderr, /subnet-overlap/)
  await lab.docker('restart', '-t', '0', 'b1')
  t.is(await addressOf(lab, 'b1', 'blue'), '10.62.0.7')
})

test.serial('a running container is connected and disconnected, and its ports move with its gateway', async t => {
  if (!isReady(t)) return
  await using lab = await DockerLab.create()
  const { host } = lab
  const before = await host.snapshot()
  await lab.network('n1')
  await lab.network('n2')
  await lab.web('web', 'n1', '-p', '8080:80')
  await lab.container('peer', 'n2')
  t.false(await pings(lab, 'peer', await addressOf(lab, 'web', 'n1')))
  await lab.docker('network', 'connect', '--alias', 'www', 'n2', 'web')
  t.true(await pings(lab, 'peer', 'www'))
  const curl = async (...more: readonly string[]): Promise<string> => (await host.try('curl', '-sS', '-m', '5', ...more, 'http://127.0.0.1:8080/')).stdout.trim()
  // Its server may not listen yet.
  t.is(await curl('--retry', '5', '--retry-connrefused', '--retry-delay', '1'), 'web')
  await lab.docker('network', 'disconnect', 'n1', 'web')
  t.is(await curl(), 'web', 'by way of n2')
  await lab.docker('network', 'disconnect', 'n2', 'web')
  t.is(await curl(), '')
  await lab.docker('network', 'connect', 'n1', 'web')
  t.is(await curl(), 'web')
  await lab.docker('rm', '-f', 'web', 'peer')
  await lab.docker('network', 'rm', 'n1', 'n2')
  await lab.assertAsBefore(before)
})

test.serial('mode none: only lo, with and without addresses of Docker', async t => {
  if (!isReady(t)) return
  await using lab = await DockerLab.create()
  const before = await lab.host.snapshot()
  await lab.docker('network', 'create', '-d', 'tsnet', '--ipam-driver', 'null', '-o', 'mode=none', 'empty')
  await lab.network('counted', '-o', 'mode=none')
  for (const network of ['empty', 'counted']) {
    await lab.container(network, network)
    t.regex(await lab.docker('exec', network, 'ip', '-o', 'link'), /^1: lo:[^\n]*$/, network)
  }
  t.regex((await lab.daemon.try('network', 'create', '-d', 'tsnet', '-o', 'mode=host', 'x')).stderr, /a mode is bridge or none/)
  await lab.docker('rm', '-f', 'empty', 'counted')
  await lab.docker('network', 'rm', 'empty', 'counted')
  await lab.assertAsBefore(before)
})

test.serial('Docker\'s own driver options; unknown ones are refused with the nearest known name', async t => {
  if (!isReady(t)) return
  await using lab = await DockerLab.create()
  await lab.network('blue', '-o', 'com.docker.network.bridge.name=blue0', '-o', 'com.docker.network.driver.mtu=1400', '-o', 'com.docker.network.bridge.enable_icc=false',
    '-o', 'com.docker.network.bridge.host_binding_ipv4=127.0.0.1')
  await lab.web('a1', 'blue', '-p', '8080:80')
  await lab.container('b1', 'blue')
  t.like((await lab.host.json('ip', '-j', 'link', 'show', 'blue0'))[0], { mtu: 1400 })
  t.false(await pings(lab, 'b1', await addressOf(lab, 'a1', 'blue')), 'icc is off')
  t.is((await lab.host.run('curl', '-sS', '-m', '5', '--retry', '5', '--retry-connrefused', '--retry-delay', '1', 'http://127.0.0.1:8080/')).trim(), 'a1')
  t.not((await lab.host.outside.try('curl', '-sS', '-m', '2', 'http://192.0.2.1:8080/')).status, 0)
  const { stderr } = await lab.daemon.try('network', 'create', '-d', 'tsnet', '-o', 'com.docker.network.bridge.enable_iccc=true', 'red')
  t.regex(stderr, /the nearest is .*com\.docker\.network\.bridge\.enable_icc/)
  t.regex((await lab.daemon.try('network', 'create', '-d', 'tsnet', '--ipam-driver', 'tsnet', '--ipam-opt', 'size=3', 'red')).stderr, /has no options/)
})

test.serial('either driver goes with another: Docker\'s addresses on tsnet\'s network, tsnet\'s on Docker\'s, and no IPAM at all', async t => {
  if (!isReady(t)) return
  await using lab = await DockerLab.create()
  const { host } = lab
  await lab.docker('network', 'create', '-d', 'tsnet', 'one')
  await lab.docker('network', 'create', '-d', 'bridge', '--ipam-driver', 'tsnet', 'two')
  await lab.docker('network', 'create', '-d', 'tsnet', '--ipam-driver', 'null', 'three')
  for (const [index, network] of ['one', 'two', 'three'].entries()) {
    await lab.web(network, network, '-p', `${8080 + index}:80`)
    t.is((await host.run('curl', '-sS', '-m', '5', '--retry', '5', '--retry-connrefused', '--retry-delay', '1', `http://127.0.0.1:${8080 + index}/`)).trim(), network)
    t.true(await pings(lab, network, '192.0.2.2'), network)
  }
})

test.serial('20 containers at once', async t => {
  if (!isReady(t)) return
  await using lab = await DockerLab.create()
  const before = await lab.host.snapshot()
  await lab.network('blue')
  const names = Array.from({ length: 20 }, (_, i) => `c${i}`)
  await Promise.all(names.map(name => lab.container(name, 'blue')))
  const addresses = await Promise.all(names.map(name => addressOf(lab, name, 'blue')))
  t.is(new Set(addresses).size, 20)
  for (const name of names.slice(1)) t.true(await pings(lab, 'c0', name), name)
  await lab.docker('rm', '-f', ...names)
  await lab.docker('network', 'rm', 'blue')
  await lab.assertAsBefore(before)
})

test.serial('a network with containers stays, what is gone cannot be removed', async t => {
  if (!isReady(t)) return
  await using lab = await DockerLab.create()
  await lab.network('blue')
  await lab.container('a1', 'blue')
  t.regex((await lab.daemon.try('network', 'rm', 'blue')).stderr, /active endpoints/)
  await lab.docker('rm', '-f', 'a1')
  await lab.docker('network', 'rm', 'blue')
  t.regex((await lab.daemon.try('network', 'rm', 'blue')).stderr, /No such network/i)
  t.notRegex((await lab.host.tsnet('network', 'ls')).stdout, /docker-/)
})
