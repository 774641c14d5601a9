/**
 * A server that answers with the address it sees its client under: `node peer-echo.ts tcp|http|udp ADDRESS PORT`.
 *
 * Says `listening PORT` once it can be reached. It is how tests tell whether a packet was masqueraded on its way.
 */
import { createSocket } from 'node:dgram'
import { createServer, type Socket } from 'node:net'

const [protocol = 'tcp', address = '::', port = '0'] = process.argv.slice(2)
const plain = (seen: string | undefined): string => `${(seen ?? '').replace(/^::ffff:/, '')}\n`

function answerHttp(socket: Socket): void {
  const body = plain(socket.remoteAddress)
  socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`))
}

if (protocol === 'udp') {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  socket.on('message', (_message, peer) => socket.send(plain(peer.address), peer.port, peer.address))
  socket.bind(Number(port), address, () => console.log(`listening ${socket.address().port}`))
} else {
  const server = createServer(socket => {
    socket.on('error', () => socket.destroy())
    if (protocol === 'http') answerHttp(socket)
    else socket.end(plain(socket.remoteAddress))
  })
  server.listen(Number(port), address, () => {
    const bound = server.address()
    console.log(`listening ${typeof bound === 'object' && bound !== null ? bound.port : port}`)
  })
}
