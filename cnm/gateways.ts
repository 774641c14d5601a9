/**
 * Which endpoint of a sandbox leads out, per family; and which of the sandbox's ports it publishes for that. Pure.
 *
 * The order is Docker's: higher priority, then both families before one, then the network's name. IPv4 and IPv6 may leave by
 * different endpoints. Ports go where the gateway goes: an answer that left by another network than the question came from
 * would not find its way back.
 */
import { familyOf } from '../address/ip.ts'
import type { Family, GatewayMode } from '../objects/firewall.ts'
import type { NetworkRecord, PortBinding, SandboxPort } from './types.ts'

type Way = Pick<NetworkRecord, 'name' | 'internal' | 'subnets' | 'parsed'>

/** An endpoint as the choice sees it. */
export interface GatewayCandidate { readonly network: Way, readonly gwPriority?: number }

const families = [4, 6] as const

/** For each candidate, in the order given, the families whose default route goes through it. */
export function chooseGateways(candidates: readonly GatewayCandidate[]): readonly (readonly Family[])[] {
  const ranked = candidates.toSorted(byRank)
  const chosen = new Map(families.map(family => [family, ranked.find(({ network }) => leadsOut(network, family))]))
  return candidates.map(candidate => families.filter(family => chosen.get(family) === candidate))
}

function byRank(a: GatewayCandidate, b: GatewayCandidate): number {
  const ways = ({ network }: GatewayCandidate): number => families.filter(family => leadsOut(network, family)).length
  return (b.gwPriority ?? 0) - (a.gwPriority ?? 0) || ways(b) - ways(a)
    || (a.network.name < b.network.name ? -1 : a.network.name > b.network.name ? 1 : 0)
}

function leadsOut(network: Way, family: Family): boolean {
  return !network.internal && network.subnets.some(subnet => subnet.family === family && subnet.gateway !== undefined)
}

/** Whether the host's ports lead to an endpoint of the network by NAT, and so have to be held. */
export function isTranslated({ parsed }: Pick<Way, 'parsed'>, family: Family): boolean {
  const mode: GatewayMode | undefined = family === 4 ? parsed?.gatewayModeV4 : parsed?.gatewayModeV6
  return mode === 'nat' || mode === 'nat-unprotected'
}

/** Whether TCP ports that the network publishes over IPv4 alone are served over IPv6 by the proxy. */
export function isProxied(network: Pick<NetworkRecord, 'parsed' | 'foreign' | 'internal'> | undefined): boolean {
  return network?.parsed?.ipv6Proxy !== undefined && network.foreign === undefined && !network.internal && isTranslated(network, 4)
}

/** What an endpoint that is the gateway of `gatewayFor` publishes: the ports whose host side is held there, or not needed. */
export function portsOfGateway(
  ports: readonly SandboxPort[], network: Way, gatewayFor: readonly Family[],
): readonly PortBinding[] {
  return ports.flatMap(({ held, ...binding }) => {
    const asked = gatewayFor.filter(family => binding.hostIp === undefined || familyOf(binding.hostIp) === family)
    const published = asked.filter(family => !isTranslated(network, family) || held.includes(family))
    if (published.length === 0) return []
    return [published.length === asked.length ? binding : { ...binding, families: published }]
  })
}

interface Gateway { readonly network: Way, readonly gatewayFor: readonly Family[] }

/** Sentences about ports that the endpoints given, which are all of the sandbox, do not publish as was asked. */
export function unpublishedWarnings(name: string, ports: readonly SandboxPort[], endpoints: readonly Gateway[]): readonly string[] {
  if (ports.length === 0) return []
  if (endpoints.every(({ gatewayFor }) => gatewayFor.length === 0)) {
    const [first, ...rest] = endpoints
    const why = first === undefined ? 'it is on no network'
      : rest.length > 0 ? 'none of its networks leads out'
      : first.network.internal ? `network "${first.network.name}" is internal` : `network "${first.network.name}" has no gateway`
    return [`ports of "${name}" are not published: ${why}`]
  }
  return [...inhibitedWarnings(name, ports, endpoints), ...families.filter(family => {
    const gateway = endpoints.find(({ gatewayFor }) => gatewayFor.includes(family))
    return gateway !== undefined && isTranslated(gateway.network, family)
      && ports.some(({ held, hostIp }) => hostIp === undefined && !held.includes(family))
  }).map(family => `ports of "${name}" are not published over IPv${family}: when they were reserved, it had no gateway for that`)]
}

/** `inhibit_ipv4`: the host has no address by which it would reach the container, and the answers go to another gateway. */
function inhibitedWarnings(name: string, ports: readonly SandboxPort[], endpoints: readonly Gateway[]): readonly string[] {
  const network = endpoints.find(({ gatewayFor }) => gatewayFor.includes(4))?.network
  if (network?.parsed?.inhibitV4 !== true || !ports.some(({ held }) => held.includes(4))) return []
  return [`ports of "${name}" cannot be reached over IPv4: network "${network.name}" gives the host no IPv4 address (inhibit_ipv4), and its gateway is another machine`]
}
