/**
 * A bridge network as kernel objects, in groups: the frame for the guards of its ports, the bridge with its addresses, the firewall's rules, and forwarding
 * last, so that the host never forwards for a network whose rules are not there yet. Pure.
 */
import { parseCidr } from '../../address/cidr.ts'
import { macOfIp } from '../../address/mac.ts'
import { parseIp } from '../../address/ip.ts'
import type { NetworkIntent } from '../../cnm/driver.ts'
import { defaultNetworkName } from '../../cnm/names.ts'
import type { BridgeOptions, Subnet } from '../../cnm/types.ts'
import { TsnetError } from '../../errors/error.ts'
import type { Facts } from '../../objects/facts.ts'
import type { Family, FirewallObject, GatewayMode } from '../../objects/firewall.ts'
import type { KernelObject, LinkObject, SysctlObject } from '../../objects/object.ts'

/** Above the metric of the kernel's own ::1, which stays the first choice of the host itself. */
const loopbackRouteMetric = 4096

export function bridgeNetworkObjects(network: NetworkIntent, facts: Facts): readonly KernelObject[] {
  const options = optionsOf(network)
  if (network.enableIPv6 && !facts.ipv6) {
    throw new TsnetError('kernel-feature-missing', `create network "${network.name}": this host has no IPv6 (sysctl net.ipv6.conf.all.disable_ipv6 is 1, or the kernel is without)`)
  }
  return [...guardObjects(options), ...linkObjects(network, options, facts), ...firewallObjects(network, options, facts), ...forwardingSysctls(network)]
}

/** The parsed options of a bridge network's record. */
export function optionsOf(network: NetworkIntent): BridgeOptions {
  if (network.parsed !== undefined) return network.parsed
  throw new TsnetError('internal-error', `read network "${network.name}": it has no bridge options`)
}

/** The MAC of the network's bridge. A bridge without an address of its own takes the lowest of its ports, and changes it with them. */
export function bridgeMac(network: NetworkIntent): string | undefined {
  const gateway = network.subnets.find(subnet => subnet.gateway !== undefined && !isInhibited(optionsOf(network), subnet))?.gateway
  return gateway === undefined ? undefined : macOfIp(parseIp(gateway))
}

/** Whether there are links by which containers are reached at their own addresses, and that is not so anyway. */
export function isTrusting({ trustedInterfaces = [] }: BridgeOptions, mode: GatewayMode): boolean {
  return mode === 'nat' && trustedInterfaces.length > 0
}

/** The gateway mode of the network in one family. */
export function modeOf(options: BridgeOptions, family: Family): GatewayMode {
  return family === 4 ? options.gatewayModeV4 : options.gatewayModeV6
}

/** What the guards of its ports stand in, where there are any. */
function guardObjects({ bridgeName, antiSpoofing = true, icc }: BridgeOptions): readonly KernelObject[] {
  return antiSpoofing || !icc ? [{ kind: 'guarded-bridge', bridge: bridgeName }] : []
}

function linkObjects(network: NetworkIntent, options: BridgeOptions, facts: Facts): readonly LinkObject[] {
  const name = options.bridgeName
  const mac = bridgeMac(network)
  return [
    { kind: 'bridge', name, mtu: options.mtu, ...mac === undefined ? {} : { mac }, alias: `tsnet:${network.id}` },
    ...bridgeSysctls(network, options),
    ...network.subnets.flatMap(subnet => subnet.gateway === undefined || isInhibited(options, subnet) ? []
      : [{ kind: 'address', on: name, cidr: `${subnet.gateway}/${parseCidr(subnet.cidr).prefix}` } as const]),
    { kind: 'link-up', name },
    ...hasLoopbackRoute(network, options, facts) ? [loopbackRoute(name)] : [],
  ]
}

function bridgeSysctls(network: NetworkIntent, options: BridgeOptions): readonly SysctlObject[] {
  const hasV6 = network.enableIPv6 && modeOf(options, 6) !== 'isolated'
  const sysctl = (key: string, value: string): SysctlObject => ({ kind: 'sysctl', key, value, optional: true })
  return [
    // Ports published on 127.0.0.1 go through the bridge; the firewall's loopback guard keeps others out.
    { kind: 'sysctl', key: `net/ipv4/conf/${options.bridgeName}/route_localnet`, value: '1' },
    // Before the addresses: a host may have IPv6 off by default. And a container must not be the host's router.
    sysctl(`net/ipv6/conf/${options.bridgeName}/disable_ipv6`, hasV6 ? '0' : '1'),
    sysctl(`net/ipv6/conf/${options.bridgeName}/accept_ra`, '0'),
  ]
}

