/**
 * `node serve.fixture.ts PORT…` answers on each port, TCP and UDP, both families, with the address that it sees the client under, and says
 * `ready` when it listens on all.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** IPv4 as itself, without the prefix of the socket for both families. */
const plain = (address: string): string => address.replace(/^::ffff:/, '')

const ports = process.argv.slice(2).map(Number)
await Promise.all(ports.flatMap(port => {
  const server = createServer(socket => {
    socket.on('error', () => socket.destroy())
    socket.end(plain(socket.remoteAddress ?? '?'))
  }).listen(port, '::')
  const socket = createSocket({ type: 'udp6' })
  socket.on('message', (_message, { port: from, address }) => socket.send(plain(address), from, address))
  socket.bind(port)
  return [once(server, 'listening'), once(socket, 'listening')]
}))
process.stdout.write('ready\n')
