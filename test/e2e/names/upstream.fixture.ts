/**
 * A nameserver of the rest of the world: answers every question with 203.0.113.1 and tells on standard output what it was asked.
 *
 *     upstream.fixture.ts ADDRESS
 */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { decode } from 'dns-packet'
import { nameEnd } from '../../../dns/message/name-end.ts'
import { StreamMessages, framed } from '../../../dns/stream.ts'
import { reply } from '../../unit/dns/messages.ts'

const [address = ''] = process.argv.slice(2)

function answer(message: Buffer): Buffer {
  process.stdout.write(`asked ${decode(message).questions?.[0]?.name}\n`)
  const plain = Buffer.from(message)
  plain.writeUInt16BE(0, 10)
  return reply(plain.subarray(0, (nameEnd(message, 12)?.end ?? 12) + 4), { answers: [{ ttl: 60, data: Buffer.of(203, 0, 113, 1) }] })
}

const datagrams = createSocket('udp4', (message, { address: client, port }) => datagrams.send(answer(message), port, client))
const streams = createServer(socket => {
  const messages = new StreamMessages(message => socket.write(framed(answer(message))))
  socket.on('error', () => socket.destroy())
  socket.on('data', chunk => messages.push(chunk))
})
datagrams.bind(53, address, () => streams.listen(53, address, () => process.stdout.write('listening\n')))
