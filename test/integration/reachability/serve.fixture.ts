/** `node serve.fixture.ts PORT…` answers on each port, TCP and UDP, both families, and says `ready` when it listens on all. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

const ports = process.argv.slice(2).map(Number)
await Promise.all(ports.flatMap(port => {
  const server = createServer(socket => {
    socket.on('error', () => socket.destroy())
    socket.end('here')
  }).listen(port, '::')
  const socket = createSocket({ type: 'udp6' })
  socket.on('message', (_message, { port: from, address }) => socket.send('here', from, address))
  socket.bind(port)
  return [once(server, 'listening'), once(socket, 'listening')]
}))
process.stdout.write('ready\n')
