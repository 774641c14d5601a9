/** Which of a sandbox's published ports a request means, when it is about taking them back. Pure. */
import { canonicalIp } from '../address/ip.ts'
import { TsnetError } from '../errors/error.ts'
import type { PortRange, Protocol } from '../objects/firewall.ts'
import type { PortRequest, SandboxPort } from './types.ts'

/**
 * Every published port that fits a request: `80` all places where 80 is published, `8080:80` that one. A range goes as a whole.
 * @throws port-not-published for a request that none fits
 */
export function selectPorts(ports: readonly SandboxPort[], requests: readonly PortRequest[]): readonly SandboxPort[] {
  const byFirst = Map.groupBy(ports, port => keyOf(port.protocol, port.container.first))
  const selected = new Set(requests.flatMap(request => {
    const { first, last } = request.container
    const near = Array.from({ length: last - first + 1 }, (_, i) => byFirst.get(keyOf(request.protocol, first + i)) ?? []).flat()
    const found = near.filter(port => fits(port, request))
    if (found.length === 0) throw notPublished(request, ports)
    return found
  }))
  return ports.filter(port => selected.has(port))
}

function keyOf(protocol: Protocol, first: number): string {
  return `${protocol} ${first}`
}

function fits(port: SandboxPort, { container, host, hostIp }: PortRequest): boolean {
  return isWithin(port.container, container)
    && (host === undefined || isWithin(port.host, host))
    && (hostIp === undefined || port.hostIp !== undefined && canonicalIp(port.hostIp) === canonicalIp(hostIp))
}

function isWithin(range: PortRange, asked: PortRange): boolean {
  return asked.first <= range.first && range.last <= asked.last
}

function notPublished(request: PortRequest, ports: readonly SandboxPort[]): TsnetError {
  const { protocol, container } = request
  const part = ports.find(port => port.protocol === protocol && port.container.first <= container.first && container.last <= port.container.last
    && port.container.first !== port.container.last)
  const reason = part === undefined ? 'it is not published'
    : `it is part of the range ${textOf(part.host)}:${textOf(part.container)}, which can only be removed as a whole`
  const host = request.host === undefined ? '' : `${textOf(request.host)}:`
  return new TsnetError('port-not-published', `remove port ${host}${textOf(container)}/${protocol}: ${reason}`, { data: { protocol, container } })
}

function textOf({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`
}
