/** The words that all pictures of a topology share. */
import type { EndpointNode, LinkCounters, NetworkNode, PortNode, RuleNode, UplinkNode } from '../../topology/model.ts'
import { spanText } from '../../topology/title.ts'
import { bracketed } from './port-text.ts'
import { formatSize } from './size.ts'

/** `0.0.0.0:8888 → 80/tcp`; a port on every address has no address in front. */
export function portText({ hostIp, hostPorts, containerPorts, protocol }: PortNode): string {
  return `${hostIp === null ? '' : bracketed(hostIp)}:${spanText(hostPorts)} → ${spanText(containerPorts)}/${protocol}`
}

/** `3 packets, 180B`. */
export function countText({ packets, bytes }: Pick<RuleNode, 'packets' | 'bytes'>): string {
  return `${packets} packet${packets === 1 ? '' : 's'}, ${formatSize(bytes)}`
}

/** What a port has counted, or that nobody counts, as on kernels and in rules from before elements could; nothing of one that is not there. */
export function portCountText({ packets, bytes, missing }: PortNode): string {
  if (packets !== null && bytes !== null) return `  ${countText({ packets, bytes })}`
  return missing ? '' : '  not counted'
}

/** Where a container's default routes go when not this way: `default route by blue`, `IPv6 default route by blue`. */
export function defaultRouteText({ link, gatewayFor, defaultRoutes }: EndpointNode): string {
  if (link === null) return ''
  if (defaultRoutes.length === 0) return 'no default route'
  const others = defaultRoutes.filter(({ family }) => !gatewayFor.includes(family))
  const names = new Set(others.map(({ network }) => network))
  if (names.size === 1 && gatewayFor.length === 0) return `default route by ${[...names].join()}`
  return others.map(({ family, network }) => `IPv${family} default route by ${network}`).join('  ')
}

/** What went from the far end of a link to the host, and back. */
export function trafficText({ rxPackets, rxBytes, txPackets, txBytes, rxDropped, txDropped }: LinkCounters): string {
  const dropped = rxDropped + txDropped
  return `in ${countText({ packets: rxPackets, bytes: rxBytes })}; out ${countText({ packets: txPackets, bytes: txBytes })}`
    + (dropped === 0 ? '' : `; ${dropped} dropped`)
}

/** What is unusual about a network, in few words. */
export function traitsOf({ driver, internal, bridge }: NetworkNode): readonly string[] {
  if (bridge === null) return []
  const modes = [['IPv4', bridge.gatewayModes.ipv4], ['IPv6', bridge.gatewayModes.ipv6]] as const
  return [
    ...driver === 'cni' ? ['CNI'] : [], ...internal ? ['internal'] : [], ...bridge.icc ? [] : ['no traffic between members'], ...bridge.masquerade ? [] : ['not masqueraded'],
    ...modes.flatMap(([family, mode]) => mode === 'nat' ? [] : [`${family} ${mode}`]),
  ]
}

/** `bridge docker0, mtu 1500`; the driver alone for `host` and `none`. */
export function bridgeText({ driver, bridge }: NetworkNode): string {
  if (bridge === null) return driver
  const { name, mtu, up, segments } = bridge
  return `bridge ${name}, mtu ${mtu}${up ? '' : ', down'}${segments.length === 0 ? '' : `, ${segments.length} more bridge${segments.length === 1 ? '' : 's'}`}`
}

export function addressesOf({ addresses }: EndpointNode): string {
  return addresses.map(({ cidr }) => cidr).join(', ')
}

export function linkText({ link }: EndpointNode): string {
  if (link === null) return ''
  return `${link.container} ↔ ${link.host}${link.segment === null ? '' : ` on ${link.segment}`}${link.up ? '' : ' (down)'}`
}

export function namespaceText({ namespace }: EndpointNode): string {
  return namespace === null ? '' : `namespace ${namespace}`
}

export function uplinkText({ name, addresses, gateways, mtu, up }: UplinkNode): string {
  return [`${name}${up ? '' : ' (down)'}`, addresses.join(', '), gateways.length === 0 ? '' : `via ${gateways.join(', ')}`, `mtu ${mtu}`]
    .filter(part => part !== '').join('  ')
}
