/** SCTP ports, shown by packets made by hand: this kernel has no SCTP sockets, but translates and tracks SCTP. */
import test from 'ava'
import { run } from '../../../kernel/exec.ts'
import { IptablesFirewall } from '../../../nat/iptables/firewall.ts'
import { NftablesFirewall } from '../../../nat/nftables/firewall.ts'
import { requires } from '../../helpers/requires.ts'
import { SctpSocket, initPacket } from '../../helpers/sctp-packet.ts'
import { HOST, OUTSIDE, type World, createWorld, families, network, publish } from './world.ts'

let world: World

test.before(async () => { world = await createWorld() })
test.after.always(() => world[Symbol.asyncDispose]())

for (const firewall of [new IptablesFirewall({ run }), new NftablesFirewall()]) {
  for (const family of families) {
    test.serial(`${firewall.name}: an IPv${family} association through a published SCTP port gets to the container and back, others do not`, async t => {
      if (!requires.root(t)) return
      const rules = [
        ...network('br-a'), publish(family, 3868, { protocol: 'sctp', container: { first: 2905, last: 2905 } }),
        publish(family, 4000, { protocol: 'sctp', host: { first: 4000, last: 4009 }, container: { first: 4000, last: 4009 } }),
      ]
      await firewall.create(rules)
      // Neighbours are found before: a packet that waits for an address is not there when it is looked for.
      await world.host.outside.reaches(HOST[family])
      await world.a1.reaches(OUTSIDE[family])
      using client = new SctpSocket('/run/netns/outside', family)
      using server = new SctpSocket('/run/netns/a1', family)
      client.send(initPacket(5000, 3868), HOST[family])
      t.deepEqual(await server.arrival(), { sourcePort: 5000, destinationPort: 2905, isIntact: true })
      server.send(initPacket(2905, 5000), OUTSIDE[family])
      t.deepEqual(await client.arrival(), { sourcePort: 3868, destinationPort: 5000, isIntact: true }, 'the answer comes from the published port')
      client.send(initPacket(5001, 4007), HOST[family])
      t.deepEqual(await server.arrival(), { sourcePort: 5001, destinationPort: 4007, isIntact: true }, 'a range')
      client.send(initPacket(5002, 3869), HOST[family])
      t.is(server.next(), undefined, 'a port that is not published')
      await firewall.remove(rules)
      client.send(initPacket(5003, 3868), HOST[family])
      t.is(server.next(), undefined, 'a port that is published no more')
      await world.host.run('conntrack', '-F')
    })
  }
}
