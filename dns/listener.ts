/**
 * The sockets of one network: datagrams and streams on an address of its bridge.
 *
 * A stream may ask any number of questions, in any order of answers; one that says nothing for a while is closed, and of many at once the
 * surplus is refused.
 */
import { type Socket as DatagramSocket, createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type Server, type Socket, createServer } from 'node:net'
import { canonicalIp, familyOf } from '../address/ip.ts'
import type { Client } from './resolver.ts'
import { StreamMessages, framed } from './stream.ts'

export interface Place { readonly networkId: string, readonly address: string, readonly port: number }

/** Undefined for what deserves no answer. Must not throw. */
export type Handler = (message: Buffer, client: Client) => Buffer | undefined | Promise<Buffer>

const idleMs = 10_000
const maxStreams = 512

export class Listener implements AsyncDisposable {
  readonly place: Place
  readonly #datagrams: DatagramSocket
  readonly #streams: Server
  readonly #open = new Set<Socket>()

  private constructor(place: Place, datagrams: DatagramSocket, streams: Server) {
    this.place = place
    this.#datagrams = datagrams
    this.#streams = streams
  }

  /** Rejects where the address is not there (yet), or the port is somebody else's. */
  static async open(place: Place, handle: Handler): Promise<Listener> {
    const datagrams = createSocket({ type: familyOf(place.address) === 4 ? 'udp4' : 'udp6', recvBufferSize: 1 << 20 })
    const streams = createServer()
    const listener = new Listener(place, datagrams, streams)
    try {
      datagrams.bind(place.port, place.address)
      await once(datagrams, 'listening')
      streams.listen(place.port, place.address)
      await once(streams, 'listening')
    } catch (error) {
      await listener[Symbol.asyncDispose]()
      throw error
    }
    listener.#serveDatagrams(place, handle)
    listener.#serveStreams(place, handle)
    return listener
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    const closing = [once(this.#datagrams, 'close').catch(() => undefined)]
    this.#datagrams.close()
    if (this.#streams.listening) {
      closing.push(once(this.#streams, 'close'))
      this.#streams.close()
    }
    await Promise.all(closing)
  }

  #serveDatagrams({ networkId }: Place, handle: Handler): void {
    // A client that is gone is no failure of ours.
    this.#datagrams.on('error', () => undefined)
    this.#datagrams.on('message', (message, { address, port }) => {
      const send = (answer: Buffer): void => this.#datagrams.send(answer, port, address, () => undefined)
      respond(handle(message, { networkId, address, transport: 'udp' }), send)
    })
  }

  #serveStreams({ networkId }: Place, handle: Handler): void {
    this.#streams.maxConnections = maxStreams
    this.#streams.on('error', () => undefined)
    this.#streams.on('connection', socket => {
      this.#open.add(socket)
      const address = canonicalIp(socket.remoteAddress ?? '::')
      const send = (answer: Buffer): void => { if (socket.writable) socket.write(framed(answer)) }
      const messages = new StreamMessages(message => respond(handle(message, { networkId, address, transport: 'tcp' }), send))
      socket.setTimeout(idleMs, () => socket.destroy())
      socket.on('data', chunk => messages.push(chunk))
      socket.on('error', () => socket.destroy())
      socket.on('close', () => this.#open.delete(socket))
    })
  }
}

function respond(answer: ReturnType<Handler>, send: (message: Buffer) => void): void {
  if (answer instanceof Promise) void answer.then(send, () => undefined)
  else if (answer !== undefined) send(answer)
}
