import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import test from 'ava'
import { run } from '../../../kernel/exec.ts'
import { firewallFamily } from '../../../nat/family.ts'
import { IptablesFirewall } from '../../../nat/iptables/firewall.ts'
import { NftablesFirewall } from '../../../nat/nftables/firewall.ts'
import type { FirewallObject } from '../../../objects/firewall.ts'
import { SctpSocket, initPacket } from '../../helpers/sctp-packet.ts'
import { type World, createWorld, network, publish } from './world.ts'

let world: World

test.before(async () => { world = await createWorld() })
test.after.always(() => world[Symbol.asyncDispose]())

async function udpFlows(port: number): Promise<readonly string[]> {
  const { stdout } = await world.host.try('conntrack', '-L', '-p', 'udp', '--orig-port-dst', String(port))
  return stdout.split('\n').filter(line => line !== '')
}

/** One socket that keeps its port, and so its flow, in the outside. */
async function sendFrom(port: number, address: string, to: number): Promise<void> {
  await world.host.outside.run('sh', '-c', `echo x | nc -u -w 1 -p ${port} ${address} ${to} >/dev/null || true`)
}

for (const firewall of [new IptablesFirewall({ run }), new NftablesFirewall()]) {
  test.serial(`${firewall.name}: UDP flows that began before a port was published are forgotten, and others are not`, async t => {
    const sink: Socket = createSocket('udp4').bind(5000, '192.0.2.1')
    await once(sink, 'listening')
    const family = firewallFamily(firewall)
    await family.create(network('br-a'))
    await sendFrom(6001, '192.0.2.1', 5000)
    await world.a1.run('sh', '-c', 'echo x | nc -u -w 1 192.0.2.2 5000 >/dev/null || true')
    sink.close()
    await once(sink, 'close')
    t.is((await udpFlows(5000)).length, 2)
    const port = publish(4, 5000, { protocol: 'udp' })
    await family.create([port])
    const left = await udpFlows(5000)
    t.is(left.length, 1)
    t.regex(left.join(), /dst=192\.0\.2\.2 /, 'what a container sends to the same port elsewhere is none of it')
    await sendFrom(6001, '192.0.2.1', 5000)
    t.true((await udpFlows(5000)).some(line => line.includes('src=172.30.1.2')))
    await family.remove([port])
    t.false((await udpFlows(5000)).some(line => line.includes('sport=6001 ')), 'the flow through the port is gone with it')
    t.is((await udpFlows(5000)).length, 1)
    await family.remove(network('br-a'))
    await world.host.run('conntrack', '-F')
  })
  test.serial(`${firewall.name}: an SCTP client that keeps its port gets to the container that the port belongs to now`, async t => {
    const family = firewallFamily(firewall)
    await family.create(network('br-a'))
    const port = (containerIp: string): FirewallObject => publish(4, 3868, { protocol: 'sctp', containerIp })
    await world.host.outside.reaches('192.0.2.1')
    using client = new SctpSocket('/run/netns/outside', 4)
    for (const [name, containerIp] of [['a1', '172.30.1.2'], ['a2', '172.30.1.3']] as const) {
      using server = new SctpSocket(`/run/netns/${name}`, 4)
      await family.create([port(containerIp)])
      client.send(initPacket(5000, 3868), '192.0.2.1')
      t.is((await server.arrival()).sourcePort, 5000, name)
      await family.remove([port(containerIp)])
    }
    await family.remove(network('br-a'))
    await world.host.run('conntrack', '-F')
  })
}
