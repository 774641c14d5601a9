/** The plugins as an orchestrator uses them: what an ADD makes, what it answers, and that a DEL leaves nothing. */
import { once } from 'node:events'
import test from 'ava'
import { FakeHost } from '../../helpers/fake-host.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { startEcho, curlText } from './echo.ts'
import { bridgeConfig, type CallSpec, ours, tsnetConfig, withContainers } from './lab.ts'

async function withBridge(host: FakeHost, act: (call: (program: string, spec: CallSpec) => ReturnType<typeof ours>) => Promise<void>): Promise<void> {
  await act((program, spec) => ours(program, spec, { roots: host.roots }))
  await host.run('ip', 'link', 'del', 'cni7')
}

test.serial('the plugin tsnet gives a container addresses, routes and ports', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await withContainers(['c1'], () => withBridge(host, async call => {
    const { status, result } = await call('tsnet', { command: 'ADD', config: tsnetConfig })
    t.is(status, 0)
    t.like(result, { ips: [{ address: '10.7.0.2/24', gateway: '10.7.0.1', interface: 2 }, { address: 'fd07::2/64', gateway: 'fd07::1', interface: 2 }] })
    const inside = new Namespace('c1', '/run/netns/c1')
    t.regex(await inside.run('ip', '-o', 'addr', 'show', 'eth0'), /10\.7\.0\.2\/24[^]*fd07::2\/64/)
    t.regex(await inside.run('ip', 'route'), /^default via 10\.7\.0\.1 dev eth0/m)
    t.regex(await inside.run('ip', '-6', 'route'), /^default via fd07::1 dev eth0/m)

    await using _echo = await startEcho(inside, 80)
    for (const address of ['127.0.0.1', '10.7.0.1', '192.0.2.1']) t.is(await curlText(host, `http://${address}:8080`), 'container\n')
    t.is(await curlText(inside, 'http://192.0.2.1:8080'), 'container\n', 'by way of the host, from the container itself')
    t.is(await curlText(host.outside, 'http://192.0.2.1:8080'), 'container\n')
    t.is(await curlText(host.outside, 'http://[2001:db8::1]:8080'), 'container\n')
    t.regex(await inside.run('ping', '-c1', '-W2', '192.0.2.2'), / 0% packet loss/)

    t.is((await call('tsnet', { command: 'CHECK', config: { ...tsnetConfig, prevResult: result } })).stdout, '')
    t.is((await call('tsnet', { command: 'DEL', config: tsnetConfig })).status, 0)
  }))
})

for (const backend of ['iptables', 'nftables'] as const) {
  test.serial(`with ${backend}, what an ADD makes, its DEL removes, and the last DEL takes the rules of the network along`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    t.is((await host.tsnet('firewall', 'use', backend)).status, 0)
    await withContainers(['c0', 'c1'], () => withBridge(host, async call => {
      await call('tsnet', { command: 'ADD', config: { ...tsnetConfig, runtimeConfig: {} }, id: 'c0' })
      const before = await host.snapshot()
      for (let round = 0; round < 2; round++) {
        t.like(await call('tsnet', { command: 'ADD', config: tsnetConfig }), { status: 0 })
        t.deepEqual(await call('tsnet', { command: 'DEL', config: tsnetConfig }), { status: 0, stdout: '', stderr: '', result: {} })
        // A plugin's own netlink sockets end with its process, which here is the test's; link-local addresses come when the kernel is done with
        // them; control groups are other tests'.
        await host.assertAsBefore(before, { except: [/route_localnet/, /fds: socket$/, /: .*fe80::/, /cgroups: /] })
      }
      await call('tsnet', { command: 'DEL', config: tsnetConfig, id: 'c0' })
      t.notRegex(await host.run('iptables-save'), /TSNET|10\.7/)
      t.notRegex(await host.run('nft', 'list', 'tables'), /tsnet/)
    }))
  })
}

