/**
 * A client: `node ask.fixture.ts tcp|udp ADDRESS PORT PATIENCE` prints what the server there answers, or the error, or `none` where nothing
 * comes within PATIENCE milliseconds of asking.
 *
 * A packet that is dropped gives no event to wait for, hence the time. Who has reached the server waits for as long as that takes.
 */
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'

const [protocol = 'tcp', address = '', port = '0', patience = '0'] = process.argv.slice(2)
let isConnected = false

function end(answer: string): void {
  process.stdout.write(answer.trim())
  process.exit(0)
}

function failed(error: NodeJS.ErrnoException): void {
  end(error.code ?? error.message)
}

function isAsked(): void {
  // What came while this process had no turn is read before.
  setTimeout(() => setImmediate(() => { if (!isConnected) end('none') }), Number(patience))
}

if (protocol === 'udp') {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  socket.on('message', message => end(message.toString()))
  socket.on('error', failed)
  socket.connect(Number(port), address, () => socket.send('?', isAsked))
} else {
  const socket = connect(Number(port), address, () => { isConnected = true })
  socket.on('data', data => end(data.toString()))
  socket.on('error', failed)
  isAsked()
}
