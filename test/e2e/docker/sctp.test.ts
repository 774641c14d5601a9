/** `docker run -p …/sctp`, shown by packets made by hand: this kernel has no SCTP sockets, but translates and tracks SCTP. */
import test from 'ava'
import { requires } from '../../helpers/requires.ts'
import { SctpSocket, initPacket } from '../../helpers/sctp-packet.ts'
import { DockerLab } from './lab.ts'

for (const backend of ['iptables', 'nftables'] as const) {
  test.serial(`${backend}: an association gets to the container and back, by the published port alone`, async t => {
    if (!requires.root(t) || !requires.tool(t, 'dockerd')) return
    await using lab = await DockerLab.create({ backend })
    await lab.network('blue')
    await lab.container('phone', 'blue', '-p', '9999:99/sctp')
    t.regex((await lab.host.tsnet('ps')).stdout, /0\.0\.0\.0:9999->99\/sctp/)
    await using inside = await lab.daemon.namespace('phone')
    // Neighbours are found before: a packet that waits for an address is not there when it is looked for.
    await lab.host.outside.run('ping', '-c', '1', '-W', '2', '192.0.2.1')
    await inside.run('ping', '-c', '1', '-W', '2', '192.0.2.2')
    using client = new SctpSocket(lab.host.outside.path ?? '', 4)
    using server = new SctpSocket(inside.path ?? '', 4)
    client.send(initPacket(5000, 9999), '192.0.2.1')
    t.deepEqual(await server.arrival(), { sourcePort: 5000, destinationPort: 99, isIntact: true })
    server.send(initPacket(99, 5000), '192.0.2.2')
    t.deepEqual(await client.arrival(), { sourcePort: 9999, destinationPort: 5000, isIntact: true }, 'the answer comes from the published port')
    client.send(initPacket(5001, 99), '192.0.2.1')
    client.send(initPacket(5002, 9999), '192.0.2.1')
    t.is((await server.arrival()).sourcePort, 5002, 'the container\'s own number is not published')
  })
}
