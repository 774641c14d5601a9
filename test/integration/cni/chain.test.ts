/** Chained plugins: the same answers as the reference plugins where those answer, and what they make is seen with tc, ip, iptables and nft. */
import test from 'ava'
import type { Topology } from '../../../topology/model.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { curlText, startEcho } from './echo.ts'
import { comparable } from './kernel-state.ts'
import { type CallSpec, type Json, bridgeConfig, ours, reference, withContainers } from './lab.ts'

const chained = (type: string, fields: Json, prevResult: Json): Json => ({ cniVersion: '1.0.0', name: 'blue', type, ...fields, prevResult })

/** A container on a bridge of ours, and what the chain is told of it. */
async function withAttached(host: FakeHost, act: (prev: Json, call: (program: string, spec: CallSpec) => ReturnType<typeof ours>) => Promise<void>): Promise<void> {
  const call = (program: string, spec: CallSpec) => ours(program, spec, { roots: host.roots })
  await withContainers(['c1'], async () => {
    const { result } = await call('bridge', { command: 'ADD', config: bridgeConfig })
    await act(result, call)
    await call('bridge', { command: 'DEL', config: bridgeConfig })
  })
  await host.run('ip', 'link', 'del', 'cni7')
}

const links: readonly (readonly [type: string, fields: Json])[] = [
  ['portmap', { runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] } }],
  ['portmap', { runtimeConfig: { portMappings: [] } }],
  ['portmap', {}],
  ['firewall', {}],
  ['firewall', { ingressPolicy: 'same-bridge' }],
  ['tuning', { sysctl: { 'net.core.somaxconn': '500' } }],
  ['tuning', { mtu: 1400, promisc: true }],
  ['tuning', { mac: '02:00:00:00:00:11' }],
  ['bandwidth', {}],
]

for (const [type, fields] of links) {
  test.serial(`${type} answers as the reference plugin: ${JSON.stringify(fields)}`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    await withAttached(host, async (prev, call) => {
      const config = chained(type, fields, prev)
      const theirs = await reference(type, { command: 'ADD', config })
      t.is((await reference(type, { command: 'DEL', config })).status, 0)
      const own = await call(type, { command: 'ADD', config })
      t.deepEqual(comparable(own.result), comparable(theirs.result))
      t.is(own.status, 0)
      t.deepEqual(await call(type, { command: 'CHECK', config: { ...config, prevResult: own.result } }), { status: 0, stdout: '', stderr: '', result: {} })
      t.deepEqual(await call(type, { command: 'DEL', config }), { status: 0, stdout: '', stderr: '', result: {} })
      t.is((await call(type, { command: 'DEL', config, netns: '' })).status, 0)
    })
  })
}

for (const backend of ['iptables', 'nftables'] as const) test.serial(`with ${backend}, portmap behind the reference bridge publishes a port for everybody, and DEL takes it back without the mappings`, async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await host.tsnet('firewall', 'use', backend)
  const call = (program: string, spec: CallSpec) => ours(program, spec, { roots: host.roots })
  const config = { ...bridgeConfig, hairpinMode: true, ipam: { ...bridgeConfig.ipam, dataDir: `/run/cni-mixed-${backend}` } }
  await withContainers(['c1', 'c2'], async () => {
    const { result } = await reference('bridge', { command: 'ADD', config })
    await reference('bridge', { command: 'ADD', config, id: 'c2' })
    const ports = chained('portmap', { runtimeConfig: { portMappings: [{ HostPort: 8080, ContainerPort: 80, Protocol: 'tcp', HostIP: '' }] } }, result)
    t.is((await call('portmap', { command: 'ADD', config: ports })).status, 0)
    const inside = new Namespace('c1', '/run/netns/c1')
    await using _echo = await startEcho(inside, 80)
    for (const url of ['http://127.0.0.1:8080', 'http://192.0.2.1:8080', 'http://[2001:db8::1]:8080']) t.is(await curlText(host, url), 'container\n')
    t.is(await curlText(host.outside, 'http://192.0.2.1:8080'), 'container\n')
    // The masquerade of the reference bridge lets what stays in the subnet go as it is, which a published port's traffic must not.
    for (const id of ['c1', 'c2']) t.is(await curlText(new Namespace(id, `/run/netns/${id}`), 'http://192.0.2.1:8080'), 'container\n', id)
    t.is((await call('portmap', { command: 'DEL', config: { cniVersion: '1.0.0', name: 'blue', type: 'portmap' }, netns: '' })).status, 0)
    t.notRegex(await host.run('iptables-save'), /TSNET/)
    for (const id of ['c1', 'c2']) await reference('bridge', { command: 'DEL', config, id })
  })
  await host.run('ip', 'link', 'del', 'cni7')
})

