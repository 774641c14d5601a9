/**
 * What the plugin bridge makes for one interface, as kernel objects. Pure.
 *
 * The bridge itself, its gateway addresses and forwarding belong to all interfaces on it and stay, as with the reference plugin: ensure.ts.
 */
import { cidrOf, formatCidr, nthAddress, parseInterfaceAddress } from '../../address/cidr.ts'
import { formatIp, parseIp } from '../../address/ip.ts'
import { macOfIp } from '../../address/mac.ts'
import type { KernelObject, LinkObject, PortVlans } from '../../objects/object.ts'
import { linkAlias } from '../attachment.ts'
import type { Request } from '../request.ts'
import { type CniIp, type CniResult, type CniRoute, familyOfAddress } from '../result.ts'
import { type BridgeConfig, gatewayLink, usesVlans } from './config.ts'

/** An interface as it is to be: names chosen, addresses and routes completed. */
export interface BridgePlan {
  readonly config: BridgeConfig
  readonly hostName: string
  readonly mac: string
  /** Path by which this process reaches the namespace. */
  readonly netns: string
  readonly ips: readonly (CniIp & { readonly interface: number })[]
  readonly routes: readonly CniRoute[]
  readonly ipam: CniResult
}

/** Index of the container's interface in the result, after the bridge and the host's end. */
const containerInterface = 2

export interface PlanInput {
  readonly request: Request
  readonly config: BridgeConfig
  readonly netns: string
  readonly ipam: CniResult
  /** Eight random hexadecimal digits each. */
  readonly random: readonly [host: string, mac: string]
}

export function planBridge({ request, config, netns, ipam, random }: PlanInput): BridgePlan {
  const ips = ipam.ips.map(ip => ({ ...ip, interface: containerInterface, ...gatewayOf(config, ip) }))
  const [first] = ips
  return {
    config, hostName: `veth${random[0]}`, netns, ips, ipam,
    // Derived from the address, so that the neighbours' caches are right when it is handed out again.
    mac: config.mac ?? (first === undefined ? `02:42:${random[1].match(/../g)?.join(':') ?? ''}` : macOfIp(parseInterfaceAddress(first.address).ip)),
    routes: routesOf(request, config, { ...ipam, ips }),
  }
}

/** The first address of the subnet stands in for a gateway that IPAM did not name. */
function gatewayOf({ isGateway }: BridgeConfig, ip: CniIp): { readonly gateway?: string } {
  if (ip.gateway !== undefined || !isGateway) return {}
  return { gateway: formatIp(nthAddress(cidrOf(parseInterfaceAddress(ip.address)), 1n)) }
}

function routesOf(_request: Request, { isDefaultGateway }: BridgeConfig, { ips, routes }: CniResult): readonly CniRoute[] {
  if (!isDefaultGateway) return routes
  const missing = ([4, 6] as const).flatMap(family => {
    const dst = family === 4 ? '0.0.0.0/0' : '::/0'
    const gateway = ips.find(ip => familyOfAddress(ip.address) === family)?.gateway
    return gateway === undefined || routes.some(route => route.dst === dst && route.gw !== undefined) ? [] : [{ dst, gw: gateway }]
  })
  return [...routes, ...missing]
}

/** In order of creation. */
export function bridgeObjects(request: Request, plan: BridgePlan): readonly KernelObject[] {
  const { config, hostName, mac, netns, ips } = plan
  const { ifname } = request
  return [
    ...config.macspoofchk ? [{ kind: 'port-guard', port: hostName, sources: { mac } } as const] : [],
    {
      kind: 'veth', host: hostName, peer: ifname, netns, mac, master: config.bridge, hairpin: config.hairpinMode, alias: linkAlias(request),
      ...config.mtu === undefined ? {} : { mtu: config.mtu }, ...config.portIsolation ? { isolated: true } : {},
      ...usesVlans(config) ? { vlans: portVlans(config) } : {},
      ...config.disableContainerInterface ? { peerDown: true } : {},
    },
    ...ips.length === 0 ? [] : settings(plan, ifname),
    ...ips.map(({ address }): LinkObject => ({ kind: 'address', on: ifname, cidr: address, netns })),
    ...ips.length === 0 ? [] : plan.routes.map(route => routeObject(plan, ifname, route)),
  ]
}

