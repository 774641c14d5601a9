/** The behaviour both backends have in common, with real packets: what gets through, under which address, and that nothing is left. */
import test from 'ava'
import type { Firewall } from '../../../nat/firewall.ts'
import type { FirewallObject } from '../../../objects/firewall.ts'
import { describeCoexistence } from './describe-coexistence.ts'
import { describePolicy } from './describe-policy.ts'
import { describeReplace } from './describe-replace.ts'
import { describeResolver } from './describe-resolver.ts'
import { assertRules, rules, withObjects } from './rules.ts'
import { A1, HOST, OUTSIDE, type World, ask, askInVain, createWorld, families, gatewayOf, isolation, network, publish, routeFromOutside, sysctl } from './world.ts'

const protocols = ['tcp', 'udp'] as const

export function describeFirewall(open: () => Firewall): void {
  const name = open().name
  let world: World

  test.before(async () => { world = await createWorld() })
  test.after.always(() => world[Symbol.asyncDispose]())

  const with_ = (objects: readonly FirewallObject[], body: (firewall: Firewall) => Promise<void>): Promise<void> => withObjects({ world, open }, objects, body)

  test.serial(`${name}: a container reaches the outside under the address of the host`, async t => {
    await world.host.outside.serveTcp(7000)
    await world.host.outside.serveUdp(7000)
    await with_(network('br-a'), async () => {
      for (const family of families) {
        for (const protocol of protocols) t.is(await ask(world.a1, protocol, OUTSIDE[family], 7000), HOST[family])
      }
    })
  })

  test.serial(`${name}: SNAT uses the address given`, async t => {
    await world.host.run('ip', 'addr', 'add', '192.0.2.77/32', 'dev', 'up0')
    const objects = [isolation('br-a', 4), { kind: 'masquerade', family: 4, bridge: 'br-a', subnet: '172.30.1.0/24', source: '192.0.2.77' }] as const
    await with_(objects, async () => {
      t.is(await ask(world.a1, 'tcp', OUTSIDE[4], 7000), '192.0.2.77')
    })
    await world.host.run('ip', 'addr', 'del', '192.0.2.77/32', 'dev', 'up0')
  })

  test.serial(`${name}: a published port is reached from outside, with the client's own address`, async t => {
    const ports = families.flatMap(family => protocols.map(protocol => publish(family, 8080, { protocol })))
    await with_([...network('br-a'), ...ports], async () => {
      for (const family of families) {
        for (const protocol of protocols) t.is(await ask(world.host.outside, protocol, HOST[family], 8080), OUTSIDE[family])
      }
    })
  })

  test.serial(`${name}: the host reaches a published port by each of its addresses and by loopback`, async t => {
    const ports = families.flatMap(family => protocols.map(protocol => publish(family, 8080, { protocol })))
    await with_([...network('br-a'), ...ports], async () => {
      for (const address of [HOST[4], gatewayOf['br-a'][4], gatewayOf['br-b'][4], '127.0.0.1', '127.1.2.3']) {
        for (const protocol of protocols) t.is(await ask(world.host, protocol, address, 8080), gatewayOf['br-a'][4], address)
      }
      for (const address of [HOST[6], gatewayOf['br-a'][6], '::1']) {
        for (const protocol of protocols) t.is(await ask(world.host, protocol, address, 8080), gatewayOf['br-a'][6], address)
      }
    })
  })

  test.serial(`${name}: members of the network, the container itself included, use the published port, and are seen as the gateway`, async t => {
    const ports = families.flatMap(family => protocols.map(protocol => publish(family, 8080, { protocol })))
    await with_([...network('br-a'), ...ports], async () => {
      for (const family of families) {
        for (const protocol of protocols) {
          t.is(await ask(world.a2, protocol, HOST[family], 8080), gatewayOf['br-a'][family])
          t.is(await ask(world.a1, protocol, HOST[family], 8080), gatewayOf['br-a'][family])
        }
      }
    })
  })

  test.serial(`${name}: another network reaches the published port through the host, and nothing directly`, async t => {
    await with_([...network('br-a'), ...network('br-b'), ...families.map(family => publish(family, 8080))], async () => {
      for (const family of families) {
        t.is(await ask(world.b1, 'tcp', HOST[family], 8080), gatewayOf['br-a'][family], 'it leaves its own network masqueraded')
        t.is(await askInVain(world.b1, 'tcp', A1[family], 80), 'none')
        t.is(await askInVain(world.b1, 'udp', A1[family], 80), 'none')
      }
      t.is(await ask(world.b1, 'tcp', '172.30.1.1', 8080), '172.30.1.1', 'the gateway of the other network is an address of the host')
    })
  })

  test.serial(`${name}: a neighbour with a route reaches neither published nor unpublished ports directly`, async t => {
    await routeFromOutside(world, async () => {
      await with_([...network('br-a'), ...families.map(family => publish(family, 8080))], async () => {
        for (const family of families) {
          for (const protocol of protocols) t.is(await askInVain(world.host.outside, protocol, A1[family], 80), 'none')
        }
      })
    })
  })

  test.serial(`${name}: members of one network talk to each other; without icc they do not, but for published ports`, async t => {
    await with_(network('br-a'), async () => {
      for (const protocol of protocols) t.is(await ask(world.a2, protocol, A1[4], 80), '172.30.1.3')
      t.is(await ask(world.a2, 'tcp', A1[6], 80), 'fd01::3')
    })
    sysctl('net/bridge/bridge-nf-call-ip6tables', '1')
    await with_([...network('br-a', { icc: false }), publish(4, 8080)], async () => {
      for (const protocol of protocols) t.is(await askInVain(world.a2, protocol, A1[4], 80), 'none')
      t.is(await askInVain(world.a2, 'tcp', A1[6], 80), 'none')
      t.is(await ask(world.a2, 'tcp', HOST[4], 8080), '172.30.1.1')
    })
    sysctl('net/bridge/bridge-nf-call-ip6tables', '0')
  })

  test.serial(`${name}: an internal network reaches nothing outside, and is reached by the host through a published port`, async t => {
    await with_([...network('br-a', { internal: true }), publish(4, 8080)], async () => {
      t.is(await askInVain(world.a1, 'tcp', OUTSIDE[4], 7000), 'none')
      t.is(await askInVain(world.b1, 'tcp', HOST[4], 8080), 'none')
      t.is(await ask(world.a2, 'tcp', A1[4], 80), '172.30.1.3')
      t.is(await ask(world.host, 'tcp', '127.0.0.1', 8080), '172.30.1.1')
    })
  })

  test.serial(`${name}: nat-unprotected lets a neighbour with a route in`, async t => {
    await routeFromOutside(world, async () => {
      await with_(network('br-a', { mode: 'nat-unprotected' }), async () => {
        for (const family of families) t.is(await ask(world.host.outside, 'tcp', A1[family], 80), OUTSIDE[family])
      })
    })
  })

  test.serial(`${name}: routed lets ping and published ports in by the container's address, and nothing else`, async t => {
    const range = { first: 31_000, last: 31_010 }
    const objects = families.flatMap(family => [
      isolation('br-a', family, { mode: 'routed' }), publish(family, 80, { routed: true }),
      publish(family, 0, { routed: true, protocol: 'udp', host: range, container: range }),
    ])
    await routeFromOutside(world, async () => {
      await with_(objects, async firewall => {
        for (const family of families) {
          t.is(await ask(world.host.outside, 'tcp', A1[family], 80), OUTSIDE[family])
          t.is(await ask(world.host.outside, 'udp', A1[family], 31_005), OUTSIDE[family])
          t.is(await askInVain(world.host.outside, 'udp', A1[family], 80), 'none')
          t.is(await askInVain(world.host.outside, 'tcp', A1[family], 31_005), 'none')
          t.true(await world.host.outside.reaches(A1[family]))
        }
        t.is(await ask(world.host.outside, 'tcp', HOST[4], 80), 'ECONNREFUSED', 'there is no redirection')
        t.deepEqual(await firewall.missing(objects), [])
      })
    })
  })

  test.serial(`${name}: a network that leaves unmasqueraded gets its answers`, async t => {
    await routeFromOutside(world, async () => {
      await with_([isolation('br-a', 4, { unmasqueraded: true })], async () => {
        t.is(await ask(world.a1, 'tcp', OUTSIDE[4], 7000), A1[4])
        t.is(await askInVain(world.host.outside, 'tcp', A1[4], 80), 'none')
      })
    })
  })

  test.serial(`${name}: a port on 127.0.0.1 is for the host alone, even for those who address 127.0.0.1 to it`, async t => {
    await with_([...network('br-a'), publish(4, 8081, { hostIp: '127.0.0.1' })], async firewall => {
      t.is(await ask(world.host, 'tcp', '127.0.0.1', 8081), '172.30.1.1')
      t.is(await ask(world.host.outside, 'tcp', HOST[4], 8081), 'ECONNREFUSED')
      // Without the rule this would get in: the bridge has route_localnet, and the container sends 127.0.0.1 to it.
      await world.a2.run('ip', 'addr', 'del', '127.0.0.1/8', 'dev', 'lo')
      await world.a2.run('ip', 'route', 'add', '127.0.0.1', 'via', '172.30.1.1')
      await world.a2.run('sysctl', '-qw', 'net.ipv4.conf.all.route_localnet=1')
      t.is(await askInVain(world.a2, 'tcp', '127.0.0.1', 8081), 'none')
      t.regex((await firewall.summary()).lines.join('\n'), /(127\.0\.0\.0\/8|loopback of the host).*# [1-9]\d* packets/, 'it was this rule that dropped it')
      await world.a2.run('ip', 'route', 'del', '127.0.0.1', 'via', '172.30.1.1')
      await world.a2.run('ip', 'addr', 'add', '127.0.0.1/8', 'dev', 'lo')
    })
  })

  test.serial(`${name}: in no mode do containers reach the loopback of the host`, async t => {
    const server = await world.host.serveTcp(9999, { address: '127.0.0.1' })
    await world.a2.run('ip', 'addr', 'del', '127.0.0.1/8', 'dev', 'lo')
    await world.a2.run('ip', 'route', 'add', '127.0.0.1', 'via', '172.30.1.1')
    await world.a2.run('sysctl', '-qw', 'net.ipv4.conf.all.route_localnet=1')
    t.is(await ask(world.a2, 'tcp', '127.0.0.1', 9999), '172.30.1.3', 'without any rule they do, as the bridge has route_localnet')
    for (const options of [{ mode: 'nat' }, { mode: 'nat-unprotected' }, { mode: 'routed' }, { unmasqueraded: true }, { internal: true }] as const) {
      await with_([isolation('br-a', 4, options)], async firewall => {
        await firewall.create([publish(4, 8080)])
        await firewall.remove([publish(4, 8080)])
        t.is(await askInVain(world.a2, 'tcp', '127.0.0.1', 9999), 'none', JSON.stringify(options))
      })
    }
    await world.a2.run('ip', 'route', 'del', '127.0.0.1', 'via', '172.30.1.1')
    await world.a2.run('ip', 'addr', 'add', '127.0.0.1/8', 'dev', 'lo')
    await server.close()
  })

  test.serial(`${name}: a port on one address is not open on the others`, async t => {
    await with_([...network('br-a'), ...families.map(family => publish(family, 8082, { hostIp: HOST[family] }))], async () => {
      for (const family of families) {
        t.is(await ask(world.host.outside, 'tcp', HOST[family], 8082), OUTSIDE[family])
        t.is(await ask(world.host, 'tcp', gatewayOf['br-b'][family], 8082), 'ECONNREFUSED')
      }
    })
  })

  test.serial(`${name}: ranges keep or shift their ports, over the borders of any bucket`, async t => {
    const objects = families.flatMap(family => [
      publish(family, 0, { host: { first: 31_000, last: 31_200 }, container: { first: 31_000, last: 31_200 } }),
      publish(family, 0, { host: { first: 65, last: 90 }, container: { first: 55, last: 80 }, protocol: 'udp' }),
      publish(family, 0, { host: { first: 32_000, last: 42_000 }, container: { first: 31_000, last: 41_000 }, hostIp: HOST[family] }),
      publish(family, 0, { host: { first: 60_000, last: 65_535 }, container: { first: 60_000, last: 65_535 } }),
    ])
    await with_([...network('br-a'), ...objects], async firewall => {
      for (const family of families) {
        t.is(await ask(world.host.outside, 'tcp', HOST[family], 31_005), OUTSIDE[family])
        t.is(await ask(world.host.outside, 'udp', HOST[family], 90), OUTSIDE[family])
        t.is(await ask(world.host.outside, 'tcp', HOST[family], 32_005), OUTSIDE[family])
        t.is(await ask(world.host.outside, 'tcp', HOST[family], 30_999), 'ECONNREFUSED')
      }
      t.deepEqual(await firewall.missing(objects), [])
    })
  })

  test.serial(`${name}: making and removing are idempotent, and what a foreign hand removed is missing and mended`, async t => {
    const objects = [...network('br-a'), publish(4, 8080), { kind: 'forward-guard', family: 4 } as const]
    await with_(objects, async firewall => {
      const lines = await rules(world)
      await firewall.create(objects)
      await assertRules(world, lines)
      t.deepEqual(await firewall.missing(objects), [])
      await world.host.run(...flushOf(name))
      t.true((await firewall.missing(objects)).length > 0)
      await firewall.create(objects)
      t.deepEqual(await firewall.missing(objects), [])
      await assertRules(world, lines)
      t.is(await ask(world.host.outside, 'tcp', HOST[4], 8080), OUTSIDE[4])
    })
    const before = await rules(world)
    await open().remove(objects)
    await assertRules(world, before)
  })

  test.serial(`${name}: a part of a group that is there already, or gone already, does not matter`, async t => {
    const [first, second] = [publish(4, 8080), publish(4, 8081)]
    await with_([...network('br-a'), first, second], async firewall => {
      await firewall.remove([first])
      await firewall.remove([first, second])
      t.deepEqual(await firewall.missing([first, second]), [first, second])
      await firewall.create([second])
      await firewall.create([first, second])
      t.deepEqual(await firewall.missing([first, second]), [])
    })
  })

  test.serial(`${name}: a redirection that something left behind gives way to the one that is wanted`, async t => {
    const stale = publish(4, 8080, { containerIp: '172.30.1.99' })
    const wanted = publish(4, 8080)
    await with_([...network('br-a'), wanted], async firewall => {
      await firewall.remove([wanted])
      await firewall.create([stale])
      await firewall.create([wanted])
      t.is(await ask(world.host.outside, 'tcp', HOST[4], 8080), OUTSIDE[4])
      t.deepEqual(await firewall.missing([wanted, stale]), [stale])
    })
  })

  test.serial(`${name}: the forward guard stops forwarding between foreign interfaces only, and goes with the last network`, async t => {
    const guard = families.map(family => ({ kind: 'forward-guard', family }) as const)
    await world.host.outside.run('ip', 'route', 'add', '172.30.2.0/24', 'via', HOST[4])
    t.is(await ask(world.host.outside, 'tcp', '172.30.2.2', 80), OUTSIDE[4], 'br-b is no network of tsnet here')
    await with_([...guard, ...network('br-a'), publish(4, 8080)], async firewall => {
      t.is(await askInVain(world.host.outside, 'tcp', '172.30.2.2', 80), 'none')
      t.is(await ask(world.host.outside, 'tcp', HOST[4], 8080), OUTSIDE[4])
      t.is(await ask(world.a1, 'tcp', OUTSIDE[4], 7000), HOST[4])
      t.deepEqual((await firewall.summary()).forwardGuard, [4, 6])
      await firewall.remove(guard)
      t.deepEqual((await firewall.summary()).forwardGuard, [4, 6], 'another network may need it')
      await firewall.setForwardGuard(false)
      t.deepEqual((await firewall.summary()).forwardGuard, [])
      t.is(await ask(world.host.outside, 'tcp', '172.30.2.2', 80), OUTSIDE[4])
      await firewall.setForwardGuard(true)
      t.is(await askInVain(world.host.outside, 'tcp', '172.30.2.2', 80), 'none')
    })
    await world.host.outside.run('ip', 'route', 'del', '172.30.2.0/24')
  })

  describeCoexistence(open, () => world)
  describeResolver(open, () => world)
  describePolicy(open, () => world)
  describeReplace(open, () => world)

  test.serial(`${name}: a refused group leaves nothing`, async t => {
    const before = await rules(world)
    const bad = { ...publish(6, 8080), containerIp: '172.30.1.2' }
    await t.throwsAsync(open().create([...network('br-a'), bad]), { code: 'invalid-address' })
    await t.throwsAsync(open().create([isolation('br-a', 4, { bridge: 'br+' })]), { code: 'invalid-argument' })
    await assertRules(world, before)
  })

  test.serial(`${name}: the rules of an object tell what they have counted, as the tool says it`, async t => {
    const objects = network('br-a')
    await with_([...objects, publish(4, 8080)], async firewall => {
      const counted = async (): Promise<ReadonlyMap<string, number>> => new Map((await firewall.counters(objects)).flatMap(({ object, rules: list }) =>
        list.map(({ rule, packets }) => [`IPv${object.family} ${rule}`, packets])))
      const before = await counted()
      t.true(before.size > 4)
      await world.a1.run('ping', '-c', '3', OUTSIDE[4])
      const after = await counted()
      const grown = [...after].filter(([rule, packets]) => packets > (before.get(rule) ?? 0)).map(([rule]) => rule)
      t.true(grown.every(rule => rule.startsWith('IPv4 ')), grown.join('\n'))
      const [masqueraded = '', ...others] = grown.filter(rule => /masquerade/i.test(rule))
      t.deepEqual(others, [])
      t.is((after.get(masqueraded) ?? 0) - (before.get(masqueraded) ?? 0), 1)
    })
    t.deepEqual((await open().counters(objects)).flatMap(({ rules: list }) => list), [])
  })

  test.serial(`${name}: a published port counts the connections through it, a range those of all its ports`, async t => {
    const range = { host: { first: 31_000, last: 31_010 }, container: { first: 31_000, last: 31_010 } }
    const ports = [
      publish(4, 8080), publish(4, 8081), publish(4, 8082, { hostIp: HOST[4] }), publish(4, 0, { ...range, protocol: 'udp' }),
      publish(4, 0, { host: { first: 90, last: 99 }, container: { first: 80, last: 89 } }), publish(6, 8080),
    ]
    const clients = [['tcp', 4, 8080], ['tcp', 4, 8080], ['tcp', 4, 8082], ['udp', 4, 31_005], ['tcp', 4, 90], ['tcp', 6, 8080]] as const
    await with_([...network('br-a'), ...ports], async firewall => {
      for (const [protocol, family, number] of clients) t.is(await ask(world.host.outside, protocol, HOST[family], number), OUTSIDE[family])
      const counted = await firewall.counters(ports)
      t.deepEqual(counted.map(({ rules: list }) => list.map(({ packets }) => packets)), [[2], [0], [1], [1], [1], [1]])
      const [bytes = 0] = counted[0]?.rules.map(rule => rule.bytes) ?? []
      t.true(bytes >= 2 * 40 && bytes <= 2 * 80, `two SYN packets: ${bytes}`)
      await firewall.create(ports)
      t.is((await firewall.counters(ports))[0]?.rules[0]?.packets, 2, 'made again, what is there goes on counting')
    })
  })

  test.serial(`${name}: a thousand single ports are one transaction each way`, async t => {
    const calls: string[] = []
    const firewall = open()
    await firewall.create(network('br-a'))
    const many = Array.from({ length: 1000 }, (_, i) => publish(4, 20_000 + 7 * i))
    const before = await rules(world)
    await firewall.create(many)
    calls.push(await ask(world.host.outside, 'tcp', HOST[4], 20_000), await ask(world.host.outside, 'tcp', HOST[4], 20_000 + 7 * 999))
    t.deepEqual(calls, [OUTSIDE[4], OUTSIDE[4]])
    t.deepEqual(await firewall.missing(many), [])
    await firewall.remove(many)
    await assertRules(world, before)
    await firewall.remove(network('br-a'))
  })
}

function flushOf(name: string): readonly string[] {
  return name === 'iptables' ? ['sh', '-c', 'iptables -t nat -F TSNET; iptables -F TSNET-NET-br-a'] : ['nft', 'flush', 'ruleset']
}
