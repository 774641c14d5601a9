/** Every link kind against the real kernel: made by us, read back with `ip`, gone without a trace, all or nothing. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import test from 'ava'
import { isTsnetError } from '../../../errors/error.ts'
import { isErrno } from '../../../kernel/error.ts'
import { openKernel } from '../../../kernel/kernel.ts'
import { linkFamily } from '../../../kernel/objects/family.ts'
import type { KernelObject } from '../../../objects/object.ts'
import { failEveryCall } from '../../helpers/faults.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { assertNoResidue, takeSnapshot } from '../../helpers/snapshot.ts'

const netns = '/run/tsnet/netns/sandbox1'
const bridge = 'tsbr-test'

const network: readonly KernelObject[] = [
  { kind: 'bridge', name: bridge, alias: 'tsnet:network1', mtu: 1400, mac: '02:42:ac:1e:00:01' },
  { kind: 'address', on: bridge, cidr: '172.30.0.1/24' },
  { kind: 'address', on: bridge, cidr: 'fd00:30::1/64' },
  { kind: 'link-up', name: bridge },
  { kind: 'sysctl', key: `net/ipv4/conf/${bridge}/route_localnet`, value: '1' },
  { kind: 'sysctl', key: `net/ipv4/conf/${bridge}/no_such_setting`, value: '1', optional: true },
  { kind: 'route', family: 6, to: '::1/128', dev: bridge, type: 'local', table: 'local', metricAboveIfindex: 4096 },
]

const endpoint: readonly KernelObject[] = [
  { kind: 'netns', path: netns },
  { kind: 'link-up', name: 'lo', netns },
  {
    kind: 'veth', host: 'ts0000000001', peer: 'eth0', netns, mac: '02:42:ac:1e:00:02', master: bridge, mtu: 1400, hairpin: true, isolated: true,
    alias: 'tsnet:endpoint1',
  },
  { kind: 'sysctl', key: 'net/ipv4/ip_unprivileged_port_start', value: '0', netns },
  { kind: 'address', on: 'eth0', cidr: '172.30.0.2/24', netns },
  { kind: 'address', on: 'eth0', cidr: 'fd00:30::2/64', netns },
  { kind: 'route', family: 4, to: 'default', via: '172.30.0.1', dev: 'eth0', netns },
  { kind: 'route', family: 6, to: 'default', via: 'fd00:30::1', dev: 'eth0', netns },
  { kind: 'route', family: 4, to: '10.9.0.0/16', dev: 'eth0', netns },
]

const host = new Namespace('host')
const container = new Namespace('container', netns)

test.serial('a network and an endpoint are as `ip` and `bridge` see them', async t => {
  if (!requires.root(t)) return
  const kernel = openKernel()
  const family = linkFamily(kernel)
  await family.create(network)
  await family.create(endpoint)

  const [ours] = await host.json('ip', '-j', '-d', 'link', 'show', bridge)
  t.like(ours, { ifname: bridge, mtu: 1400, address: '02:42:ac:1e:00:01', ifalias: 'tsnet:network1', linkinfo: { info_kind: 'bridge' } })
  const [end] = await host.json('ip', '-j', '-d', 'link', 'show', 'ts0000000001')
  t.like(end, {
    master: bridge, mtu: 1400, ifalias: 'tsnet:endpoint1', num_tx_queues: 1, num_rx_queues: 1, linkinfo: { info_kind: 'veth', info_slave_data: { hairpin: true, isolated: true } },
  })
  t.true(JSON.stringify(end?.['flags']).includes('"UP"'))
  const [peer] = await container.json('ip', '-j', '-d', 'link', 'show', 'eth0')
  t.like(peer, { mtu: 1400, num_tx_queues: 1, num_rx_queues: 1, address: '02:42:ac:1e:00:02', operstate: 'UP' })
  t.is(readFileSync(`/proc/sys/net/ipv4/conf/${bridge}/route_localnet`, 'utf8'), '1\n')
  t.is(await container.run('cat', '/proc/sys/net/ipv4/ip_unprivileged_port_start'), '0\n')
  t.is(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'), '1024\n')

  const [device] = await container.json('ip', '-j', 'addr', 'show', 'eth0')
  const infos = device?.['addr_info'] as readonly Record<string, unknown>[]
  t.like(infos.find(info => info['local'] === '172.30.0.2'), { prefixlen: 24, scope: 'global' })
  t.like(infos.find(info => info['local'] === 'fd00:30::2'), { prefixlen: 64, nodad: true })
  const routes = await container.json('ip', '-j', 'route')
  t.like(routes.find(route => route['dst'] === 'default'), { gateway: '172.30.0.1', dev: 'eth0' })
  t.like(routes.find(route => route['dst'] === '10.9.0.0/16'), { dev: 'eth0', scope: 'link' })
  const routes6 = await container.json('ip', '-j', '-6', 'route')
  t.like(routes6.find(route => route['dst'] === 'default'), { gateway: 'fd00:30::1', dev: 'eth0' })
  const local = await host.json('ip', '-j', '-6', 'route', 'show', 'table', 'local')
  const index = Number(ours?.['ifindex'])
  t.true(local.some(route => route['dst'] === '::1' && route['dev'] === bridge && route['metric'] === 4096 + index))
  t.true(await host.reaches('172.30.0.2'))
  t.true(await host.reaches('fd00:30::2'))

  await family.remove(endpoint)
  await family.remove(network)
  kernel.close()
})

test.serial('creating twice is creating once, and removing leaves nothing, at any time', async t => {
  if (!requires.root(t)) return
  const kernel = openKernel()
  const family = linkFamily(kernel)
  kernel.rtnetlink()
  kernel.sysctls.pathOf('net')
  const before = await takeSnapshot()
  for (let round = 0; round < 2; round++) {
    await family.create(network)
    await family.create(network)
    await family.create(endpoint)
    t.deepEqual(await family.missing([...network, ...endpoint]), [])
    await family.create(endpoint)
    await family.remove(endpoint)
    await family.remove(network)
    t.deepEqual(await family.missing([...network, ...endpoint]), [...network.filter(({ kind }) => kind !== 'sysctl'),
      { kind: 'sysctl', key: `net/ipv4/conf/${bridge}/route_localnet`, value: '1' } as const, ...endpoint].toSorted(byPlace))
    await family.remove([...network, ...endpoint])
  }
  assertNoResidue(before, await takeSnapshot(), { except: [/^[-+] cgroups:/] })
  t.deepEqual(readdirSync('/run/tsnet/netns'), [])
  kernel.close()
})

/** In the order of the lists above. */
function byPlace(a: KernelObject, b: KernelObject): number {
  const place = (object: KernelObject): number => [...network, ...endpoint].findIndex(each => JSON.stringify(each) === JSON.stringify(object))
  return place(a) - place(b)
}

