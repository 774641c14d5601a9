/**
 * A network whose IPv4 gateway is somebody else on its bridge (`inhibit_ipv4`): the host has no IPv4 address there and is no way out;
 * containers go by that machine, under their own addresses. IPv6 stays the host's. Real packets, both backends, bridge-nf on and off.
 */
import { writeFileSync } from 'node:fs'
import test from 'ava'
import { FakeHost } from '../../helpers/fake-host.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { newSandboxId, openLab } from './lab.ts'

const except = [/files: .*(tsnet\.db|\/owners\/|\/netns\/$)/, /fds: /, /cgroups: /, /: .*fe80::/]
/** Behind the router, and nowhere else. */
const WORLD = '203.0.113.9'

function setBridgeNetfilter(value: '0' | '1'): void {
  for (const key of ['iptables', 'ip6tables']) writeFileSync(`/proc/sys/net/bridge/bridge-nf-call-${key}`, value)
}

async function addRouter(host: FakeHost, bridge: string): Promise<Namespace> {
  await host.run('ip', 'netns', 'add', 'router')
  const router = new Namespace('router', '/run/netns/router')
  await host.run('ip', 'link', 'add', 'router0', 'master', bridge, 'up', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'router')
  for (const words of [['link', 'set', 'lo', 'up'], ['link', 'set', 'eth0', 'up'], ['addr', 'add', '10.80.0.1/24', 'dev', 'eth0'], ['addr', 'add', `${WORLD}/32`, 'dev', 'lo']]) {
    await router.run('ip', ...words)
  }
  return router
}

for (const backend of ['iptables', 'nftables'] as const) {
  for (const setting of ['0', '1'] as const) {
    test.serial(`${backend}, bridge-nf-call-iptables ${setting}: the gateway is the other machine, not the host`, async t => {
      if (!requires.root(t) || !requires.tool(t, 'curl')) return
      setBridgeNetfilter(setting)
      await using host = await FakeHost.create()
      await using inside = new AsyncDisposableStack()
      using lab = openLab({ ...host.roots, backend })
      await lab.controller.createNetwork({ name: 'first', enableIPv6: true })
      await lab.controller.deleteNetwork('first')
      const before = await host.snapshot()
      const { network } = await lab.controller.createNetwork({
        name: 'led', enableIPv6: true, subnets: [{ subnet: '10.80.0.0/24', gateway: '10.80.0.1' }, { subnet: 'fd00:80::/64' }],
        options: { 'com.docker.network.bridge.inhibit_ipv4': 'true' },
      })
      const bridge = network.parsed?.bridgeName ?? ''
      const ids = [newSandboxId(), newSandboxId()] as const
      const [web, peer] = await Promise.all(ids.map(async id => {
        const { sandbox, endpoints } = await lab.controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'led', name: id.slice(0, 8) }] })
        return { inside: inside.use(new Namespace(id.slice(0, 8), sandbox.netns)), v4: endpoints[0]?.endpoint.addresses[0]?.cidr.split('/')[0] ?? '' }
      }))
      if (web === undefined || peer === undefined) return t.fail('no members')
      const router = await addRouter(host, bridge)
      t.is(await host.run('ip', '-4', 'addr', 'show', 'dev', bridge), '', 'the host has no IPv4 address there')
      t.regex(await web.inside.run('ip', 'route', 'show', 'default'), /^default via 10\.80\.0\.1 dev eth0/)
      {
        await using _server = await router.serveTcp(80, { http: true })
        const seen = (await web.inside.try('curl', '-s', '--max-time', '3', `http://${WORLD}`)).stdout
        t.true(seen.includes(web.v4), `the world sees the container itself: ${seen}`)
      }
      t.true(await web.inside.reaches(peer.v4), 'members reach each other')
      t.true(await router.reaches(web.v4), 'and are reached by their gateway')
      t.false(await web.inside.reaches('192.0.2.2'), 'the host leads nowhere')
      t.true(await web.inside.reaches('2001:db8::2'), 'but in IPv6')
      await host.run('ip', 'netns', 'del', 'router')
      for (const id of ids) await lab.controller.deleteSandbox(id)
      await lab.controller.deleteNetwork('led')
      await host.assertAsBefore(before, { except })
    })
  }
}

test.after.always(() => setBridgeNetfilter('1'))
