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

/** What went from the far end of a link to the host, and back. */
export function trafficText({ rxPackets, rxBytes, txPackets, txBytes, rxDropped, txDropped }: LinkCounters): string {
  const dropped = rxDropped + txDropped
  return `in ${countText({ packets: rxPackets, bytes: rxBytes })}; out ${countText({ packets: txPackets, bytes: txBytes })}`
    + (dropped === 0 ? '' : `; ${dropped} dropped`)
}

/** What is unusual about a network, in few words. */
export function traitsOf({ internal, bridge }: NetworkNode): readonly string[] {
  if (bridge === null) return []
  const modes = [['IPv4', bridge.gatewayModes.ipv4], ['IPv6', bridge.gatewayModes.ipv6]] as const
  return [
    ...internal ? ['internal'] : [], ...bridge.icc ? [] : ['no traffic between members'], ...bridge.masquerade ? [] : ['not masqueraded'],
    ...modes.flatMap(([family, mode]) => mode === 'nat' ? [] : [`${family} ${mode}`]),
  ]
}

/** `bridge docker0, mtu 1500`; the driver alone for `host` and `none`. */
export function bridgeText({ driver, bridge }: NetworkNode): string {
  return bridge === null ? driver : `bridge ${bridge.name}, mtu ${bridge.mtu}${bridge.up ? '' : ', down'}`
}

export function addressesOf({ addresses }: EndpointNode): string {
  return addresses.map(({ cidr }) => cidr).join(', ')
}

export function linkText({ link }: EndpointNode): string {
  if (link === null) return ''
  return `${link.container} ↔ ${link.host}${link.up ? '' : ' (down)'}`
}

export function uplinkText({ name, addresses, gateways, mtu, up }: UplinkNode): string {
  return [`${name}${up ? '' : ' (down)'}`, addresses.join(', '), gateways.length === 0 ? '' : `via ${gateways.join(', ')}`, `mtu ${mtu}`]
    .filter(part => part !== '').join('  ')
}