test.serial('what drifted is missing, and creating puts it right', async t => {
  if (!requires.root(t)) return
  const kernel = openKernel()
  const family = linkFamily(kernel)
  const all = [...network, ...endpoint]
  await family.create(all)
  await host.run('ip', 'link', 'set', 'ts0000000001', 'nomaster')
  await host.run('ip', 'addr', 'del', '172.30.0.1/24', 'dev', bridge)
  await container.run('ip', 'route', 'del', 'default')
  const missing = await family.missing(all)
  t.deepEqual(missing.map(({ kind }) => kind), ['address', 'veth', 'route'])
  await family.create(missing)
  t.deepEqual(await family.missing(all), [])
  t.true(await host.reaches('172.30.0.2'))
  await family.remove(all)
  kernel.close()
})

test.serial('a foreign link of the same name is link-exists, and is not touched', async t => {
  if (!requires.root(t)) return
  const kernel = openKernel()
  const family = linkFamily(kernel)
  await host.run('ip', 'link', 'add', bridge, 'type', 'bridge')
  await host.run('ip', 'link', 'set', bridge, 'alias', 'mine')
  const error = await t.throwsAsync(family.create(network))
  t.true(isTsnetError(error, 'link-exists'))
  await family.remove(network)
  t.like((await host.json('ip', '-j', 'link', 'show', bridge))[0], { ifalias: 'mine' })
  await host.run('ip', 'link', 'del', bridge)
  kernel.close()
})

