/** Living with others, for both backends: foreign chains that drop, and the user's own rules. Part of describe-firewall.ts. */
import test from 'ava'
import type { Firewall } from '../../../nat/firewall.ts'
import { assertRules, rules, withObjects } from './rules.ts'
import { A1, HOST, OUTSIDE, type World, ask, askInVain, families, network, publish } from './world.ts'

export function describeCoexistence(open: () => Firewall, worldOf: () => World): void {
  const name = open().name

  test.serial(`${name}: beside a foreign FORWARD chain with policy DROP our networks work, and the policy stays`, async t => {
    const world = worldOf()
    await world.host.run('iptables', '-P', 'FORWARD', 'DROP')
    await world.host.run('iptables', '-A', 'FORWARD', '-s', '192.0.2.99', '-j', 'DROP')
    await withObjects({ world, open }, [...network('br-a'), publish(4, 8080)], async firewall => {
      t.is(await ask(world.host.outside, 'tcp', HOST[4], 8080), OUTSIDE[4])
      t.is(await ask(world.a1, 'tcp', OUTSIDE[4], 7000), HOST[4])
      t.is(await ask(world.a2, 'tcp', A1[4], 80), '172.30.1.3')
      t.is(await askInVain(world.b1, 'tcp', OUTSIDE[4], 7000), 'none', 'what is not ours stays with the policy')
      t.regex(await world.host.run('iptables', '-S', 'FORWARD'), /^-P FORWARD DROP/)
      t.deepEqual(await firewall.missing(network('br-a')), [])
    })
    await world.host.run('iptables', '-P', 'FORWARD', 'ACCEPT')
    await world.host.run('iptables', '-D', 'FORWARD', '-s', '192.0.2.99', '-j', 'DROP')
  })

  test.serial(`${name}: beside a native chain for both families that ends by rejecting, as firewalld's, our networks work, and its own drops hold`, async t => {
    const world = worldOf()
    await world.host.run('nft', `
      table inet firewalld {
        chain zones { meta l4proto icmp accept; reject with icmpx type admin-prohibited; }
        chain filter_FORWARD {
          type filter hook forward priority filter + 10; policy accept;
          ct state { established, related } accept
          ip daddr 192.0.2.2 tcp dport 7001 drop
          jump zones
        }
      }`)
    await world.host.outside.serveTcp(7001)
    await withObjects({ world, open }, [...network('br-a'), publish(4, 8080)], async firewall => {
      t.is(await ask(world.host.outside, 'tcp', HOST[4], 8080), OUTSIDE[4])
      for (const family of families) t.is(await ask(world.a1, 'tcp', OUTSIDE[family], 7000), HOST[family])
      t.is(await askInVain(world.a1, 'tcp', OUTSIDE[4], 7001), 'none', 'what the other one drops by name stays dropped')
      t.not(await ask(world.b1, 'tcp', OUTSIDE[4], 7000), HOST[4], 'what is not ours stays rejected')
      t.regex((await firewall.summary()).lines.join('\n'), /chain inet firewalld filter_FORWARD drops what it does not know; 2 rules of tsnet/)
      await firewall.remove(network('br-a').filter(({ family }) => family === 4))
      t.is(await ask(world.a1, 'tcp', OUTSIDE[6], 7000), HOST[6], 'the other family still needs the accepts')
      await firewall.create(network('br-a'))
      await world.host.run('nft', 'flush', 'chain', 'inet', 'firewalld', 'filter_FORWARD')
      await world.host.run('nft', 'add', 'rule', 'inet', 'firewalld', 'filter_FORWARD', 'jump', 'zones')
      t.deepEqual((await firewall.missing(network('br-a'))).map(({ kind }) => kind), ['isolation', 'isolation'])
      await firewall.create(network('br-a'))
      t.is(await ask(world.a1, 'tcp', OUTSIDE[4], 7000), HOST[4])
      await world.host.run('nft', 'flush', 'chain', 'inet', 'firewalld', 'filter_FORWARD')
      await firewall.create(network('br-a'))
    }, /firewalld/)
    await world.host.run('nft', 'delete', 'table', 'inet', 'firewalld')
  })

  test.serial(`${name}: rules of the user are met first, and outlive the networks`, async t => {
    const world = worldOf()
    const firewall = open()
    const objects = [...network('br-a'), publish(4, 8080)]
    const before = await rules(world)
    await firewall.create(objects)
    await world.host.run(...userRule(name, 'add'))
    t.is(await askInVain(world.host.outside, 'tcp', HOST[4], 8080), 'none')
    await firewall.remove(objects)
    await firewall.remove(objects)
    t.regex(await world.host.run(...userRule(name, 'list')), /192\.0\.2\.2/)
    await firewall.create(objects)
    t.is(await askInVain(world.host.outside, 'tcp', HOST[4], 8080), 'none')
    await world.host.run(...userRule(name, 'flush'))
    t.is(await ask(world.host.outside, 'tcp', HOST[4], 8080), OUTSIDE[4])
    await firewall.remove(objects)
    await assertRules(world, before)
  })
}

function userRule(name: string, action: 'add' | 'list' | 'flush'): readonly string[] {
  if (name === 'iptables') {
    return { add: ['iptables', '-A', 'TSNET-USER', '-s', '192.0.2.2', '-j', 'DROP'], list: ['iptables', '-S', 'TSNET-USER'], flush: ['iptables', '-F', 'TSNET-USER'] }[action]
  }
  return {
    add: ['nft', 'add', 'rule', 'ip', 'tsnet', 'user', 'ip', 'saddr', '192.0.2.2', 'drop'], list: ['nft', 'list', 'chain', 'ip', 'tsnet', 'user'],
    flush: ['nft', 'flush', 'chain', 'ip', 'tsnet', 'user'],
  }[action]
}