test.serial('a DEL succeeds again, without a namespace, without a result and for what never was', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await withBridge(host, async call => {
    await withContainers(['c1'], async () => { t.is((await call('tsnet', { command: 'ADD', config: tsnetConfig })).status, 0) })
    for (const netns of ['/run/netns/c1', '', '/run/netns/c1']) {
      t.deepEqual(await call('tsnet', { command: 'DEL', config: tsnetConfig, netns }), { status: 0, stdout: '', stderr: '', result: {} })
    }
    t.is((await call('bridge', { command: 'DEL', config: bridgeConfig, id: 'never', netns: '' })).status, 0)
    t.notRegex(await host.run('iptables-save'), /8080|10\.7/)
    await withContainers(['c2'], async () => {
      const { result } = await call('tsnet', { command: 'ADD', config: tsnetConfig, id: 'c2' })
      t.like(result, { ips: [{ address: '10.7.0.3/24' }, { address: 'fd07::3/64' }] }, 'an address that has come free is the last to be used again')
      await call('tsnet', { command: 'DEL', config: tsnetConfig, id: 'c2' })
    })
  })
})

for (const version of ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const) {
  test.serial(`the result of ${version} has the shape of that version`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    await withContainers(['c1'], () => withBridge(host, async call => {
      const config = { ...bridgeConfig, cniVersion: version }
      const { result } = await call('bridge', { command: 'ADD', config })
      t.is(result['cniVersion'], version)
      if (version < '0.3') {
        t.like(result, {
          ip4: { ip: '10.7.0.2/24', gateway: '10.7.0.1', routes: [{ dst: '0.0.0.0/0', gw: '10.7.0.1' }] },
          ip6: { ip: 'fd07::2/64', gateway: 'fd07::1', routes: [{ dst: '::/0', gw: 'fd07::1' }] },
        })
        t.deepEqual(Object.keys(result), ['cniVersion', 'ip4', 'ip6', 'dns'])
      } else {
        const versions = version < '1' ? [{ version: '4' }, { version: '6' }] : [{}, {}]
        t.deepEqual(result['ips'], [
          { ...versions[0], interface: 2, address: '10.7.0.2/24', gateway: '10.7.0.1' },
          { ...versions[1], interface: 2, address: 'fd07::2/64', gateway: 'fd07::1' },
        ])
        const [, , inside] = result['interfaces'] as readonly Readonly<Record<string, unknown>>[]
        t.deepEqual(Object.keys(inside ?? {}), version === '1.1.0' ? ['name', 'mac', 'mtu', 'sandbox'] : ['name', 'mac', 'sandbox'])
      }
      t.is((await call('bridge', { command: 'DEL', config })).status, 0)
    }))
  })
}

test.serial('a host port that another container has is refused with the number for trying again, and nothing stays', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await withContainers(['c1', 'c2'], () => withBridge(host, async call => {
    await call('tsnet', { command: 'ADD', config: tsnetConfig })
    const links = await host.run('ip', '-o', 'link')
    const refused = await call('tsnet', { command: 'ADD', config: tsnetConfig, id: 'c2' })
    t.like(refused, { status: 1, result: { code: 11 } })
    t.regex(String(refused.result['msg']), /8080\/tcp is taken by container "c1"/)
    t.is(await host.run('ip', '-o', 'link'), links)
    t.is((await call('tsnet', { command: 'DEL', config: tsnetConfig })).status, 0)
    t.is((await call('tsnet', { command: 'ADD', config: tsnetConfig, id: 'c2' })).status, 0)
    t.is((await call('tsnet', { command: 'DEL', config: tsnetConfig, id: 'c2' })).status, 0)
  }))
})

