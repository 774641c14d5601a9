/** The resolver of a network, for both backends: who reaches it, past which rules of others, and who does not. Part of describe-firewall.ts. */
import test from 'ava'
import type { Firewall } from '../../../nat/firewall.ts'
import type { ResolverObject } from '../../../objects/firewall.ts'
import { withObjects } from './rules.ts'
import { type World, ask, askInVain, families, gatewayOf, network, publish } from './world.ts'

const PORT = 10_053
const members = { 4: '172.30.1.2', 6: 'fd01::2' } as const

const resolver = (family: 4 | 6): ResolverObject =>
  ({ kind: 'resolver', family, bridge: 'br-a', address: gatewayOf['br-a'][family], port: PORT })

export function describeResolver(open: () => Firewall, worldOf: () => World): void {
  const name = open().name
  const objects = [...network('br-a'), ...families.map(resolver)]

  test.serial(`${name}: members reach the resolver on port 53 of their gateway, whatever is published there; others do not`, async t => {
    const world = worldOf()
    await using _servers = await serve(world)
    await withObjects({ world, open }, [...objects, ...families.map(family => publish(family, 53, { protocol: 'udp' }))], async firewall => {
      for (const family of families) {
        for (const protocol of ['udp', 'tcp'] as const) {
          t.is(await ask(world.a1, protocol, gatewayOf['br-a'][family], 53), members[family], `${protocol} ${family}`)
        }
        t.not(await ask(world.b1, 'tcp', gatewayOf['br-a'][family], 53), gatewayOf['br-b'][family])
      }
      t.deepEqual(await firewall.missing(objects), [])
    })
  })

  test.serial(`${name}: the resolver is let in where the host drops what comes in, and nothing else is`, async t => {
    const world = worldOf()
    await using _servers = await serve(world)
    await world.host.run('iptables', '-P', 'INPUT', 'DROP')
    await world.host.run('nft', 'table inet strict { chain input { type filter hook input priority 10; policy drop; iifname lo accept; icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; }; }')
    await using other = await world.host.serveTcp(7053, { address: gatewayOf['br-a'][4] })
    await withObjects({ world, open }, objects, async firewall => {
      for (const family of families) {
        for (const protocol of ['udp', 'tcp'] as const) t.is(await ask(world.a1, protocol, gatewayOf['br-a'][family], 53), members[family], `${protocol} ${family}`)
      }
      t.is(await askInVain(world.a1, 'tcp', gatewayOf['br-a'][4], other.port), 'none')
      t.regex(await world.host.run('iptables', '-S', 'INPUT'), /^-P INPUT DROP/)
      t.deepEqual(await firewall.missing(objects), [])
      await firewall.create(objects)
    })
    await world.host.run('nft', 'delete', 'table', 'inet', 'strict')
    await world.host.run('iptables', '-P', 'INPUT', 'ACCEPT')
  })
}

async function serve({ host }: World): Promise<AsyncDisposableStack> {
  const servers = new AsyncDisposableStack()
  for (const family of families) {
    servers.use(await host.serveUdp(PORT, { address: gatewayOf['br-a'][family] }))
    servers.use(await host.serveTcp(PORT, { address: gatewayOf['br-a'][family] }))
  }
  return servers
}
