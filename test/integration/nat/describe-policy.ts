/** Who reaches published ports, by which way, and in segments of what size, for both backends. Part of describe-firewall.ts. */
import test from 'ava'
import type { Firewall } from '../../../nat/firewall.ts'
import type { FirewallObject } from '../../../objects/firewall.ts'
import { segmentSize } from '../../helpers/wire.ts'
import { withObjects } from './rules.ts'
import { A1, HOST, OUTSIDE, type World, ask, askInVain, families, gatewayOf, isolation, network, publish, routeFromOutside } from './world.ts'

export function describePolicy(open: () => Firewall, worldOf: () => World): void {
  const name = open().name
  const with_ = (objects: readonly FirewallObject[], body: (firewall: Firewall) => Promise<void>): Promise<void> =>
    withObjects({ world: worldOf(), open }, objects, body)

  test.serial(`${name}: by a trusted interface published ports are reached at the container's own address, and by no other`, async t => {
    const world = worldOf()
    const trusting = (family: 4 | 6, link: string): readonly FirewallObject[] =>
      [isolation('br-a', family, { trusted: [link] }), publish(family, 8080, { direct: true })]
    await routeFromOutside(world, async () => {
      await with_(families.flatMap(family => trusting(family, 'up0')), async firewall => {
        for (const family of families) {
          t.is(await ask(world.host.outside, 'tcp', A1[family], 80), OUTSIDE[family])
          t.is(await askInVain(world.host.outside, 'tcp', A1[family], 31_005), 'none', 'an unpublished port')
          t.is(await ask(world.host.outside, 'tcp', HOST[family], 8080), OUTSIDE[family])
          t.is(await askInVain(world.b1, 'tcp', A1[family], 80), 'none', 'another network')
        }
        t.deepEqual(await firewall.missing(families.flatMap(family => trusting(family, 'up0'))), [])
      })
      await with_(families.flatMap(family => trusting(family, 'wg0')), async () => {
        for (const family of families) t.is(await askInVain(world.host.outside, 'tcp', A1[family], 80), 'none')
      })
    })
  })

  test.serial(`${name}: the publish policy says who reaches published ports; members and the host always do`, async t => {
    const world = worldOf()
    const policies = [
      { publishedTo: undefined, outside: true }, { publishedTo: [], outside: false },
      { publishedTo: ['192.0.2.0/24', '2001:db8::/64'], outside: true }, { publishedTo: ['203.0.113.0/24', '2001:db8:1::/64'], outside: false },
      { publishedTo: ['0.0.0.0/0', '::/0'], outside: true },
    ]
    for (const icc of [true, false]) {
      for (const { publishedTo, outside } of policies) {
        const objects = families.flatMap(family => {
          const ofFamily = publishedTo?.filter(subnet => subnet.includes(':') === (family === 6))
          return [isolation('br-a', family, { icc, ...ofFamily === undefined ? {} : { publishedTo: ofFamily } }), publish(family, 8080)]
        })
        await with_(objects, async firewall => {
          const title = `${JSON.stringify(publishedTo)} icc ${icc}`
          for (const family of families) {
            t.is(await (outside ? ask : askInVain)(world.host.outside, 'tcp', HOST[family], 8080), outside ? OUTSIDE[family] : 'none', title)
            t.is(await ask(world.host, 'tcp', HOST[family], 8080), gatewayOf['br-a'][family], title)
            t.is(await ask(world.a2, 'tcp', HOST[family], 8080), gatewayOf['br-a'][family], title)
          }
          t.deepEqual(await firewall.missing(objects), [])
        })
      }
    }
  })

  test.serial(`${name}: the publish policy holds for routed ports and trusted interfaces`, async t => {
    const world = worldOf()
    await routeFromOutside(world, async () => {
      for (const [subnet, isAllowed] of [['192.0.2.0/24', true], ['203.0.113.0/24', false]] as const) {
        for (const [options, ports] of [[{ mode: 'routed' }, { routed: true }], [{ trusted: ['up0'] }, { direct: true }]] as const) {
          await with_([isolation('br-a', 4, { ...options, publishedTo: [subnet] }), publish(4, 80, ports)], async () => {
            t.is(await (isAllowed ? ask : askInVain)(world.host.outside, 'tcp', A1[4], 80), isAllowed ? OUTSIDE[4] : 'none', JSON.stringify(options))
          })
        }
      }
    })
  })

  test.serial(`${name}: TCP is told of a way that is narrower than the network, in both directions`, async t => {
    const world = worldOf()
    await world.host.run('ip', 'link', 'set', 'up0', 'mtu', '1400')
    await with_([...network('br-a'), ...families.map(family => publish(family, 8080))], async () => {
      for (const family of families) {
        const segment = 1400 - (family === 4 ? 40 : 60)
        t.is(await segmentSize(world.host.outside, 7000, () => ask(world.a1, 'tcp', OUTSIDE[family], 7000)), segment, 'out')
        t.is(await segmentSize(world.a1, 80, () => ask(world.host.outside, 'tcp', HOST[family], 8080)), segment, 'in')
      }
      t.is(await segmentSize(world.a1, 80, () => ask(world.a2, 'tcp', A1[4], 80)), 1460, 'between members it stays')
    })
    await world.host.run('ip', 'link', 'set', 'up0', 'mtu', '1500')
  })
}
