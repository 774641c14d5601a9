/** A node that is switched over while it runs: what the reference plugins of Debian have made is checked, is in nobody's way, and is removed by our DEL. */
import test from 'ava'
import { FakeHost } from '../../helpers/fake-host.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { curlText, startEcho } from './echo.ts'
import { type CallSpec, type Json, type Outcome, bridgeConfig, ours, reference, withContainers } from './lab.ts'

type Caller = (program: string, spec: CallSpec) => Promise<Outcome>

const dataDir = '/run/cni-switched'
const order = ['bridge', 'portmap', 'bandwidth', 'firewall', 'tuning'] as const
const ports = (hostPort: number) => ({ runtimeConfig: { portMappings: [{ hostPort, containerPort: 80, protocol: 'tcp' }] } })
const configOf = (plugin: string, hostPort: number): Json => ({
  cniVersion: '1.0.0', name: 'blue', type: plugin,
  ...plugin === 'bridge' ? { ...bridgeConfig, ipam: { ...bridgeConfig.ipam, dataDir } } : {},
  ...plugin === 'portmap' ? ports(hostPort) : {},
  ...plugin === 'bandwidth' ? { ingressRate: 10_000_000, ingressBurst: 10_000_000, egressRate: 10_000_000, egressBurst: 10_000_000 } : {},
  ...plugin === 'tuning' ? { mtu: 1400 } : {},
})

/** The result, or the first failure. */
async function add(call: Caller, id: string, hostPort: number): Promise<Json> {
  let prevResult: Json | undefined
  for (const plugin of order) {
    const { status, result } = await call(plugin, { command: 'ADD', config: { ...configOf(plugin, hostPort), ...prevResult === undefined ? {} : { prevResult } }, id })
    if (status !== 0) return result
    prevResult = result
  }
  return prevResult ?? {}
}

for (const backend of ['iptables', 'nftables'] as const) test.serial(`with ${backend}, containers of the reference chain are checked, keep their ports, and go without a trace`, async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await host.tsnet('firewall', 'use', backend)
  const call: Caller = (program, spec) => ours(program, spec, { roots: host.roots })
  await host.run('rm', '-rf', dataDir)
  const rules = async (): Promise<string> => `${await host.run('iptables-save')}${await host.run('ip6tables-save')}`
  const ofContainers = /^(:CNI-(DN-)?[0-9a-f]{20,} |-A (POSTROUTING|CNI-FORWARD) -[sd] ).*/gm
  await withContainers(['c1', 'c2', 'c3'], async () => {
    const results = { c1: await add(reference, 'c1', 8081), c2: await add(reference, 'c2', 8082) }
    await using _echo = await startEcho(new Namespace('c1', '/run/netns/c1'), 80)
    for (const plugin of order) {
      const { status, stdout } = await call(plugin, { command: 'CHECK', config: { ...configOf(plugin, 8081), prevResult: results.c1 }, id: 'c1' })
      t.is(status, 0, `${plugin}: ${stdout}`)
    }
    t.like(await call('portmap', { command: 'CHECK', config: { ...configOf('portmap', 8083), prevResult: results.c1 }, id: 'c1' }), { status: 1 })
    t.like(await add(call, 'c3', 8081), { code: 11, msg: 'host port 8081/tcp is taken by container "c1" of network "blue"' })
    t.is((await call('bridge', { command: 'DEL', config: configOf('bridge', 8081), id: 'c3' })).status, 0)
    t.like(await add(call, 'c3', 8083), { ips: [{ address: '10.7.0.5/24' }, { address: 'fd07::5/64' }] })
    t.is(await curlText(host.outside, 'http://192.0.2.1:8081/'), 'container\n', 'the old one is reached as before')
    for (const plugin of order.toReversed()) {
      // With the namespace, and without it.
      t.is((await call(plugin, { command: 'DEL', config: { ...configOf(plugin, 8081), prevResult: results.c1 }, id: 'c1' })).status, 0)
      t.is((await call(plugin, { command: 'DEL', config: { ...configOf(plugin, 8082), prevResult: results.c2 }, id: 'c2', netns: '' })).status, 0)
    }
    t.deepEqual((await rules()).match(ofContainers), null)
    t.notRegex(await host.run('ip', '-o', 'link'), /bwp/)
    t.deepEqual(await host.run('find', '/run/cni', dataDir, '-type', 'f', '-name', '*[0-9]*.json', '-o', '-name', '10.*'), '')
    for (const plugin of order.toReversed()) t.is((await call(plugin, { command: 'DEL', config: configOf(plugin, 8083), id: 'c3' })).status, 0)
    t.like(await add(call, 'c3', 8081), { ips: [{ address: '10.7.0.6/24' }, { address: 'fd07::6/64' }] })
    for (const plugin of order.toReversed()) t.is((await call(plugin, { command: 'DEL', config: configOf(plugin, 8081), id: 'c3' })).status, 0)
  })
  await host.run('ip', 'link', 'del', 'cni7')
})
