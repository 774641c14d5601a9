/**
 * What a container was asked to publish, once some of its ports have been taken back. Pure.
 *
 * `inspect` shows what was asked for, so that is kept in its own words: a range that has lost its middle is asked for as two.
 */
import type { PortRange } from '../../objects/firewall.ts'
import type { PortRequest } from '../../cnm/types.ts'

/** Those asked for, but for what was asked for in the words of one that has gone. */
export function askedWithout(asked: readonly PortRequest[], gone: readonly PortRequest[]): readonly PortRequest[] {
  // Nothing but a port of the same number is part of a single one; there may be thousands of them.
  const byNumber = Map.groupBy(gone, ({ container }) => container.first)
  return asked.flatMap(request => {
    const { first, last } = request.container
    const parts = (first === last ? byNumber.get(first) ?? [] : gone).filter(port => isMeant(port, request))
    return parts.reduce((left: readonly PortRequest[], part) => left.flatMap(piece => cut(piece, part.container)), [request])
  })
}

function isMeant(port: PortRequest, { protocol, hostIp, host, container }: PortRequest): boolean {
  if (port.protocol !== protocol || !isWithin(port.container, container) || hostIp !== undefined && hostIp !== port.hostIp) return false
  // Where nothing is translated, the host's port that was asked for means nothing.
  return host === undefined || port.host === undefined || isWithin(port.host, host)
}

function isWithin(range: PortRange, outer: PortRange): boolean {
  return outer.first <= range.first && range.last <= outer.last
}

/** What is left on either side; a host range with a single container port is a choice, which goes as it came. */
function cut(request: PortRequest, { first, last }: PortRange): readonly PortRequest[] {
  const { container, host } = request
  const shift = host === undefined ? 0 : host.first - container.first
  const sides = [{ first: container.first, last: Math.min(container.last, first - 1) }, { first: Math.max(container.first, last + 1), last: container.last }]
  return sides.filter(side => side.first <= side.last).map(side => ({
    ...request, container: side, ...host === undefined ? {} : { host: { first: side.first + shift, last: side.last + shift } },
  }))
}
