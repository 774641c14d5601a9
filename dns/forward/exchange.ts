/**
 * One question to one server over the network. A socket of its own for each, on a port of the kernel's choice, and connected: so nobody
 * else's datagram is read, and a closed port is known at once (ECONNREFUSED).
 */
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { isReplyTo } from '../message/reply.ts'
import { StreamMessages, framed } from '../stream.ts'
import type { Exchange } from './forwarder.ts'

const dnsPort = 53

export const exchange: Exchange = (server, message, { transport, signal }) =>
  transport === 'udp' ? byDatagram(server, message, signal) : byStream(server, message, signal)

async function byDatagram(server: string, message: Buffer, signal: AbortSignal): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const socket = createSocket(server.includes(':') ? 'udp6' : 'udp4')
  const abort = (): void => reject(new Error('called off'))
  signal.addEventListener('abort', abort, { once: true })
  socket.on('error', reject)
  socket.on('message', answer => { if (isReplyTo(message, answer)) resolve(answer) })
  socket.connect(dnsPort, server, () => socket.send(message, error => { if (error !== null) reject(error) }))
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', abort)
    socket.close()
  }
}

async function byStream(server: string, message: Buffer, signal: AbortSignal): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const socket = connect({ host: server, port: dnsPort, signal })
  const messages = new StreamMessages(answer => { if (isReplyTo(message, answer)) resolve(answer) })
  socket.on('error', reject)
  socket.on('close', () => reject(new Error('closed without an answer')))
  socket.on('data', chunk => messages.push(chunk))
  socket.write(framed(message))
  try {
    return await promise
  } finally {
    socket.destroy()
  }
}
