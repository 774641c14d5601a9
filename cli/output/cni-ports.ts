/** Host ports that CNI plugins of ours have mapped, in Docker's forms. */
import type { PublishObject } from '../../objects/firewall.ts'
import { type HostPort, bracketed, range } from './port-text.ts'

/** `0.0.0.0:8080->80/tcp, [::]:8080->80/tcp` */
export function formatCniPorts(ports: readonly PublishObject[]): string {
  return ports.map(port => `${bracketed(hostAddress(port))}:${range(port.host)}->${range(port.container)}/${port.protocol}`).join(', ')
}

/** `80/tcp` → its places on the host. */
export function cniPortPlaces(ports: readonly PublishObject[]): Readonly<Record<string, readonly HostPort[]>> {
  const places: Record<string, HostPort[]> = {}
  for (const port of ports) {
    for (let offset = 0; offset <= port.container.last - port.container.first; offset += 1) {
      const list = places[`${port.container.first + offset}/${port.protocol}`] ??= []
      list.push({ HostIp: hostAddress(port), HostPort: String(port.host.first + offset) })
    }
  }
  return places
}

/** `80/tcp` → `0.0.0.0:8080` */
export function cniReachedAt(ports: readonly PublishObject[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(cniPortPlaces(ports)).map(([port, places]) => [port, places.map(({ HostIp, HostPort: number }) => `${bracketed(HostIp)}:${number}`)]))
}

function hostAddress({ hostIp, family }: PublishObject): string {
  return hostIp ?? (family === 4 ? '0.0.0.0' : '::')
}