test.serial('CHECK tells of ports, limits and rules that the configuration asks for and the container does not have', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const port = (hostPort: number, containerPort = 80): Json => ({ runtimeConfig: { portMappings: [{ hostPort, containerPort, protocol: 'tcp' }] } })
  const check = (prevResult: Json, fields: Json): CallSpec => ({ command: 'CHECK', config: { ...bridgeConfig, ...fields, prevResult } })
  await withAttached(host, async (prev, call) => {
    for (const [type, fields, others, msg] of [
      ['portmap', port(8080), [port(8081), port(8080, 81)], /host port 808[01]\/tcp does not lead to port 8[01] of the container \(IPv4\)/],
      ['bandwidth', { ingressRate: 8_000_000, ingressBurst: 8_000_000 }, [], /no limit of its bandwidth/],
      ['firewall', {}, [], /no firewall rules/],
    ] as const) {
      t.is((await call(type, { command: 'ADD', config: chained(type, fields, prev) })).status, 0, type)
      t.is((await call(type, check(prev, fields))).status, 0, type)
      for (const other of others) t.like(await call(type, check(prev, other)), { status: 1, result: { code: 999 } }, JSON.stringify(other))
      t.is((await call(type, { command: 'DEL', config: chained(type, fields, prev) })).status, 0)
      const { status, result } = await call(type, check(prev, fields))
      t.is(status, 1, type)
      t.regex(String(result['msg']), msg)
    }
  })
  const call = (spec: CallSpec) => ours('tsnet', spec, { roots: host.roots })
  await withContainers(['c1'], async () => {
    const config = { ...bridgeConfig, ...port(8080) }
    const { result } = await call({ command: 'ADD', config })
    t.is((await call(check(result, port(8080)))).status, 0)
    t.like(await call(check(result, port(8081))), { status: 1, result: { code: 999, msg: 'host port 8081/tcp does not lead to port 80 of the container (IPv4)' } })
    t.is((await call({ command: 'DEL', config })).status, 0)
  })
  await host.run('ip', 'link', 'del', 'cni7')
})

test.serial('bandwidth limits both directions, as tc shows', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await withAttached(host, async (prev, call) => {
    const limits = { IngressRate: 8_000_000, IngressBurst: 4_294_967_295, EgressRate: 16_000_000, EgressBurst: 8_000_000 }
    const config = chained('bandwidth', { runtimeConfig: { bandwidth: limits } }, prev)
    t.is((await call('bandwidth', { command: 'ADD', config })).status, 0)
    const [, veth] = prev['interfaces'] as readonly Json[]
    const rate = async (on: Namespace, dev: string): Promise<unknown> =>
      (JSON.parse(await on.run('tc', '-j', 'qdisc', 'show', 'dev', dev)) as readonly { readonly kind: string, readonly options: Json }[])
        .filter(({ kind }) => kind === 'tbf').map(({ options }) => options['rate'])
    t.deepEqual(await rate(host, String(veth?.['name'])), [1_000_000])
    t.deepEqual(await rate(new Namespace('c1', '/run/netns/c1'), 'eth0'), [2_000_000])
    t.is((await call('bandwidth', { command: 'CHECK', config })).status, 0)
    await host.run('tc', 'qdisc', 'del', 'dev', String(veth?.['name']), 'root')
    t.is((await call('bandwidth', { command: 'CHECK', config })).status, 1)
    t.is((await call('bandwidth', { command: 'DEL', config })).status, 0)
    t.like(await call('bandwidth', { command: 'ADD', config: chained('bandwidth', { ingressRate: 1000 }, prev) }), { status: 1, result: { code: 999 } })
  })
})

