/** The filter on bridges as an object family on the real kernel: faults, idempotence, many at once, and what is left. */
import test from 'ava'
import { BridgeFilter } from '../../../nat/bridge/bridge-filter.ts'
import { bridgeFilterFamily } from '../../../nat/bridge/family.ts'
import type { BridgeFilterObject } from '../../../objects/bridge-filter.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { failEveryCall } from '../../helpers/faults.ts'
import { requires } from '../../helpers/requires.ts'
import { rules } from './rules.ts'

const bridge = (name: string): BridgeFilterObject => ({ kind: 'guarded-bridge', bridge: name })
const guard = (n: number): BridgeFilterObject => ({
  kind: 'port-guard', port: `ts${n}`, onlyTo: '02:42:ac:12:00:01',
  sources: { mac: `02:42:ac:12:00:${String(n).padStart(2, '0')}`, addresses: [`172.18.0.${n}`, `fd00::${n}`, `fe80::${n}`] },
})
const objects = [bridge('br-a'), guard(2)]
const snapshot = async (host: FakeHost): Promise<readonly string[]> => rules({ host })

test.serial('whichever call fails, nothing is left, and the next try succeeds', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const before = await snapshot(host)
  const calls = await failEveryCall({
    operation: observe => bridgeFilterFamily(new BridgeFilter({ observe })).create(objects),
    verify: async () => { t.deepEqual(await snapshot(host), before) },
  })
  t.is(calls, 1)
  const filter = new BridgeFilter()
  t.deepEqual(filter.missing(objects), [])
  filter.remove(objects)
  t.deepEqual(await snapshot(host), before)
})

test.serial('making and removing are idempotent; the table stays for the last bridge', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const before = await snapshot(host)
  const filter = new BridgeFilter()
  filter.remove(objects)
  filter.create([bridge('br-b'), ...objects])
  const made = await snapshot(host)
  filter.create(objects)
  t.deepEqual(await snapshot(host), made)
  t.deepEqual(filter.missing([guard(2), guard(3), bridge('br-c')]), [guard(3), bridge('br-c')])
  filter.remove(objects)
  filter.remove(objects)
  t.deepEqual(filter.missing([bridge('br-b'), ...objects]), objects)
  filter.remove([bridge('br-b')])
  t.deepEqual(await snapshot(host), before)
})

test.serial('a frame of an earlier version, without targets, is made anew with those of the ports that are there', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const before = await snapshot(host)
  const filter = new BridgeFilter()
  filter.create([bridge('br-a'), guard(2), guard(3)])
  const made = await snapshot(host)
  await host.run('nft', 'flush chain bridge tsnet sources; delete set bridge tsnet targets')
  t.deepEqual(filter.missing([guard(2), guard(3)]), [guard(2), guard(3)])
  filter.create([guard(4)])
  t.deepEqual(filter.missing([guard(2), guard(3), guard(4)]), [])
  filter.remove([guard(4)])
  t.deepEqual(await snapshot(host), made, 'nobody\'s address is no target')
  filter.remove([guard(2), guard(3)])
  await host.run('nft', 'add element bridge tsnet targets { "ts2" . 0xfd000000000000000000000000000002 }')
  filter.remove([bridge('br-a')])
  t.deepEqual(await snapshot(host), before, 'targets that an earlier version did not know of, and left, keep no table')
})

test.serial('a guard whose frame is gone brings it along, and takes back what it can', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const before = await snapshot(host)
  const filter = new BridgeFilter()
  filter.create([guard(2)])
  t.deepEqual(filter.missing([guard(2)]), [])
  await host.run('nft', 'flush', 'set', 'bridge', 'tsnet', 'ipv6')
  t.deepEqual(filter.missing([guard(2)]), [guard(2)])
  filter.remove([guard(2)])
  await host.run('nft', 'flush', 'chain', 'bridge', 'tsnet', 'sources')
  t.deepEqual(filter.missing([guard(2)]), [guard(2)], 'without its rules a guard guards nothing')
  filter.create([bridge('br-a')])
  filter.remove([bridge('br-a')])
  t.deepEqual(await snapshot(host), before)
})

