/**
 * The same calls to our plugins and to the reference plugins: same answers, same kernel state, field by field. Where they differ on purpose,
 * docs/guide/cni.md says so, and why.
 */
import test from 'ava'
import { existsSync, mkdtempSync } from 'node:fs'
import { FakeHost } from '../../helpers/fake-host.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { comparable, kernelState } from './kernel-state.ts'
import { type CallSpec, type Json, REFERENCE, ours, reference, withContainers } from './lab.ts'

const v4 = { subnet: '10.7.0.0/24' }
const v6 = { subnet: 'fd07::/64' }
const base = { cniVersion: '1.0.0', name: 'blue', type: 'bridge', bridge: 'cni7' }
const local = (...ranges: readonly Json[]): Json => ({ type: 'host-local', ranges: ranges.map(range => [range]) })
/** A folder of its own for each run: the reference plugin keeps in it which address was the last. */
const newFolder = (): string => mkdtempSync('/run/cni-')
const versions = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0']

interface Case { readonly title: string, readonly config: Json, readonly args?: string }

const cases: readonly Case[] = [
  ...versions.map(cniVersion => ({ title: `two families in ${cniVersion}`, config: { ...base, cniVersion, isDefaultGateway: true, ipam: local(v4, v6) } })),
  { title: 'a gateway without a default route', config: { ...base, isGateway: true, ipam: local(v4) } },
  { title: 'no gateway', config: { ...base, ipam: local(v4) } },
  { title: 'no addresses at all', config: base },
  { title: 'masquerade', config: { ...base, isDefaultGateway: true, ipMasq: true, ipam: local(v4) } },
  { title: 'masquerade by iptables', config: { ...base, isDefaultGateway: true, ipMasq: true, ipMasqBackend: 'iptables', ipam: local(v4, v6) } },
  { title: 'an MTU', config: { ...base, mtu: 1400, ipam: local(v4) } },
  { title: 'hairpinMode', config: { ...base, hairpinMode: true, ipam: local(v4) } },
  { title: 'promiscMode', config: { ...base, promiscMode: true, ipam: local(v4) } },
  { title: 'a range of addresses', config: { ...base, isGateway: true, ipam: local({ ...v4, rangeStart: '10.7.0.50', rangeEnd: '10.7.0.60', gateway: '10.7.0.254' }) } },
  { title: 'the old form of a range', config: { ...base, ipam: { type: 'host-local', subnet: '10.7.0.0/24', rangeStart: '10.7.0.9' } } },
  { title: 'two subnets in one set', config: { ...base, ipam: { type: 'host-local', ranges: [[v4, { subnet: '10.8.0.0/24' }]] } } },
  { title: 'routes', config: { ...base, ipam: { ...local(v4), routes: [{ dst: '10.99.0.0/16' }, { dst: '10.98.0.0/16', gw: '10.7.0.77' }, { dst: '0.0.0.0/0' }] } } },
  { title: 'routes to its own subnet, and twice to another', config: { ...base, ipam: { ...local(v4, v6), routes: [{ dst: '10.7.0.0/24' }, { dst: 'fd07::/64' }, { dst: '10.99.0.0/16' }, { dst: '10.99.0.0/16', gw: '10.7.0.9' }] } } },
  { title: 'a default gateway beside a route that IPAM gives', config: { ...base, isDefaultGateway: true, ipam: { ...local(v4), routes: [{ dst: '0.0.0.0/0', gw: '10.7.0.7' }] } } },
  { title: 'names of the configuration', config: { ...base, ipam: local(v4), dns: { nameservers: ['10.7.0.1'], domain: 'a.example', search: ['b.example'], options: ['ndots:2'] } } },
  { title: 'static addresses', config: { ...base, isDefaultGateway: true, ipam: { type: 'static', addresses: [{ address: '10.7.0.33/24', gateway: '10.7.0.1' }, { address: 'fd07::33/64', gateway: 'fd07::1' }] } } },
  { title: 'an address by CNI_ARGS', config: { ...base, ipam: local(v4) }, args: 'IgnoreUnknown=1;IP=10.7.0.66;K8S_POD_NAME=x' },
  { title: 'an address by args', config: { ...base, ipam: local(v4), args: { cni: { ips: ['10.7.0.67'] } } } },
  { title: 'an address by the runtime', config: { ...base, ipam: local(v4), capabilities: { ips: true }, runtimeConfig: { ips: ['10.7.0.68'] } } },
  { title: 'ranges by the runtime', config: { ...base, ipam: { type: 'host-local' }, runtimeConfig: { ipRanges: [[{ Subnet: '10.9.0.0/24', RangeStart: '10.9.0.5' }]] } } },
]

const addressOfMac = (result: Json): unknown => (result['interfaces'] as readonly Json[])[2]?.['mac']

for (const { title, config, args } of cases) {
  test.serial(`bridge answers and makes the same as the reference plugin: ${title}`, async t => {
    if (!requires.root(t)) return
    t.true(existsSync(`${REFERENCE}/bridge`), 'the reference plugins are installed')
    await using host = await FakeHost.create()
    const look = async (who: typeof reference, dataDir = newFolder()) => {
      const ipam = config['ipam'] as Json | undefined
      const given = { ...config, ...ipam?.['type'] === 'host-local' ? { ipam: { ...ipam, dataDir } } : {} }
      const spec: CallSpec = { command: 'ADD', config: given, ...args === undefined ? {} : { args } }
      return withContainers(['c1'], async () => {
        const answer = await who('bridge', spec)
        const state = await kernelState('c1', 'cni7')
        const deleted = await who('bridge', { ...spec, command: 'DEL' })
        await host.run('ip', 'link', 'del', 'cni7')
        return { status: answer.status, stderr: answer.stderr, result: comparable(answer.result), state, deleted: deleted.status, said: deleted.stdout }
      })
    }
    const theirs = await look(reference)
    const own = await look((program, spec) => ours(program, spec, { roots: host.roots }))
    t.deepEqual(own, theirs)
    t.is(own.status, 0)
  })
}

