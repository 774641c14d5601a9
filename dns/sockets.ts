/** The two sockets of a place where names are asked for, bound, as descriptors: they can be handed to another process. */
import { familyOf } from '../address/ip.ts'
import { isErrno } from '../kernel/error.ts'
import { inNetns } from '../kernel/netns.ts'
import { close } from '../kernel/syscalls/descriptor.ts'
import {
  AF_INET, AF_INET6, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET, SO_RCVBUFFORCE, SO_REUSEADDR, bind, listen, setsockopt, socket, socketAddress,
} from '../kernel/syscalls/socket.ts'
import type { Neighbourhood } from './askers.ts'

export interface Place {
  readonly networkId: string
  readonly address: string
  readonly port: number
  /** Who is answered; absent: everybody. */
  readonly askers?: Neighbourhood
  /** In a container rather than on the host: everything that is asked there is asked by that container. */
  readonly inside?: { readonly sandboxId: string, readonly netns: string }
}

/** What a place is called in what the resolver says of itself. */
export function labelOf({ address, inside }: Place): string {
  return inside === undefined ? address : `${address} of ${inside.sandboxId}`
}

export interface Sockets { readonly datagrams: number, readonly streams: number }

/** Questions that come while we are at others, or while a successor starts, wait here. */
const receiveBuffer = 1 << 20
const backlog = 511

/** @throws kernel-error where the address is not there (yet), or the port is somebody else's */
export function openSockets(place: Place): Sockets {
  return inNetns(place.inside?.netns, () => openHere(place))
}

function openHere({ address, port }: Place): Sockets {
  using opened = new DisposableStack()
  const open = (type: number): number => opened.adopt(socket(familyOf(address) === 4 ? AF_INET : AF_INET6, type), close)
  const [datagrams, streams] = [open(SOCK_DGRAM), open(SOCK_STREAM)]
  growReceiveBuffer(datagrams)
  // Connections of a predecessor in TIME_WAIT are in nobody's way.
  setsockopt(streams, SOL_SOCKET, SO_REUSEADDR, 1)
  for (const fd of [datagrams, streams]) bind(fd, socketAddress(address, port), `${address} port ${port}`)
  listen(streams, backlog)
  opened.move()
  return { datagrams, streams }
}

/** Beyond what the host grants everybody, where we may. */
function growReceiveBuffer(fd: number): void {
  try {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, receiveBuffer)
  } catch (error) {
    if (!isErrno(error, 'EPERM')) throw error
  }
}

export function closeSockets({ datagrams, streams }: Sockets): void {
  close(datagrams)
  close(streams)
}
