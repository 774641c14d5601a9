/**
 * A client: `node ask.fixture.ts tcp|udp ADDRESS PORT` prints what the server there answers, or `none` where nothing comes within
 * the time, or the error. A packet that is dropped gives no event to wait for, hence the time.
 */
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'

const [protocol = 'tcp', address = '', port = '0'] = process.argv.slice(2)
const PATIENCE_MS = 800

function end(answer: string): void {
  process.stdout.write(answer.trim())
  process.exit(0)
}

setTimeout(() => end('none'), PATIENCE_MS)
if (protocol === 'udp') {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  socket.on('message', message => end(message.toString()))
  socket.on('error', error => end('code' in error ? String(error.code) : error.message))
  socket.connect(Number(port), address, () => socket.send('?'))
} else {
  const socket = connect(Number(port), address)
  socket.on('data', data => end(data.toString()))
  socket.on('error', error => end('code' in error ? String(error.code) : error.message))
}
