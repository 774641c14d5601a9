/** One listening socket of a published port, and the connections through it: IPv6 on this side, the container's IPv4 on the other. */
import { type Server, type Socket, connect, createServer } from 'node:net'
import { containsCidr, parseCidr } from '../../address/cidr.ts'
import { canonicalIp, isIp } from '../../address/ip.ts'
import type { Ipv6Proxy } from '../../cnm/types.ts'
import { SOL_SOCKET, SO_REUSEADDR, setsockopt } from '../../kernel/syscalls/socket.ts'
import { proxyHeader } from './header.ts'

export interface Target {
  readonly ip: string
  readonly port: number
  readonly proxy: Ipv6Proxy
  /** Subnets that may use the port, besides the host itself; absent: everybody. */
  readonly publishedTo?: readonly string[]
}

/** Listens on a bound socket, whose descriptor it takes over, until it is closed; connections that are open then go on. */
export function relay(fd: number, target: Target): Server {
  // Its connections inherit it: those in TIME_WAIT do not keep the port from the next container that asks for it.
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1)
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, client => forward(client, target))
  // The address is taken, or the descriptor is none: nothing a client could be told.
  server.on('error', () => server.close())
  return server.listen({ fd, backlog: BACKLOG })
}

function forward(client: Socket, target: Target): void {
  client.on('error', () => client.destroy())
  const address = plain(client.remoteAddress)
  const isHost = client.remoteAddress === client.localAddress
  if (address === undefined || !isHost && !isAllowed(address, target.publishedTo)) {
    client.destroy()
    return
  }
  const server = connect({ host: target.ip, port: target.port, allowHalfOpen: true, noDelay: true })
  server.on('error', () => client.resetAndDestroy())
  client.on('close', () => server.destroy())
  server.on('close', () => client.destroy())
  server.once('connect', () => {
    const ends = {
      client: { ip: address, port: client.remotePort ?? 0 }, server: { ip: plain(client.localAddress) ?? '::', port: client.localPort ?? 0 },
    }
    if (target.proxy !== 'plain') server.write(proxyHeader(target.proxy, ends))
    client.pipe(server)
    server.pipe(client)
  })
}

/** Without the zone of a link-local address. */
function plain(address: string | undefined): string | undefined {
  const ip = address?.replace(/%.*/, '') ?? ''
  return isIp(ip) ? canonicalIp(ip) : undefined
}

function isAllowed(client: string, subnets: readonly string[] | undefined): boolean {
  return subnets === undefined || subnets.map(parseCidr).some(subnet => subnet.family === 6 && containsCidr(subnet, parseCidr(`${client}/128`)))
}

const BACKLOG = 511