for (const [where, config, args] of [
  ['the runtime', { runtimeConfig: { mac: '02:00:00:00:00:aa' }, args: { cni: { mac: '02:00:00:00:00:bb' } } }, 'MAC=02:00:00:00:00:cc'],
  ['CNI_ARGS', {}, 'MAC=02:00:00:00:00:cc'],
] as const) {
  test.serial(`the MAC address that ${where} asks for is the one the reference plugin gives`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    const spec: CallSpec = { command: 'ADD', config: { ...base, ...config }, args }
    const look = (who: typeof reference) => withContainers(['c1'], async () => {
      const { result } = await who('bridge', spec)
      await who('bridge', { ...spec, command: 'DEL' })
      await host.run('ip', 'link', 'del', 'cni7')
      return addressOfMac(result)
    })
    const own = await look((program, call) => ours(program, call, { roots: host.roots }))
    t.is(own, where === 'the runtime' ? '02:00:00:00:00:aa' : '02:00:00:00:00:cc')
    if (where === 'CNI_ARGS') t.is(own, await look(reference))
  })
}

test.serial('of a container on two networks, each with a default route, the last one\'s is the first, as with the reference plugin', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const routesOf = async (who: typeof reference) => {
    const network = (name: string, ...ranges: readonly Json[]): Json => ({ ...base, name, bridge: `cni-${name}`, isDefaultGateway: true, ipam: { ...local(...ranges), dataDir: newFolder() } })
    const networks = [['eth0', network('blue', v4, v6)], ['eth1', network('red', { subnet: '10.8.0.0/24' }, { subnet: 'fd08::/64' })]] as const
    return withContainers(['c1'], async () => {
      const inside = new Namespace('c1', '/run/netns/c1')
      const defaults = async (): Promise<string> => `${await inside.run('ip', 'route', 'show', 'default')}${await inside.run('ip', '-6', 'route', 'show', 'default')}`
      const seen: string[] = []
      for (const [ifname, config] of networks) {
        const { status, result } = await who('bridge', { command: 'ADD', config, ifname })
        t.is(status, 0, JSON.stringify(result))
        seen.push(await defaults())
        const checked = await who('bridge', { command: 'CHECK', config: { ...config, prevResult: result }, ifname })
        t.is(checked.status, 0, checked.stdout)
      }
      for (const [ifname, config] of networks.toReversed()) {
        t.is((await who('bridge', { command: 'DEL', config, ifname })).status, 0)
        seen.push(await defaults())
      }
      for (const name of ['blue', 'red']) await host.run('ip', 'link', 'del', `cni-${name}`)
      return seen
    })
  }
  const theirs = await routesOf(reference)
  t.deepEqual(await routesOf((program, spec) => ours(program, spec, { roots: host.roots })), theirs)
  t.regex(theirs[1] ?? '', /^default via 10\.8\.0\.1 dev eth1/)
})

test.serial('host-local hands out the addresses that the reference plugin would, one after the other and round again', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const config = { cniVersion: '1.0.0', name: 'blue', type: 'host-local' }
  const walk = async (who: typeof reference, dataDir = newFolder()): Promise<readonly unknown[]> => {
    const ipam = { type: 'host-local', dataDir, ranges: [[{ subnet: '10.7.0.0/29' }, { subnet: '10.7.1.0/30' }], [{ subnet: 'fd07::/125', rangeStart: 'fd07::4' }]] }
    const seen: unknown[] = []
    const call = async (command: string, id: string): Promise<void> => {
      const { status, result } = await who('host-local', { command, config: { ...config, ipam }, id })
      seen.push([command, id, status, result['ips'], result['code'] ?? ''])
    }
    for (const id of ['a', 'b', 'c']) await call('ADD', id)
    await call('DEL', 'b')
    for (const id of ['d', 'b', 'd']) await call('ADD', id)
    await call('DEL', 'a')
    for (const id of ['e', 'f', 'g', 'h']) await call('ADD', id)
    return seen
  }
  const theirs = await walk(reference)
  const own = await walk((program, spec) => ours(program, spec, { roots: host.roots }))
  t.deepEqual(own, theirs)
})

test.serial('an existing folder of the reference host-local is taken over, and given back file by file', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const config = { cniVersion: '1.0.0', name: 'blue', type: 'host-local', ipam: { ...local(v4), dataDir: '/run/cni-before' } }
  for (const id of ['a', 'b']) t.is((await reference('host-local', { command: 'ADD', config, id })).status, 0)
  const call = (command: string, id: string) => ours('host-local', { command, config, id }, { roots: host.roots })
  t.like((await call('ADD', 'c')).result, { ips: [{ address: '10.7.0.4/24' }] })
  t.like(await call('ADD', 'a'), { status: 1, result: { code: 999 } }, 'a has an address already')
  t.is((await call('DEL', 'a')).status, 0)
  t.false(existsSync('/run/cni-before/blue/10.7.0.2'))
  t.true(existsSync('/run/cni-before/blue/10.7.0.3'))
  t.like((await call('ADD', 'd')).result, { ips: [{ address: '10.7.0.5/24' }] })
})