test.serial('tuning puts back what it changed, and refuses keys outside net', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await withAttached(host, async (prev, call) => {
    const inside = new Namespace('c1', '/run/netns/c1')
    const config = chained('tuning', { mtu: 1300, mac: '02:00:00:00:00:22', allmulti: true, txQLen: 77, sysctl: { 'net.ipv4.conf.IFNAME.forwarding': '1' } }, prev)
    const before = await inside.run('ip', '-o', 'link', 'show', 'eth0')
    t.is((await call('tuning', { command: 'ADD', config })).status, 0)
    const changed = await inside.run('ip', '-o', 'link', 'show', 'eth0')
    for (const text of ['mtu 1300', '02:00:00:00:00:22', 'ALLMULTI', 'qlen 77']) t.true(changed.includes(text), text)
    t.is((await inside.run('cat', '/proc/sys/net/ipv4/conf/all/forwarding')).length > 0, true)
    t.is((await call('tuning', { command: 'DEL', config })).status, 0)
    t.is(await inside.run('ip', '-o', 'link', 'show', 'eth0'), before)
    for (const key of ['kernel.hostname', 'net/../kernel/hostname', '../etc/passwd']) {
      t.like(await call('tuning', { command: 'ADD', config: chained('tuning', { sysctl: { [key]: 'x' } }, prev) }), { status: 1, result: { code: 999 } }, key)
    }
  })
})

test.serial('with FORWARD policy DROP, firewall lets published ports and what a container asks through, and same-bridge keeps strangers out', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await host.run('iptables', '-P', 'FORWARD', 'DROP')
  await withAttached(host, async (prev, call) => {
    const inside = new Namespace('c1', '/run/netns/c1')
    await using _echo = await startEcho(inside, 80)
    const ports = chained('portmap', { runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] } }, prev)
    t.is((await call('portmap', { command: 'ADD', config: ports })).status, 0)
    for (const ingressPolicy of ['open', 'same-bridge', 'isolated']) {
      const config = chained('firewall', { ingressPolicy }, prev)
      t.is((await call('firewall', { command: 'ADD', config })).status, 0)
      t.is(await curlText(host.outside, 'http://192.0.2.1:8080'), 'container\n', ingressPolicy)
      t.regex(await inside.run('ping', '-c1', '-W2', '192.0.2.2'), / 0% packet loss/)
      t.is((await call('firewall', { command: 'DEL', config })).status, 0)
    }
    await t.throwsAsync(host.outside.run('curl', '-s', '--max-time', '1', 'http://192.0.2.1:8080'))
    t.is((await call('portmap', { command: 'DEL', config: ports })).status, 0)
  })
  await host.run('iptables', '-P', 'FORWARD', 'ACCEPT')
})

test.serial('macspoofchk drops frames with another sender than the interface was given', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const call = (program: string, spec: CallSpec) => ours(program, spec, { roots: host.roots })
  const config = { ...bridgeConfig, macspoofchk: true }
  await withContainers(['c1'], async () => {
    t.is((await call('bridge', { command: 'ADD', config })).status, 0)
    const inside = new Namespace('c1', '/run/netns/c1')
    t.regex(await inside.run('ping', '-c1', '-W2', '10.7.0.1'), / 0% packet loss/)
    await inside.run('ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:99')
    await t.throwsAsync(inside.run('ping', '-c1', '-W1', '10.7.0.1'))
    t.is((await call('bridge', { command: 'DEL', config })).status, 0)
    t.notRegex(await host.run('nft', 'list', 'tables'), /bridge tsnet/)
  })
  await host.run('ip', 'link', 'del', 'cni7')
})

test.serial('loopback is what the reference plugin answers, whatever name it is given', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const config = { cniVersion: '0.3.1', name: 'cni-loopback', type: 'loopback' }
  await withContainers(['c1', 'c2'], async () => {
    const theirs = await reference('loopback', { command: 'ADD', config, ifname: 'lo' })
    const own = await ours('loopback', { command: 'ADD', config, ifname: 'lo', id: 'c2' }, { roots: host.roots })
    // The reference plugin leaves the versions of addresses out, which 0.3.1 wants.
    t.deepEqual(JSON.parse(own.stdout.replaceAll('c2', 'c1').replaceAll(/"version": "[46]",/g, '')), theirs.result)
    t.is((await ours('loopback', { command: 'CHECK', config: { ...config, cniVersion: '1.0.0' }, id: 'c2' }, { roots: host.roots })).status, 0)
    t.is((await ours('loopback', { command: 'DEL', config, id: 'c2' }, { roots: host.roots })).status, 0)
    t.is((await ours('loopback', { command: 'CHECK', config: { ...config, cniVersion: '1.0.0' }, id: 'c2' }, { roots: host.roots })).status, 1)
  })
})

