/** A kernel object in a few words, for people. */
import type { PortRange } from '../objects/firewall.ts'
import type { KernelObject } from '../objects/object.ts'

export function titleOf(object: KernelObject): string {
  switch (object.kind) {
    case 'netns': return `namespace ${object.path}`
    case 'bridge': return `bridge ${object.name}`
    case 'veth': return `veth ${object.host}`
    case 'address': return `address ${object.cidr} on ${object.on}`
    case 'link-up': return `link ${object.name} up`
    case 'route': return `route to ${object.to} on ${object.dev}`
    case 'sysctl': return `sysctl ${object.key}=${object.value}`
    case 'bandwidth': return `${object.bitsPerSecond} bit/s out of ${object.on}`
    case 'isolation': return `rules of ${object.bridge} (IPv${object.family})`
    case 'masquerade': return `masquerade of ${object.subnet}`
    case 'publish': return `publishing of ${spanText(object.host)}/${object.protocol} (IPv${object.family})`
    case 'hairpin': return `ports of ${object.bridge} used by ${object.subnet ?? 'the host'} (IPv${object.family})`
    case 'resolver': return `resolver at ${object.address}`
    case 'guarded-bridge': return `guards of the ports of ${object.bridge}`
    case 'port-guard': return `guard of port ${object.port}`
    case 'segment': return `frames of ${object.bridge} (IPv${object.family})`
    case 'bridge-link': return `link ${object.host} between bridges`
    case 'forward-guard': return `forward guard (IPv${object.family})`
  }
}

/** `80`, or `8000-8009`. */
export function spanText({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`
}