test.serial('the kernel\'s own words are in the error', async t => {
  if (!requires.root(t)) return
  const kernel = openKernel()
  const family = linkFamily(kernel)
  await family.create([{ kind: 'netns', path: netns }, { kind: 'link-up', name: 'lo', netns }])
  const route = await t.throwsAsync(family.create([{ kind: 'route', family: 4, to: 'default', via: '192.0.2.1', dev: 'lo', netns }]))
  t.is(route?.message, 'RTM_NEWROUTE default: Nexthop has invalid gateway (ENETUNREACH)')
  const absent = await t.throwsAsync(family.create([{ kind: 'address', on: 'eth9', cidr: '192.0.2.1/24', netns }]))
  t.true(isErrno(absent, 'ENODEV'))
  const sysctl = await t.throwsAsync(family.create([{ kind: 'sysctl', key: 'net/ipv4/ip_forward', value: 'maybe', netns }]))
  t.is(sysctl?.message, 'sysctl net/ipv4/ip_forward=maybe: Invalid argument (EINVAL)')
  const nowhere = await t.throwsAsync(family.create([{ kind: 'link-up', name: 'lo', netns: '/run/tsnet/netns/none' }]))
  t.true(isErrno(nowhere, 'ENOENT'))
  await family.remove([{ kind: 'netns', path: netns }])
  kernel.close()
})

test.serial('a bridge takes 1023 links, and the next is bridge-full', async t => {
  if (!requires.root(t)) return
  const kernel = openKernel()
  const family = linkFamily(kernel)
  await family.create([{ kind: 'bridge', name: bridge, alias: 'tsnet:full' }, { kind: 'netns', path: netns }])
  const batch = Array.from({ length: 1023 }, (_, index) => `link add p${index} master ${bridge} type veth peer name q${index} netns ${netns}`)
  execFileSync('ip', ['-batch', '-'], { input: batch.join('\n') })
  const error = await t.throwsAsync(family.create([
    { kind: 'veth', host: 'ts9', peer: 'eth0', netns, mac: '02:42:00:00:00:01', master: bridge, hairpin: false, alias: 'tsnet:x' },
  ]))
  t.true(isTsnetError(error, 'bridge-full'))
  await family.remove([{ kind: 'bridge', name: bridge, alias: 'tsnet:full' }, { kind: 'netns', path: netns }])
  kernel.close()
})

test.serial('whichever kernel call fails, nothing stays, and the next try succeeds', async t => {
  if (!requires.root(t)) return
  const all = [...network, ...endpoint]
  mkdirSync('/run/tsnet/netns', { recursive: true })
  const before = await takeSnapshot()
  const calls = await failEveryCall({
    async operation(observer) {
      const kernel = openKernel({ observer })
      try {
        await linkFamily(kernel).create(all)
      } finally {
        kernel.close()
      }
    },
    async verify() {
      assertNoResidue(before, await takeSnapshot(), { except: [/^[-+] cgroups:/] })
      t.deepEqual(readdirSync('/run/tsnet/netns'), [])
    },
    async undo() {
      const kernel = openKernel()
      await linkFamily(kernel).remove(all)
      kernel.close()
    },
  })
  t.true(calls >= 14)
})

test.serial('a failing removal goes on with the rest and tells of each', async t => {
  if (!requires.root(t)) return
  const kernel = openKernel({ observer: call => { if (call.includes('RTM_DELLINK')) throw new Error('refused') } })
  await linkFamily(kernel).create([...network, ...endpoint])
  const error = await t.throwsAsync(linkFamily(kernel).remove([...network, ...endpoint]), { instanceOf: AggregateError })
  t.is(error?.errors.length, 2)
  t.deepEqual(readdirSync('/run/tsnet/netns'), [])
  kernel.close()
  const plain = openKernel()
  await linkFamily(plain).remove([...network, ...endpoint])
  plain.close()
})

test.serial('the commands that describe the objects make the same objects', async t => {
  if (!requires.root(t)) return
  const kernel = openKernel()
  const family = linkFamily(kernel)
  const all = [...network, ...endpoint].filter(object => !('optional' in object))
  execFileSync('sh', ['-ec', all.flatMap(object => family.describe(object)).join('\n')], { stdio: ['ignore', 'ignore', 'inherit'] })
  t.deepEqual(await family.missing(all), [])
  await family.remove(all)
  kernel.close()
})

test.serial('a file that a crash left where the namespace belongs is taken, and removed', async t => {
  if (!requires.root(t)) return
  const kernel = openKernel()
  const family = linkFamily(kernel)
  mkdirSync('/run/tsnet/netns', { recursive: true })
  writeFileSync(netns, '')
  t.deepEqual(await family.missing([{ kind: 'netns', path: netns }]), [{ kind: 'netns', path: netns }])
  await family.remove(endpoint)
  t.deepEqual(readdirSync('/run/tsnet/netns'), [])
  writeFileSync(netns, '')
  await family.create([{ kind: 'netns', path: netns }])
  t.deepEqual(await family.missing([{ kind: 'netns', path: netns }]), [])
  await family.remove([{ kind: 'netns', path: netns }])
  kernel.close()
})
