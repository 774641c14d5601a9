/**
 * `node packet-socket.ts send INDEX HEX…` sends frames as they are by the link with that index; `node packet-socket.ts listen INDEX` prints
 * `ready`, then, a line each, the frames that come in, in hexadecimal, until it is ended.
 */
import { SOCK_RAW, bind, receive, send, setsockopt, socket } from '../../kernel/syscalls/socket.ts'

const AF_PACKET = 17
const ETH_P_ALL = 3
/** What the listener itself answers, errors with a part of the frame in them, is not what comes in. */
const SOL_PACKET = 263
const PACKET_IGNORE_OUTGOING = 23
const POLL_MS = 2

const [verb, index = '', ...frames] = process.argv.slice(2)
const protocol = ETH_P_ALL << 8
const fd = socket(AF_PACKET, SOCK_RAW, protocol)
// struct sockaddr_ll: family, protocol in network order, index of the link.
const address = Buffer.alloc(20)
address.writeUInt16LE(AF_PACKET, 0)
address.writeUInt16BE(ETH_P_ALL, 2)
address.writeInt32LE(Number(index), 4)

if (verb === 'send') {
  bind(fd, address)
  for (const frame of frames) send(fd, Buffer.from(frame, 'hex'))
} else {
  setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
  bind(fd, address)
  process.stdout.write('ready\n')
  const buffer = Buffer.alloc(65_536)
  setInterval(() => {
    for (let length = receive(fd, buffer); length !== undefined; length = receive(fd, buffer)) {
      process.stdout.write(`${buffer.toString('hex', 0, length)}\n`)
    }
  }, POLL_MS)
}
