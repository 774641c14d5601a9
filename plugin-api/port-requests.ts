/**
 * Docker's port bindings as requests of tsnet. Docker sends one binding for each port, in any order, so a range of a thousand comes as a
 * thousand: those that follow on each other become one range again, and with that one rule. Pure.
 */
import { TsnetError } from '../errors/error.ts'
import type { PortRequest } from '../cnm/types.ts'
import type { Protocol } from '../objects/firewall.ts'
import type { PortBinding } from './requests.ts'

const protocols: Readonly<Record<number, Protocol>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' }

/** @throws invalid-port for a protocol without ports, or an impossible range */
export function portRequests(bindings: readonly PortBinding[]): readonly PortRequest[] {
  const merged: PortRequest[] = []
  for (const request of bindings.map(toRequest).toSorted(byPlace)) {
    const last = merged.at(-1)
    const joined = last === undefined ? undefined : follow(last, request)
    if (joined === undefined) merged.push(request)
    else merged[merged.length - 1] = joined
  }
  return merged
}

function toRequest({ Proto, Port, HostIP = '', HostPort = 0, HostPortEnd = 0 }: PortBinding): PortRequest {
  const protocol = protocols[Proto]
  if (protocol === undefined) throw new TsnetError('invalid-port', `publish port ${Port}: protocol ${Proto} is neither TCP, UDP nor SCTP`)
  if (Port === 0) throw new TsnetError('invalid-port', 'publish port 0: a port is a number from 1 to 65535')
  if (HostPortEnd !== 0 && HostPortEnd < HostPort) {
    throw new TsnetError('invalid-port', `publish port ${Port}: the host ports ${HostPort}-${HostPortEnd} are no range`)
  }
  return {
    protocol, container: { first: Port, last: Port },
    ...HostPort === 0 ? {} : { host: { first: HostPort, last: Math.max(HostPort, HostPortEnd) } },
    ...HostIP === '' ? {} : { hostIp: HostIP },
  }
}

/** The same for the same bindings, whatever their order. */
function byPlace(a: PortRequest, b: PortRequest): number {
  const text = ({ protocol, hostIp = '' }: PortRequest): string => `${protocol} ${hostIp}`
  return text(a) < text(b) ? -1 : text(a) > text(b) ? 1
    : (a.host?.first ?? 0) - (b.host?.first ?? 0) || (a.host?.last ?? 0) - (b.host?.last ?? 0) || a.container.first - b.container.first
}

/** Both as one, where the second continues the first on the host and in the container. */
function follow(first: PortRequest, next: PortRequest): PortRequest | undefined {
  if (first.host === undefined || next.host === undefined || first.protocol !== next.protocol || first.hostIp !== next.hostIp) return undefined
  const isShift = first.host.last - first.host.first === first.container.last - first.container.first && next.host.first === next.host.last
  if (!isShift || next.host.first !== first.host.last + 1 || next.container.first !== first.container.last + 1) return undefined
  return { ...first, host: { first: first.host.first, last: next.host.last }, container: { first: first.container.first, last: next.container.last } }
}
