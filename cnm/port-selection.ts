/**
 * Which of a sandbox's published ports a request takes back, and what it leaves of them: the middle of a range leaves its two ends. Pure.
 */
import { canonicalIp, familyOf } from '../address/ip.ts'
import { TsnetError } from '../errors/error.ts'
import type { PortRange, Protocol } from '../objects/firewall.ts'
import type { PortRequest, SandboxPort } from './types.ts'

export interface PortSelection { readonly gone: readonly SandboxPort[], readonly left: readonly SandboxPort[] }

/** Where in a range, counted from its first port; both inclusive. */
interface Part { readonly from: number, readonly to: number }

/**
 * Everything published that a request names: `80` all places where 80 is published, `8080:80` that one, `8003:8003` one port of a range.
 * @param container what sentences call it
 * @throws port-not-published for a request that names nothing published
 */
export function selectPorts(ports: readonly SandboxPort[], requests: readonly PortRequest[], container: string): PortSelection {
  const { singles, ranges } = indexed(ports)
  const cuts = new Map<SandboxPort, Part[]>()
  for (const request of requests) {
    const near = [...numbersOf(request.container).flatMap(number => singles.get(keyOf(request.protocol, number)) ?? []), ...ranges]
    const found = near.flatMap(port => {
      const part = partOf(port, request)
      return part === undefined ? [] : [{ port, part }]
    })
    if (found.length === 0) throw notPublished(request, container)
    for (const { port, part } of found) cuts.set(port, [...cuts.get(port) ?? [], part])
  }
  const cut = ports.map(port => cutOut(port, cuts.get(port) ?? []))
  return { gone: cut.flatMap(({ gone }) => gone), left: cut.flatMap(({ left }) => left) }
}

/** Single ports by number, as there may be thousands of them. */
function indexed(ports: readonly SandboxPort[]) {
  const isSingle = ({ container }: SandboxPort): boolean => container.first === container.last
  return {
    singles: Map.groupBy(ports.filter(isSingle), ({ protocol, container }) => keyOf(protocol, container.first)),
    ranges: ports.filter(port => !isSingle(port)),
  }
}

function keyOf(protocol: Protocol, number: number): string {
  return `${protocol} ${number}`
}

function numbersOf({ first, last }: PortRange): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

function partOf(port: SandboxPort, { protocol, container, host, hostIp }: PortRequest): Part | undefined {
  if (protocol !== port.protocol) return undefined
  if (hostIp !== undefined && (port.hostIp === undefined || canonicalIp(port.hostIp) !== canonicalIp(hostIp))) return undefined
  // Where nothing is translated the host has no port of its own, whichever was asked for.
  const pairs = [[port.container, container], [port.host, port.held.length === 0 ? port.host : host ?? port.host]] as const
  const from = Math.max(...pairs.map(([range, asked]) => Math.max(0, asked.first - range.first)))
  const to = Math.min(...pairs.map(([range, asked]) => Math.min(range.last, asked.last) - range.first))
  return from <= to ? { from, to } : undefined
}

function cutOut(port: SandboxPort, parts: readonly Part[]): PortSelection {
  if (parts.length === 0) return { gone: [], left: [port] }
  const gone: SandboxPort[] = []
  const left: SandboxPort[] = []
  let next = 0
  for (const { from, to } of parts.toSorted((a, b) => a.from - b.from)) {
    if (next < from) left.push(sliceOf(port, { from: next, to: from - 1 }))
    if (next <= to) gone.push(sliceOf(port, { from: Math.max(next, from), to }))
    next = Math.max(next, to + 1)
  }
  const end = port.host.last - port.host.first
  if (next <= end) left.push(sliceOf(port, { from: next, to: end }))
  return { gone, left }
}

/** Some neighbouring ports of a range, published as the range is. */
function sliceOf(port: SandboxPort, { from, to }: Part): SandboxPort {
  const slice = ({ first }: PortRange): PortRange => ({ first: first + from, last: first + to })
  return { ...port, host: slice(port.host), container: slice(port.container) }
}

function notPublished({ protocol, hostIp, container, host }: PortRequest, from: string): TsnetError {
  const address = hostIp === undefined ? [] : [familyOf(hostIp) === 6 ? `[${hostIp}]` : hostIp]
  const places = [...address, ...host === undefined ? [] : [textOf(host)], textOf(container)].join(':')
  return new TsnetError('port-not-published', `remove port ${places}/${protocol} of ${from}: it is not published`, { data: { protocol, container } })
}

function textOf({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`
}
