/**
 * Published ports of a container as firewall objects: one DNAT per port and family, and, once for the container's bridge, what lets the host
 * itself and the container's neighbours use them. Pure.
 */
import { cidrOf, formatCidr, parseInterfaceAddress } from '../../address/cidr.ts'
import { formatIp } from '../../address/ip.ts'
import type { Family, FirewallObject } from '../../objects/firewall.ts'
import type { KernelObject } from '../../objects/object.ts'
import type { HostPort } from '../../store/cni-store.ts'
import { type CniIp, familyOfAddress } from '../result.ts'
import { type PortMapping, type PortmapConfig, isEveryAddress, isFor } from './config.ts'

/** Where the ports lead: the first address of each family, behind an interface of the host. */
export interface PortTarget {
  /** The bridge or, without one, the host's end of the link. */
  readonly link: string
  readonly ips: readonly CniIp[]
}

export interface PortObjects {
  readonly objects: readonly KernelObject[]
  readonly shared: readonly KernelObject[]
  readonly hostPorts: readonly HostPort[]
}

export function portObjects({ mappings, snat }: PortmapConfig, { link, ips }: PortTarget): PortObjects {
  if (mappings.length === 0) return { objects: [], shared: [], hostPorts: [] }
  const targets = ([4, 6] as const).flatMap(family => {
    const address = ips.find(ip => familyOfAddress(ip.address) === family)?.address
    return address === undefined || !mappings.some(mapping => isFor(mapping, family)) ? [] : [{ family, address }]
  })
  const local: readonly KernelObject[] = snat && targets.some(({ family }) => family === 4)
    ? [{ kind: 'sysctl', key: `net/ipv4/conf/${link}/route_localnet`, value: '1' }] : []
  return {
    objects: [...local, ...targets.flatMap(({ family, address }) => mappings.filter(mapping => isFor(mapping, family))
      .map(mapping => publish(mapping, family, link, address)))],
    shared: snat ? targets.flatMap(({ family, address }): readonly FirewallObject[] => [
      { kind: 'hairpin', family, bridge: link }, { kind: 'hairpin', family, bridge: link, subnet: formatCidr(cidrOf(parseInterfaceAddress(address))) },
    ]) : [],
    hostPorts: mappings.map(({ protocol, hostPort, hostIp }) => ({ protocol, port: hostPort, hostIp: isEveryAddress(hostIp) ? '' : hostIp ?? '' })),
  }
}

function publish({ protocol, hostPort, containerPort, hostIp }: PortMapping, family: Family, bridge: string, address: string): FirewallObject {
  return {
    kind: 'publish', family, bridge, protocol, ...isEveryAddress(hostIp) || hostIp === undefined ? {} : { hostIp },
    host: { first: hostPort, last: hostPort }, containerIp: formatIp(parseInterfaceAddress(address).ip),
    container: { first: containerPort, last: containerPort },
  }
}
