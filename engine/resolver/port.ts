/**
 * The port that the resolver listens on, chosen when a network is made: the first from 10053 on that no program of the host has on every
 * address. A program on one address of its own is no obstacle; loopback stands for any address.
 */
import { bindPort } from '../../nat/ports/socket.ts'
import { close } from '../../kernel/syscalls/descriptor.ts'

const first = 10_053
const last = 10_153

/** Undefined where a hundred ports are taken. */
export function freeResolverPort(): number | undefined {
  for (let port = first; port <= last; port++) if (isFree(port)) return port
  return undefined
}

function isFree(port: number): boolean {
  return (['udp', 'tcp'] as const).every(protocol => [{ family: 4, ip: '127.0.0.1' }, { family: 6, ip: '::1' }].every(({ family, ip }) => {
    try {
      const result = bindPort({ protocol, addresses: [{ family: family === 4 ? 4 : 6, ip, wildcard: false }], exact: false }, port)
      if (result.bound) result.descriptors.forEach(close)
      return result.bound
    } catch {
      // Loopback is down, or has no IPv6: nothing can be said, and nothing is there.
      return true
    }
  }))
}