function portVlans({ vlan, vlanTrunk, preserveDefaultVlan }: BridgeConfig): PortVlans {
  return { ...vlan === 0 ? {} : { untagged: vlan }, tagged: vlanTrunk, keepsDefault: preserveDefaultVlan }
}

/** The gateway of a VLAN: a port of the bridge like a container's, whose other end stays on the host. */
export function vlanGatewayObjects(config: BridgeConfig, { alias, random }: { readonly alias: string, readonly random: readonly [host: string, mac: string] }): readonly LinkObject[] {
  const peer = gatewayLink(config)
  return [
    {
      kind: 'veth', host: `veth${random[0]}`, peer, mac: `02:42:${random[1].replace(/..(?=.)/g, '$&:')}`, master: config.bridge, hairpin: false, alias,
      vlans: portVlans({ ...config, vlanTrunk: [] }), ...config.mtu === undefined ? {} : { mtu: config.mtu },
    },
    { kind: 'link-up', name: peer },
  ]
}

/** Duplicate detection is pointless, as the addresses are ours to give, and would keep them unusable for a second. */
function settings({ config, ips, netns }: BridgePlan, ifname: string): readonly LinkObject[] {
  const set = (family: 'ipv4' | 'ipv6', key: string, value: string): LinkObject =>
    ({ kind: 'sysctl', key: `net/${family}/conf/${ifname}/${key}`, value, netns, optional: true })
  const has6 = ips.some(({ address }) => familyOfAddress(address) === 6)
  return [
    set('ipv4', 'arp_notify', '1'),
    ...has6 ? [
      set('ipv6', 'disable_ipv6', '0'), set('ipv6', 'keep_addr_on_down', '1'), ...config.enabledad ? [] : [set('ipv6', 'accept_dad', '0')],
    ] : [],
  ]
}

/** A container may have interfaces of several networks, each with a default route: the last one's comes first, as the reference plugin has it. */
function routeObject({ ips, netns }: BridgePlan, ifname: string, route: CniRoute): LinkObject {
  const family = familyOfAddress(route.dst)
  const via = route.gw ?? ips.find(ip => familyOfAddress(ip.address) === family)?.gateway
  const { mtu, advmss, priority, table, scope } = route
  return {
    kind: 'route', to: canonicalDestination(route.dst), family, dev: ifname, netns, first: true,
    ...via === undefined ? {} : { via: formatIp(parseIp(via)) },
    ...priority === undefined ? {} : { metric: priority }, ...table === undefined ? {} : { tableId: table }, ...scope === undefined ? {} : { scope },
    ...mtu === undefined ? {} : { mtu }, ...advmss === undefined ? {} : { advmss },
  }
}

function canonicalDestination(dst: string): string {
  const { ip, prefix } = parseInterfaceAddress(dst)
  return prefix === 0 ? 'default' : formatCidr(cidrOf({ ip, prefix }))
}

/** The masquerade of each subnet, one rule however many interfaces it has; and what guards of ports stand in. */
export function bridgeShared({ config, ips }: Pick<BridgePlan, 'config' | 'ips'>): readonly KernelObject[] {
  const guarded: readonly KernelObject[] = config.macspoofchk ? [{ kind: 'guarded-bridge', bridge: config.bridge }] : []
  if (!config.ipMasq) return guarded
  return [...guarded, ...ips.map(({ address }): KernelObject => ({
    kind: 'masquerade', family: familyOfAddress(address), bridge: gatewayLink(config), subnet: formatCidr(cidrOf(parseInterfaceAddress(address))),
  }))]
}

/** Addresses that the bridge, or the gateway of the VLAN, is to have. */
export function gatewayAddresses({ config, ips }: Pick<BridgePlan, 'config' | 'ips'>): readonly string[] {
  if (!config.isGateway) return []
  const all = ips.flatMap(({ gateway, address }) =>
    gateway === undefined ? [] : [`${formatIp(parseIp(gateway))}/${parseInterfaceAddress(address).prefix}`])
  return [...new Set(all)]
}