test.serial('what a chain has attached is listed and inspected, its ports are told, and the rest is its own runtime\'s to do', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await withAttached(host, async (prev, call) => {
    const mapped = chained('portmap', { runtimeConfig: { portMappings: [
      { hostPort: 8080, containerPort: 80, protocol: 'tcp' }, { hostPort: 5300, containerPort: 53, protocol: 'udp', hostIP: '127.0.0.1' },
    ] } }, prev)
    await call('portmap', { command: 'ADD', config: mapped })
    const tsnet = async (...words: readonly string[]): Promise<string> => (await host.tsnet(...words)).stdout
    t.regex(await tsnet('ps'), /^c1 +\(cni\) .* Attached .* 0\.0\.0\.0:8080->80\/tcp, 127\.0\.0\.1:5300->53\/udp, \[::\]:8080->80\/tcp +c1$/m)
    t.is(await tsnet('port', 'c1'), '80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080\n53/udp -> 127.0.0.1:5300\n')
    t.is(await tsnet('port', 'c1', '53/udp'), '127.0.0.1:5300\n')
    const [document] = JSON.parse(await tsnet('inspect', 'c1')) as readonly Json[]
    const [{ address, gateway }] = prev['ips'] as readonly [{ readonly address: string, readonly gateway: string }]
    t.like(document, {
      Id: 'c1', State: { Status: 'attached' }, Attachments: [{ Network: 'blue', Interface: 'eth0' }],
      NetworkSettings: {
        Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }, { HostIp: '::', HostPort: '8080' }], '53/udp': [{ HostIp: '127.0.0.1', HostPort: '5300' }] },
        Networks: { blue: { IPAddress: address.replace(/\/.*/, ''), IPPrefixLen: Number(address.replace(/.*\//, '')), Gateway: gateway } },
      },
    })
    await tsnet('network', 'create', 'c1')
    t.is(await tsnet('inspect', '-f', '{{.Driver}}', 'c1'), 'bridge\n', 'what is tsnet\'s own comes first')
    t.is(await tsnet('inspect', '--type', 'container', '-f', '{{.State.Status}}', 'c1'), 'attached\n')
    await tsnet('network', 'rm', 'c1')
    for (const words of [['rm', '-f', 'c1'], ['stop', 'c1'], ['logs', 'c1'], ['exec', 'c1', 'true']]) {
      t.is((await host.tsnet(...words)).stderr,
        'tsnet: find container "c1": there is none of that name or id, but one of another runtime, attached by CNI: ask that runtime (container-not-found)\n')
    }
    await call('portmap', { command: 'DEL', config: mapped })
  })
})

test.serial('the topology has what a chain has attached, with what its ports have counted', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await withAttached(host, async (prev, call) => {
    const ports = chained('portmap', { runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] } }, prev)
    await call('portmap', { command: 'ADD', config: ports })
    await host.outside.try('curl', '-s', '--max-time', '5', 'http://192.0.2.1:8080')
    const { status, stdout, stderr } = await host.tsnet('topology', '--format', 'json', 'blue')
    t.deepEqual([status, stderr], [0, ''])
    const [blue, ...others] = (JSON.parse(stdout) as Topology).networks
    t.deepEqual(others, [])
    t.like(blue, { driver: 'cni', bridge: { name: 'cni7', up: true }, missing: [] })
    t.is(blue?.endpoints.length, 1)
    t.like(blue?.endpoints[0], { name: 'c1', missing: [], link: { container: 'eth0', up: true } })
    t.like(blue?.endpoints[0]?.ports[0], { hostPorts: { first: 8080, last: 8080 }, packets: 1, missing: false })
    t.is((await host.tsnet('topology', 'green')).status, 1)
    await call('portmap', { command: 'DEL', config: ports })
  })
})
