/** `tsnet topology` with real containers, on both backends, held against what ip, iptables and nft say. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import type { EndpointNode, NetworkNode, Topology } from '../../../topology/model.ts'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { hostWithBusybox } from './world.ts'

let host: FakeHost
test.before(async () => {
  host = await hostWithBusybox()
  await out('network', 'create', '--ipv6', '--subnet', '10.20.0.0/24', '--subnet', 'fd00:20::/64', '--label', 'team=a', 'blue')
  await out('run', '-d', '--name', 'web', '--net', 'blue', '-p', '192.0.2.1:8888:80', 'busybox', 'httpd', '-f', '-p', '80', '-h', '/etc')
  await out('run', '-d', '--name', 'guest', '--net', 'container:web', 'busybox', 'sleep', '1000')
  await out('run', '-d', '--name', 'metrics', '--net', 'host', 'busybox', 'sleep', '1000')
})
test.after.always(async () => {
  await host.tsnet('rm', '-f', 'guest', 'web', 'metrics')
  await host[Symbol.asyncDispose]()
})

async function out(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await host.tsnet(...words)
  if (status !== 0) throw new Error(`tsnet ${words.join(' ')}: status ${status}: ${stderr}`)
  return stdout.trimEnd()
}

async function observe(): Promise<{ readonly topology: Topology, readonly blue: NetworkNode, readonly web: EndpointNode }> {
  const topology = JSON.parse(await out('topology', '--format', 'json')) as Topology
  const blue = topology.networks.find(({ name }) => name === 'blue')
  const web = blue?.endpoints.find(({ name }) => name === 'web')
  if (blue === undefined || web === undefined) throw new Error('the network or its endpoint is not in the picture')
  return { topology, blue, web }
}

/** Packets of a rule in the kernel's own list. */
async function packetsOf(program: string, pattern: RegExp): Promise<number> {
  const line = (await host.run(program, '-c')).split('\n').find(one => pattern.test(one))
  return Number(/^\[(\d+):/.exec(line ?? '')?.[1] ?? Number.NaN)
}

test.serial('containers, links, addresses and namespaces are those that ip shows', async t => {
  if (!requires.root(t)) return
  const { topology, blue, web } = await observe()
  t.is(topology.version, 1)
  t.like(topology.host.uplinks[0], { name: 'up0', mtu: 1500, gateways: ['192.0.2.2', '2001:db8::2'] })
  t.deepEqual(topology.networks.find(({ name }) => name === 'host')?.endpoints.map(({ name }) => name), ['metrics'])
  t.deepEqual(blue.missing, [])
  t.deepEqual(web.missing, [])
  t.deepEqual(web.sharedBy, ['guest'])
  t.deepEqual(readdirSync(join(host.roots.runRoot, 'netns')).filter(name => web.namespace?.endsWith(name)).length, 1)
  const [bridge] = await host.json<readonly { ifname: string, mtu: number }[]>('ip', '-j', 'link', 'show', String(blue.bridge?.name))
  t.like(blue.bridge, { mtu: bridge?.mtu, up: true })
  const inside = await host.json<readonly { address: string, addr_info: readonly { local: string, prefixlen: number, scope: string }[] }[]>(
    'nsenter', `--net=${web.namespace}`, 'ip', '-j', 'addr', 'show', String(web.link?.container))
  t.is(inside[0]?.address, web.link?.mac)
  t.deepEqual(inside[0]?.addr_info.filter(({ scope }) => scope === 'global').map(({ local, prefixlen }) => `${local}/${prefixlen}`),
    web.addresses.map(({ cidr }) => cidr))
})

test.serial('iptables: counters of ports, rules and links grow with the traffic, to what the kernel says', async t => {
  if (!requires.root(t)) return
  const before = await observe()
  for (let round = 0; round < 3; round += 1) await host.outside.run('curl', '-sf', 'http://192.0.2.1:8888/passwd')
  const { blue, web } = await observe()
  t.is(web.ports[0]?.packets, 3)
  t.is(web.ports[0]?.packets, await packetsOf('iptables-save', /--dport 8888 .*DNAT/))
  const established = blue.rules.find(({ family, rule }) => family === 4 && rule.includes('RELATED,ESTABLISHED'))
  t.is(established?.packets, await packetsOf('iptables-save', new RegExp(`TSNET-NET-${blue.bridge?.name} .*RELATED,ESTABLISHED`)))
  const [link] = await host.json<readonly { stats64: { rx: { packets: number } } }[]>('ip', '-j', '-s', 'link', 'show', String(web.link?.host))
  t.true((web.link?.statistics?.rxPackets ?? 0) > (before.web.link?.statistics?.rxPackets ?? 0))
  t.true((link?.stats64.rx.packets ?? 0) >= (web.link?.statistics?.rxPackets ?? 0))
})

test.serial('what another program took away is marked, and unmarked after repair', async t => {
  if (!requires.root(t)) return
  const { blue } = await observe()
  const rule = (await host.run('iptables-save', '-t', 'nat')).split('\n').find(line => line.includes('--dport 8888 ')) ?? ''
  await host.run('sh', '-c', `iptables -t nat ${rule.replace('-A', '-D')}`)
  await host.run('ip', 'addr', 'del', '10.20.0.1/24', 'dev', String(blue.bridge?.name))
  const drifted = await observe()
  t.deepEqual(drifted.blue.missing, [`address 10.20.0.1/24 on ${blue.bridge?.name}`])
  t.deepEqual(drifted.web.missing, ['publishing of 8888/tcp (IPv4)'])
  t.true(drifted.web.ports[0]?.missing)
  t.regex(await out('topology', 'blue'), /! missing: publishing of 8888\/tcp[^]*192\.0\.2\.1:8888 → 80\/tcp {2}! missing/)
  await out('firewall', 'repair')
  const repaired = await observe()
  t.deepEqual([...repaired.blue.missing, ...repaired.web.missing], [])
})

test.serial('nftables: rules and ports count, and drift is seen as well', async t => {
  if (!requires.root(t)) return
  await out('firewall', 'use', 'nftables')
  await host.outside.run('curl', '-sf', 'http://192.0.2.1:8888/passwd')
  const { topology, blue, web } = await observe()
  t.is(topology.host.firewall, 'nftables')
  t.regex(await out('topology', 'none'), /^host .*\(nftables,/)
  const ports = await host.run('nft', 'list', 'map', 'ip', 'tsnet', 'address-ports')
  const [, packets, bytes] = /192\.0\.2\.1 \. tcp \. 8888 counter packets (\d+) bytes (\d+)/.exec(ports) ?? []
  t.deepEqual([web.ports[0]?.packets, web.ports[0]?.bytes], [1, Number(bytes)])
  t.is(packets, '1')
  t.deepEqual(web.missing, [])
  const published = blue.rules.find(({ family, rule }) => family === 4 && rule.includes('ct status dnat'))
  const nft = await host.run('nft', 'list', 'chain', 'ip', 'tsnet', `net-${blue.bridge?.name}`)
  t.is(published?.packets, Number(/ct status dnat counter packets (\d+)/.exec(nft)?.[1]))
  t.is(published?.packets, 1)
  await host.run('nft', 'flush', 'ruleset')
  t.deepEqual((await observe()).web.missing, [`guard of port ${web.link?.host}`, 'publishing of 8888/tcp (IPv4)'])
  await out('firewall', 'repair')
  t.deepEqual((await observe()).web.missing, [])
})

test.serial('dot and svg are files that other programs take; a network that is not there is named', async t => {
  if (!requires.root(t)) return
  const svg = await out('topology', '--format', 'svg')
  t.regex(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^]*<\/svg>$/)
  t.true(svg.includes('192.0.2.1:8888 → 80/tcp'))
  t.regex(await out('topology', '--format', 'dot', 'blue'), /^graph tsnet \{[^]*label="network blue"[^]*\}$/)
  const { status, stderr } = await host.tsnet('topology', 'green')
  t.deepEqual([status, stderr], [1, 'tsnet: find network "green": there is none of that name or id (network-not-found)\n'])
})

test.serial('looking changes nothing', async t => {
  if (!requires.root(t)) return
  const before = await host.snapshot()
  await out('topology')
  // Not compared: control groups, which are the machine's, with other tests' containers in them.
  await t.notThrowsAsync(host.assertAsBefore(before, { except: [/cgroups: /] }))
})
