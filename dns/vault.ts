/**
 * Where the sockets are while nobody has them: in messages that wait in a socket, under the names of their places. The watcher has that socket
 * open, so they outlive a resolver that is killed, with the questions that come meanwhile; its successor takes them out.
 */
import { SOL_SOCKET, SO_SNDBUFFORCE, AF_UNIX, SOCK_SEQPACKET, setsockopt, socketPair } from '../kernel/syscalls/socket.ts'
import { receiveDescriptors, sendDescriptors } from '../kernel/syscalls/rights.ts'
import { type Sockets, closeSockets } from './sockets.ts'

/** Room for some thousands of messages. */
const roomBytes = 16 << 20

export class Vault {
  readonly #entrance: number
  readonly #exit: number

  constructor([entrance, exit]: readonly [number, number]) {
    this.#entrance = entrance
    this.#exit = exit
  }

  /** The two descriptors of a new one, close-on-exec. */
  static open(): readonly [number, number] {
    const pair = socketPair(AF_UNIX, SOCK_SEQPACKET)
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUFFORCE, roomBytes)
    return pair
  }

  /** Takes everything out. */
  take(): ReadonlyMap<string, Sockets> {
    const taken = new Map<string, Sockets>()
    for (;;) {
      const parcel = receiveDescriptors(this.#exit)
      if (parcel === undefined) return taken
      const [datagrams, streams] = parcel.descriptors
      if (datagrams !== undefined && streams !== undefined) taken.set(parcel.text, { datagrams, streams })
    }
  }

  /** Has just these from now on. What does not fit is lost with its process, and opened again. */
  keep(all: Iterable<readonly [string, Sockets]>): void {
    for (const sockets of this.take().values()) closeSockets(sockets)
    for (const [text, { datagrams, streams }] of all) sendDescriptors(this.#entrance, { text, descriptors: [datagrams, streams] })
  }
}
