/** What links that are ports of a bridge have in common. */
import { writeFileSync } from 'node:fs'
import { isErrno } from '../error.ts'
import type { Session } from '../kernel.ts'

/**
 * A bridge port has no use for an address of its own. Without IPv6 it costs the host no routes, which all who read its routes would read
 * with every container. Before the peer is up, as until then there is nothing to take away.
 */
export function withoutIpv6(link: string, session: Session): void {
  try {
    writeFileSync(session.sysctls.pathOf(`net/ipv6/conf/${link}/disable_ipv6`), '1')
  } catch (error) {
    // No IPv6, or no writable /proc/sys: it works all the same.
    if (!isErrno(error, 'ENOENT', 'EROFS', 'EACCES')) throw error
  }
}