test.serial('a host port that a program has bound is refused with its name, unless it is a helper of the container itself, as podman\'s', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const id = '13213e5974902770ec8ce1bfb632462dd81662586591d0a426ae0e5f2f4dcf15'
  const script = 'require("node:net").createServer().listen(8080, "0.0.0.0", () => console.log("ready"))'
  const helper = host.spawn([process.execPath, '-e', script, '--', '-c', id], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (helper.stdout === null) throw new Error('no pipe')
  await once(helper.stdout, 'data')
  await withContainers(['c1'], () => withBridge(host, async call => {
    const spec: CallSpec = { command: 'ADD', config: tsnetConfig, netns: '/run/netns/c1' }
    const refused = await call('tsnet', { ...spec, id: 'c1' })
    t.like(refused, { status: 1, result: { code: 11 } }, refused.stdout)
    t.regex(String(refused.result['msg']), /^publish port 0\.0\.0\.0:8080\/tcp: it is held by \S+ \(process \d+\)$/)
    t.like(await call('tsnet', { ...spec, id: id.slice(1) }), { status: 1, result: { code: 11 } })
    const { status, stdout } = await call('tsnet', { ...spec, id })
    t.is(status, 0, stdout)
    t.regex(await host.run('iptables-save'), /--dport 8080 -j DNAT --to-destination 10\.7\.0\.2:80/)
    t.is((await call('tsnet', { ...spec, id, command: 'DEL' })).status, 0)
  }))
})

test.serial('GC frees what is not among the valid attachments, and nothing else', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const config = { ...tsnetConfig, cniVersion: '1.1.0' }
  const portOf = (hostPort: number) => ({ ...config, runtimeConfig: { portMappings: [{ hostPort, containerPort: 80, protocol: 'tcp' }] } })
  await withContainers(['c1', 'c2', 'c3'], () => withBridge(host, async call => {
    for (const [index, id] of ['c1', 'c2', 'c3'].entries()) t.is((await call('tsnet', { command: 'ADD', config: portOf(8000 + index), id })).status, 0)
    const valid = [{ containerID: 'c2', ifname: 'eth0' }]
    t.is((await call('tsnet', { command: 'GC', config: { ...config, 'cni.dev/valid-attachments': valid } })).status, 0)
    const rules = await host.run('iptables-save')
    t.notRegex(rules, /--dport 800[02] -j/)
    t.regex(rules, /--dport 8001 -j DNAT --to-destination 10\.7\.0\.3:80/)
    t.is((await host.run('ip', '-o', 'link', 'show', 'type', 'veth', 'master', 'cni7')).trim().split('\n').length, 1)
    t.is((await call('tsnet', { command: 'DEL', config, id: 'c2' })).status, 0)
  }))
})

test.serial('a pool that is full of the addresses of containers that died without a DEL gives them back', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const config = { ...bridgeConfig, ipam: { type: 'host-local', ranges: [[{ subnet: '10.7.0.0/29' }]] } }
  const ids = ['d1', 'd2', 'd3', 'd4']
  await withBridge(host, async call => {
    await withContainers(['c1'], async () => {
      await withContainers(ids, async () => {
        for (const id of ids) t.is((await call('bridge', { command: 'ADD', config, id })).status, 0)
        t.is((await call('bridge', { command: 'ADD', config })).status, 0)
        await withContainers(['late'], async () => {
          t.like(await call('bridge', { command: 'ADD', config, id: 'late' }), { status: 1, result: { code: 999 } }, 'all of them live')
        })
      })
      // The kernel takes down a namespace, and what is in it, some time after its name is gone.
      const ports = async (): Promise<number> => (await host.run('ip', '-o', 'link', 'show', 'type', 'veth', 'master', 'cni7')).trim().split('\n').length
      while (await ports() > 1);
      await withContainers(['late'], async () => {
        t.is((await call('bridge', { command: 'ADD', config, id: 'late' })).status, 0)
        t.is((await call('bridge', { command: 'DEL', config, id: 'late' })).status, 0)
      })
      t.is((await call('bridge', { command: 'DEL', config })).status, 0)
    })
  })
})
