/**
 * Published ports of a container as firewall objects: one DNAT per port and family, and, once for the container's bridge, what lets the host
 * itself and the container's neighbours use them. Pure.
 */
import { cidrOf, formatCidr, parseInterfaceAddress } from '../../address/cidr.ts'
import { formatIp } from '../../address/ip.ts'
import type { Family, FirewallObject, PortMark } from '../../objects/firewall.ts'
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

export function portObjects(config: PortmapConfig, { link, ips }: PortTarget): PortObjects {
  const { mappings, snat } = config
  if (mappings.length === 0) return { objects: [], shared: [], hostPorts: [] }
  const targets = ([4, 6] as const).flatMap(family => {
    const address = ips.find(ip => familyOfAddress(ip.address) === family)?.address
    return address === undefined || !mappings.some(mapping => isFor(mapping, family)) ? [] : [{ family, link, address }]
  })
  const local: readonly KernelObject[] = snat && targets.some(({ family }) => family === 4)
    ? [{ kind: 'sysctl', key: `net/ipv4/conf/${link}/route_localnet`, value: '1' }] : []
  return {
    objects: [...local, ...targets.flatMap(target => mappings.filter(mapping => isFor(mapping, target.family)).map(mapping => publish(mapping, config, target)))],
    shared: snat ? targets.flatMap(target => hairpins(config, target)) : [],
    hostPorts: mappings.map(({ protocol, hostPort, hostIp }) => ({ protocol, port: hostPort, hostIp: isEveryAddress(hostIp) ? '' : hostIp ?? '' })),
  }
}

interface FamilyTarget { readonly family: Family, readonly link: string, readonly address: string }

function publish({ protocol, hostPort, containerPort, hostIp }: PortMapping, config: PortmapConfig, { family, link, address }: FamilyTarget): FirewallObject {
  const conditions = config.conditions[family]
  const mark = markOf(config, { family, link, address })
  return {
    kind: 'publish', family, bridge: link, protocol, ...isEveryAddress(hostIp) || hostIp === undefined ? {} : { hostIp },
    host: { first: hostPort, last: hostPort }, containerIp: formatIp(parseInterfaceAddress(address).ip),
    container: { first: containerPort, last: containerPort },
    ...conditions.length === 0 ? {} : { conditions }, ...mark === undefined ? {} : { mark },
  }
}

/** What the reference plugin marks: what comes from the container's own subnet and from 127.0.0.1, or all of it. */
function markOf({ snat, masqAll, mark }: PortmapConfig, { family, address }: FamilyTarget): PortMark | undefined {
  if (!snat || mark === undefined) return undefined
  return { ...mark, ...masqAll ? {} : { from: [subnetOf(address), ...family === 4 ? ['127.0.0.1/32'] : []] } }
}

/** Who masquerades by the mark of another chain does so by itself. */
function hairpins({ masqAll, mark }: PortmapConfig, { family, link, address }: FamilyTarget): readonly FirewallObject[] {
  const near = { kind: 'hairpin', family, bridge: link } as const
  if (mark !== undefined && 'chain' in mark) return [{ ...near, who: 'nobody' }]
  return [near, { ...near, subnet: subnetOf(address), ...masqAll ? { who: 'everybody' } : {} }]
}

function subnetOf(address: string): string {
  return formatCidr(cidrOf(parseInterfaceAddress(address)))
}
