/** What is read for people and compared with intent: counters of links, the way out, sysctls of several numbers. */
import test from 'ava'
import { openKernel } from '../../../kernel/kernel.ts'
import { linkFamily } from '../../../kernel/objects/family.ts'
import { readLinks } from '../../../kernel/uplinks.ts'
import type { KernelObject } from '../../../objects/object.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'

interface IpLink { readonly ifname: string, readonly mtu: number, readonly stats64: Readonly<Record<'rx' | 'tx', { readonly packets: number, readonly bytes: number }>> }

test.serial('links have the counters that ip shows, and the uplink is the link of the default routes', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const kernel = openKernel()
  t.teardown(() => kernel.close())
  await host.outside.run('ping', '-c', '5', '192.0.2.1')
  const { links, uplinks } = readLinks(kernel)
  const expected = await host.json<readonly IpLink[]>('ip', '-j', '-s', 'link')
  t.deepEqual(links.map(({ name, mtu, statistics }) => [name, mtu, statistics?.rxPackets, statistics?.rxBytes, statistics?.txPackets, statistics?.txBytes]),
    expected.map(({ ifname, mtu, stats64: { rx, tx } }) => [ifname, mtu, rx.packets, rx.bytes, tx.packets, tx.bytes]))
  t.true((links.find(({ name }) => name === 'up0')?.statistics?.rxPackets ?? 0) >= 5)
  t.is(uplinks.length, 1)
  t.like(uplinks[0], { name: 'up0', up: true, addresses: ['192.0.2.1/24', '2001:db8::1/64'], gateways: ['192.0.2.2', '2001:db8::2'] })
  await host.run('ip', 'route', 'del', 'default')
  await host.run('ip', '-6', 'route', 'del', 'default')
  t.deepEqual(readLinks(kernel).uplinks, [])
})

test.serial('a sysctl of two numbers, which the kernel parts by a tab, is not missing', async t => {
  if (!requires.root(t)) return
  const calls: string[] = []
  const kernel = openKernel({ observer: call => calls.push(call) })
  const family = linkFamily(kernel)
  t.teardown(() => kernel.close())
  const range: KernelObject = { kind: 'sysctl', key: 'net/ipv4/ping_group_range', value: '0 2147483647' }
  const old: KernelObject = { ...range, value: '1 0' }
  await family.create([range])
  t.deepEqual(await family.missing([range, old]), [old])
  calls.length = 0
  await family.create([range])
  t.deepEqual(calls, [])
  await family.create([old])
})
