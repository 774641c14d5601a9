/**
 * Published ports in Docker's forms: `0.0.0.0:8080->80/tcp`, and the Ports of `inspect`.
 *
 * Where a network translates nothing (gateway mode routed), the host has no port for it: it is at the container's own address.
 */
import { familyOf } from '../../address/ip.ts'
import { isProxied, isTranslated } from '../../cnm/gateways.ts'
import type { EndpointRecord, NetworkRecord, PortBinding, SandboxPort } from '../../cnm/types.ts'

export interface Publisher { readonly endpoint: EndpointRecord, readonly network: NetworkRecord }
export interface HostPort { readonly HostIp: string, readonly HostPort: string }

/** The addresses of the host that a binding answers on; a wildcard one, in the families that it goes through this endpoint. */
export function hostAddresses(binding: PortBinding, { endpoint, network }: Publisher): readonly string[] {
  if (binding.hostIp !== undefined) return [binding.hostIp]
  const proxied = isProxied(network) && binding.protocol === 'tcp' && endpoint.gatewayFor.includes(4)
  const has = (family: 4 | 6): boolean => endpoint.gatewayFor.includes(family) && binding.families?.includes(family) !== false
  return [...has(4) ? ['0.0.0.0'] : [], ...has(6) || proxied && !endpoint.gatewayFor.includes(6) ? ['::'] : []]
}

function isAtHost(address: string, { network }: Publisher): boolean {
  return isTranslated(network, familyOf(address) ?? 4)
}

/** One line of `ps` for all ports of a container. */
export function formatPorts(publishers: readonly Publisher[], exposed: readonly string[]): string {
  const published = publishers.flatMap(publisher => publisher.endpoint.ports.flatMap(binding => hostAddresses(binding, publisher).map(address => {
    const own = `${range(binding.container)}/${binding.protocol}`
    return isAtHost(address, publisher) ? `${bracketed(address)}:${range(binding.host)}->${own}` : own
  })))
  const bound = new Set(publishers.flatMap(publisher => [...expand(publisher)].map(([port]) => port)))
  return [...new Set([...published, ...exposed.filter(port => !bound.has(port))])].join(', ')
}

/** `80/tcp` → its places on the host; exposed ports that are not published are null, as with Docker. */
export function inspectPorts(publishers: readonly Publisher[], exposed: readonly string[]): Readonly<Record<string, readonly HostPort[] | null>> {
  const ports: Record<string, HostPort[] | null> = Object.fromEntries(exposed.map(port => [port, null]))
  for (const publisher of publishers) {
    for (const [port, places] of expand(publisher)) ports[port] = [...ports[port] ?? [], ...places]
  }
  return ports
}

function* expand(publisher: Publisher): Generator<readonly [string, readonly HostPort[]]> {
  for (const binding of publisher.endpoint.ports) {
    const addresses = hostAddresses(binding, publisher).map(HostIp => ({ HostIp, isAtHost: isAtHost(HostIp, publisher) }))
    for (let offset = 0; offset <= binding.container.last - binding.container.first; offset += 1) {
      const places = addresses.map(place => ({ HostIp: place.HostIp, HostPort: place.isAtHost ? String(binding.host.first + offset) : '' }))
      yield [`${binding.container.first + offset}/${binding.protocol}`, places]
    }
  }
}

/** `80/tcp` → where that port is reached: `0.0.0.0:8080`, or the container's own address where the host has no port for it. */
export function reachedAt(publishers: readonly Publisher[]): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {}
  for (const publisher of publishers) {
    for (const [port, places] of expand(publisher)) {
      const texts = places.flatMap(({ HostIp, HostPort }) => HostPort !== '' ? [`${bracketed(HostIp)}:${HostPort}`]
        : ownAddresses(publisher, familyOf(HostIp)).map(address => `${bracketed(address)}:${port.replace(/\/.*$/, '')}`))
      found[port] = [...found[port] ?? [], ...texts]
    }
  }
  return found
}

function ownAddresses({ endpoint }: Publisher, wanted: 4 | 6 | undefined): readonly string[] {
  return endpoint.addresses.filter(({ family }) => family === wanted).map(({ cidr }) => cidr.replace(/\/.*$/, ''))
}

/** Where a port of a container has been published, one line for each address: `80/tcp -> 0.0.0.0:8080`; nothing where the host has no port for it. */
export function portPlaces({ protocol, hostIp, host, container, held }: SandboxPort): readonly string[] {
  const addresses = held.length === 0 ? [] : hostIp === undefined ? held.map(family => family === 4 ? '0.0.0.0' : '::') : [hostIp]
  return addresses.map(address => `${range(container)}/${protocol} -> ${bracketed(address)}:${range(host)}`)
}

export function range({ first, last }: { readonly first: number, readonly last: number }): string {
  return first === last ? String(first) : `${first}-${last}`
}

export function bracketed(address: string): string {
  return familyOf(address) === 6 ? `[${address}]` : address
}
