/**
 * An endpoint on a bridge as kernel objects: the veth pair, its addresses and routes inside the sandbox, its published ports.
 * Pure.
 */
import type { EndpointIntent, NetworkIntent, SandboxIntent } from '../../cnm/driver.ts'
import type { EndpointFacts, Facts } from '../../objects/facts.ts'
import type { Family } from '../../objects/firewall.ts'
import type { LinkObject, KernelObject, VethObject } from '../../objects/object.ts'
import { TsnetError } from '../../errors/error.ts'
import { parseEndpointOptions } from './endpoint-options.ts'
import { optionsOf } from './network-objects.ts'
import { isIsolatedPort, portGuard } from './port-guard.ts'
import { publishObjects } from './publish-objects.ts'
import { bridgeOf } from './segments.ts'

export function bridgeEndpointObjects(
  network: NetworkIntent, endpoint: EndpointIntent, sandbox: SandboxIntent, facts: Facts,
): readonly KernelObject[] {
  const { netns } = sandbox
  if (netns === undefined) {
    throw new TsnetError('internal-error', `attach "${endpoint.name}": its sandbox has no namespace of its own`)
  }
  return [
    ...portGuard(network, endpoint),
    { ...veth(network, endpoint, netns, facts), peerDown: true },
    ...interfaceSysctls(endpoint, netns),
    { kind: 'link-up', name: endpoint.interfaceName, netns },
    ...[...endpoint.addresses.map(({ cidr }) => cidr), ...endpoint.linkLocal ?? []]
      .map(cidr => ({ kind: 'address', on: endpoint.interfaceName, cidr, netns } as const)),
    ...bandwidths(endpoint, netns),
    ...endpoint.gatewayFor.flatMap(family => defaultRoute(network, endpoint, family, netns)),
    ...publishObjects(network, endpoint, facts),
  ]
}

/**
 * The host's part of an endpoint: another runtime moves the other end of the pair into its sandbox, and the kernel takes off that end what
 * limits it. @throws invalid-option for a limit of what the container sends
 */
export function foreignEndpointObjects(network: NetworkIntent, endpoint: EndpointIntent, facts: EndpointFacts): readonly KernelObject[] {
  return [
    ...portGuard(network, endpoint), veth(network, endpoint, undefined, facts), ...bandwidths(endpoint), ...publishObjects(network, endpoint, facts),
  ]
}

function veth(network: NetworkIntent, endpoint: EndpointIntent, netns: string | undefined, facts: EndpointFacts): VethObject {
  const options = optionsOf(network)
  return {
    kind: 'veth', host: endpoint.hostInterface, peer: endpoint.interfaceName, ...netns === undefined ? {} : { netns }, mac: endpoint.mac,
    master: bridgeOf(network, endpoint.segment), mtu: options.mtu,
    // Where bridged packets go through iptables, a container reaches its own published port only by a reflected packet.
    hairpin: facts.bridgeNetfilter.v4 || facts.bridgeNetfilter.v6,
    ...isIsolatedPort(network, facts) ? { isolated: true } : {},
    // A redirected frame comes back to a further bridge from the first one.
    ...endpoint.segment === undefined || endpoint.segment === 0 ? {} : { sticky: true },
    alias: `tsnet:${endpoint.id}`,
  }
}

/** What a container receives leaves the host's end of its pair; what it sends leaves its own, out of its reach without CAP_NET_ADMIN. */
function bandwidths({ options = {}, hostInterface, interfaceName, name }: EndpointIntent, netns?: string): readonly LinkObject[] {
  const { ingress, egress } = parseEndpointOptions(options)
  if (egress !== undefined && netns === undefined) {
    throw new TsnetError('invalid-option', `attach "${name}" with tsnet.bandwidth.egress: another runtime moves its link, and the limit would be lost; `
      + 'tsnet.bandwidth.ingress limits what it receives')
  }
  return [
    ...ingress === undefined ? [] : [{ kind: 'bandwidth', on: hostInterface, ...ingress } as const],
    ...egress === undefined || netns === undefined ? [] : [{ kind: 'bandwidth', on: interfaceName, netns, ...egress } as const],
  ]
}

/**
 * Before the link is up, so that one without IPv6 joins no groups and asks nobody, and before the addresses, as they change what an address
 * does. What was asked for takes the place of what tsnet would set.
 */
function interfaceSysctls(endpoint: EndpointIntent, netns: string): readonly LinkObject[] {
  const asked = (endpoint.sysctls ?? []).map(({ key, value }): LinkObject => ({ kind: 'sysctl', key, value, netns }))
  const isAsked = (own: LinkObject): boolean =>
    asked.some(one => one.kind === 'sysctl' && own.kind === 'sysctl' && one.key === own.key)
  return [...defaultSysctls(endpoint, netns).filter(own => !isAsked(own)), ...asked]
}

/** IPv6 may be off by default; and without IPv6, not even a link-local address. */
function defaultSysctls(endpoint: EndpointIntent, netns: string): readonly LinkObject[] {
  const folder = `net/ipv6/conf/${endpoint.interfaceName}`
  const sysctl = (key: string, value: string): LinkObject =>
    ({ kind: 'sysctl', key: `${folder}/${key}`, value, netns, optional: true })
  if (!endpoint.addresses.some(({ family }) => family === 6)) return [sysctl('disable_ipv6', '1')]
  // A neighbour's router advertisement must not change the routes that tsnet made.
  return [sysctl('disable_ipv6', '0'), sysctl('accept_ra', '0')]
}

function defaultRoute(network: NetworkIntent, endpoint: EndpointIntent, family: Family, netns: string): readonly LinkObject[] {
  const via = network.subnets.find(subnet => subnet.family === family)?.gateway
  if (via === undefined || network.internal) return []
  return [{ kind: 'route', to: 'default', family, dev: endpoint.interfaceName, via, netns }]
}