/** Makes ports published on [::1] work; where bridge-nf-call-ip6tables is on, the kernel drops them all the same. */
function hasLoopbackRoute(network: NetworkIntent, options: BridgeOptions, facts: Facts): boolean {
  return network.enableIPv6 && !network.internal && isNat(modeOf(options, 6)) && !facts.bridgeNetfilter.v6
}

function loopbackRoute(dev: string): LinkObject {
  return { kind: 'route', to: '::1/128', family: 6, dev, type: 'local', table: 'local', metricAboveIfindex: loopbackRouteMetric }
}

function firewallObjects(network: NetworkIntent, options: BridgeOptions, facts: Facts): readonly FirewallObject[] {
  const families = familiesOf(network)
  return [
    ...families.map(family => isolation(network, options, family)),
    ...network.subnets.flatMap(subnet => masquerade(network, options, subnet)),
    ...network.subnets.flatMap(subnet => resolver(network, options, subnet, facts)),
    ...families.filter(family => forwards(network) && !(family === 4 ? facts.forwarding.v4 : facts.forwarding.v6))
      .map(family => ({ kind: 'forward-guard', family } as const)),
  ]
}

function isolation(network: NetworkIntent, options: BridgeOptions, family: Family): FirewallObject {
  const subnets = network.subnets.filter(subnet => subnet.family === family)
  const mode = modeOf(options, family)
  return {
    kind: 'isolation', family, bridge: options.bridgeName,
    subnets: subnets.map(subnet => subnet.cidr),
    gateways: subnets.flatMap(subnet => subnet.gateway ?? []),
    icc: options.icc, internal: network.internal, mode,
    ...isNat(mode) && !options.masquerade && !network.internal ? { unmasqueraded: true } : {},
    ...isTrusting(options, mode) ? { trusted: options.trustedInterfaces ?? [] } : {},
    ...options.publishedTo === undefined ? {} : { publishedTo: options.publishedTo.filter(subnet => parseCidr(subnet).family === family) },
  }
}

function masquerade(network: NetworkIntent, options: BridgeOptions, subnet: Subnet): readonly FirewallObject[] {
  const { family, cidr } = subnet
  if (network.internal || !options.masquerade || !isNat(modeOf(options, family))) return []
  const source = family === 4 ? options.snatV4 : options.snatV6
  return [{ kind: 'masquerade', family, bridge: options.bridgeName, subnet: cidr, ...source === undefined ? {} : { source } }]
}

/**
 * Names are for networks that somebody made: on the default network, as on Docker's, containers do not find each other by name. Where the
 * host has no address in the network, there is none to ask. The names of another runtime's containers are that runtime's.
 */
function resolver(network: NetworkIntent, options: BridgeOptions, subnet: Subnet, facts: Facts): readonly FirewallObject[] {
  if (network.name === defaultNetworkName || network.foreign !== undefined || subnet.gateway === undefined || facts.resolverPort === undefined) return []
  if (isInhibited(options, subnet)) return []
  return [{ kind: 'resolver', family: subnet.family, bridge: options.bridgeName, address: subnet.gateway, port: facts.resolverPort }]
}

function forwardingSysctls(network: NetworkIntent): readonly SysctlObject[] {
  if (!forwards(network)) return []
  return familiesOf(network).map(family => ({
    kind: 'sysctl', key: family === 4 ? 'net/ipv4/ip_forward' : 'net/ipv6/conf/all/forwarding', value: '1', keep: true,
  }))
}

/** The host is to have no IPv4 address in the network, though the network has a gateway: somebody else's. */
function isInhibited({ inhibitV4 = false }: BridgeOptions, { family }: Subnet): boolean {
  return inhibitV4 && family === 4
}

/** Members of an internal network talk over the bridge alone; nothing is forwarded for them. */
function forwards(network: NetworkIntent): boolean {
  return !network.internal
}

function isNat(mode: GatewayMode): boolean {
  return mode === 'nat' || mode === 'nat-unprotected'
}

function familiesOf(network: NetworkIntent): readonly Family[] {
  return [...network.enableIPv4 ? [4] as const : [], ...network.enableIPv6 ? [6] as const : []]
}
