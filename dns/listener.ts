/**
 * The sockets of one network: datagrams and streams on an address of its bridge.
 *
 * A stream may ask any number of questions, in any order of answers; one that says nothing for a while is closed, and of many at once the
 * surplus is refused.
 */
import { type Socket as DatagramSocket, type RemoteInfo, createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type Server, type Socket, createServer } from 'node:net'
import { canonicalIp, familyOf, formatIp } from '../address/ip.ts'
import type { DatagramBatch } from '../kernel/syscalls/datagram-batch.ts'
import { linkName } from '../kernel/syscalls/link-name.ts'
import { sendTo, socketAddress } from '../kernel/syscalls/socket.ts'
import { Askers } from './askers.ts'
import type { Client } from './resolver.ts'
import { type Place, type Sockets, openSockets } from './sockets.ts'
import { StreamMessages, framed } from './stream.ts'

/**
 * Undefined for what deserves no answer. The message is valid during the call only, and so is an answer that is given at once. Must not throw.
 */
export type Handler = (message: Buffer, client: Client) => Buffer | undefined | Promise<Buffer>

const idleMs = 10_000
const maxStreams = 512
/** From one address, so that one client leaves some for the others. */
const maxStreamsOfOne = 64
/** Batches before others have their turn. */
const maxRounds = 16
/** Clients of one network at a time; more than a bridge has ports. */
const maxClients = 4096

export class Listener implements AsyncDisposable {
  readonly place: Place
  readonly sockets: Sockets
  readonly #handle: Handler
  readonly #batch: DatagramBatch
  readonly #datagrams: DatagramSocket
  readonly #streams: Server
  readonly #open = new Set<Socket>()
  readonly #askers: Askers | undefined
  /** Then the numbers of the sockets may be others'. */
  #isClosed = false
  /** One object per client, by which others remember what they know of it: by text, and by the bytes that a batch has. */
  readonly #byAddress = new Map<string, Client>()
  readonly #byBytes = new Map<number | string, Client>()
  /** Of the clients by text: making one takes as long as an answer. */
  readonly #addresses = new WeakMap<Client, Buffer>()

  private constructor(place: Place, sockets: Sockets, { handle, batch }: Service) {
    this.place = place
    this.sockets = sockets
    this.#handle = handle
    this.#batch = batch
    this.#askers = place.askers === undefined ? undefined : new Askers(place.askers)
    this.#datagrams = createSocket(familyOf(place.address) === 4 ? 'udp4' : 'udp6')
    this.#streams = createServer()
  }

  /**
   * Takes over sockets that are bound already, or opens some.
   * @throws kernel-error where the address is not there (yet), or the port is somebody else's
   */
  static async open(place: Place, service: Service, sockets: Sockets = openSockets(place)): Promise<Listener> {
    const listener = new Listener(place, sockets, service)
    listener.#serveDatagrams()
    listener.#serveStreams()
    const listening = Promise.all([once(listener.#datagrams, 'listening'), once(listener.#streams, 'listening')])
    listener.#datagrams.bind({ fd: sockets.datagrams })
    listener.#streams.listen({ fd: sockets.streams })
    await listening
    return listener
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    for (const socket of this.#open) socket.destroy()
    const closed = Promise.all([once(this.#datagrams, 'close'), once(this.#streams, 'close')])
    this.#datagrams.close()
    this.#streams.close()
    await closed
  }

  /** Node receives one datagram, which tells that there are some; the others are taken and answered many at a time. */
  #serveDatagrams(): void {
    // A client that is gone is no failure of ours.
    this.#datagrams.on('error', () => undefined)
    this.#datagrams.on('message', (message, from) => {
      const client = this.#byAddress.get(from.address) ?? this.#add(this.#byAddress, from.address, from.address)
      if (client !== undefined) respond(this.#handle(message, client), answer => this.#send(answer, from, client))
      for (let round = 0; round < maxRounds && this.#answerBatch(); round++);
    })
  }

  /** By ourselves where we can: Node's way takes several times as long, but knows the zones of link-local addresses. */
  #send(answer: Buffer, { address, port }: RemoteInfo, client: Client): void {
    if (this.#isClosed) return
    if (address.includes('%')) return this.#datagrams.send(Buffer.from(answer), port, address, () => undefined)
    const target = this.#addresses.get(client) ?? socketAddress(address, port)
    this.#addresses.set(client, target)
    target.writeUInt16BE(port, 2)
    sendTo(this.sockets.datagrams, answer, target)
  }

  /** False when nothing waits any more. */
  #answerBatch(): boolean {
    const batch = this.#batch
    const { datagrams } = this.sockets
    const count = batch.receive(datagrams)
    for (let slot = 0; slot < count; slot++) {
      const key = batch.senderKey(slot)
      const client = this.#byBytes.get(key) ?? this.#add(this.#byBytes, key, this.#senderOf(slot))
      if (client === undefined) continue
      const answer = this.#handle(batch.message(slot), client)
      if (answer instanceof Promise) this.#sendLater(answer, batch.senderAddress(slot))
      else if (answer !== undefined) batch.answer(slot, answer)
    }
    batch.send(datagrams)
    return count > 0
  }

  #sendLater(answer: Promise<Buffer>, address: Buffer): void {
    respond(answer, message => { if (!this.#isClosed) sendTo(this.sockets.datagrams, message, address) })
  }

  /** As Node writes it. */
  #senderOf(slot: number): string {
    const link = this.#batch.senderLink(slot)
    return `${formatIp(this.#batch.sender(slot))}${link === 0 ? '' : `%${linkName(link) ?? ''}`}`
  }

  /** Undefined for who may not ask. */
  #add<Key>(clients: Map<Key, Client>, key: Key, from: string): Client | undefined {
    if (this.#askers?.has(from) === false) return undefined
    if (clients.size >= maxClients) clients.clear()
    const client = this.#client(from, 'udp')
    clients.set(key, client)
    return client
  }

  #client(from: string, transport: Client['transport']): Client {
    const { networkId, inside } = this.place
    return { networkId, address: canonicalIp(from.replace(/%.*$/, '')), transport, ...inside === undefined ? {} : { sandboxId: inside.sandboxId } }
  }

  #serveStreams(): void {
    this.#streams.maxConnections = maxStreams
    this.#streams.on('error', () => undefined)
    this.#streams.on('connection', socket => {
      const from = socket.remoteAddress ?? '::'
      if (this.#askers?.has(from) === false || [...this.#open].filter(({ remoteAddress }) => remoteAddress === from).length >= maxStreamsOfOne) {
        socket.destroy()
        return
      }
      this.#open.add(socket)
      const client = this.#client(from, 'tcp')
      const send = (answer: Buffer): void => { if (socket.writable) socket.write(framed(answer)) }
      const messages = new StreamMessages(message => respond(this.#handle(message, client), send))
      socket.setTimeout(idleMs, () => socket.destroy())
      socket.on('data', chunk => messages.push(chunk))
      socket.on('error', () => socket.destroy())
      socket.on('close', () => this.#open.delete(socket))
    })
  }
}

/** What all listeners of a process share. */
export interface Service { readonly handle: Handler, readonly batch: DatagramBatch }

function respond(answer: ReturnType<Handler>, send: (message: Buffer) => void): void {
  if (answer instanceof Promise) void answer.then(send, () => undefined)
  else if (answer !== undefined) send(answer)
}
