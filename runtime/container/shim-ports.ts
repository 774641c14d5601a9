/**
 * The host's ports as a container's shim holds them: bound sockets in a box (kernel/descriptor-box.ts) of which the shim has both ends.
 * The shim does nothing for it, and the ports are free when it is gone.
 */
import type { SandboxPort } from '../../cnm/types.ts'
import { canonicalIp, isUnspecified, parseIp } from '../../address/ip.ts'
import { TsnetError } from '../../errors/error.ts'
import { DescriptorBox } from '../../kernel/descriptor-box.ts'
import { dup } from '../../kernel/syscalls/descriptor.ts'
import { IPPROTO_SCTP, IPPROTO_TCP, IPPROTO_UDP, SOL_SOCKET, SO_PROTOCOL, decodeSocketAddress, getsockname, getsockopt } from '../../kernel/syscalls/socket.ts'
import type { Family } from '../../objects/firewall.ts'
import { descriptors as shim } from '../init/shim/protocol.ts'
import type { PortKeeper } from './dependencies.ts'
import { type ProcessName, hostProcesses } from './processes.ts'

/** Where `box`'s descriptors are in the shim. */
const ends = [shim.kept, shim.kept + 1] as const

export const shimPorts: PortKeeper = {
  box(descriptors) {
    const box = DescriptorBox.create()
    try {
      box.put(descriptors)
    } catch (error) {
      box[Symbol.dispose]()
      throw error
    }
    return { descriptors: box.ends, [Symbol.dispose]: () => box[Symbol.dispose]() }
  },

  add(process, descriptors) {
    using box = boxOf(process)
    if (box === undefined) throw new TsnetError('container-not-running', 'hold ports of a container: its shim has ended')
    box.put(descriptors)
  },

  retain(process, ports) {
    using box = boxOf(process)
    const kept = new Set(ports.flatMap(keysOf))
    box?.sweep(descriptor => kept.has(keyOf(descriptor)))
  },
}

/** Duplicates, close-on-exec, of the sockets that a shim holds for TCP ports on all IPv6 addresses; by port. */
export function borrowIpv6Ports(process: ProcessName, ports: ReadonlySet<number>): ReadonlyMap<number, number> {
  const borrowed = new Map<number, number>()
  using box = boxOf(process)
  box?.sweep(descriptor => {
    const address = decodeSocketAddress(getsockname(descriptor) ?? Buffer.alloc(0))
    const isWanted = address?.family === 6 && isUnspecified(parseIp(address.ip)) && ports.has(address.port) && !borrowed.has(address.port)
    if (isWanted && getsockopt(descriptor, SOL_SOCKET, SO_PROTOCOL) === IPPROTO_TCP) borrowed.set(address.port, dup(descriptor))
    return true
  })
  return borrowed
}

/** Checked after opening: from then on the descriptors are those of that process, whatever becomes of the pid. */
function boxOf(process: ProcessName): DescriptorBox | undefined {
  if (!hostProcesses.isAlive(process)) return undefined
  const box = DescriptorBox.of(process.pid, ends)
  if (box === undefined || hostProcesses.isAlive(process)) return box
  box[Symbol.dispose]()
  return undefined
}

const protocols = { tcp: IPPROTO_TCP, udp: IPPROTO_UDP, sctp: IPPROTO_SCTP } as const

/** What a socket is bound to, as `keysOf` names it. */
function keyOf(descriptor: number): string {
  const address = decodeSocketAddress(getsockname(descriptor) ?? Buffer.alloc(0))
  if (address === undefined) return ''
  const { family, ip, port } = address
  return keyFor(getsockopt(descriptor, SOL_SOCKET, SO_PROTOCOL), isUnspecified(parseIp(ip)) ? family : ip, port)
}

function keysOf({ protocol, hostIp, host, held }: SandboxPort): readonly string[] {
  const places = hostIp === undefined || isUnspecified(parseIp(hostIp)) ? held : [canonicalIp(hostIp)]
  return Array.from({ length: host.last - host.first + 1 }, (_, i) => i + host.first)
    .flatMap(port => places.map(place => keyFor(protocols[protocol], place, port)))
}

function keyFor(protocol: number, place: Family | string, port: number): string {
  return `${protocol} ${place} ${port}`
}
