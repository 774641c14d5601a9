/** A container of another runtime that CNI plugins of ours have attached, as `inspect` shows it: what of Docker's fields is known of it. */
import { familyOf } from '../../address/ip.ts'
import type { CniContainer, CniContainerInterface } from '../../cni/list.ts'
import { cniPortPlaces } from './cni-ports.ts'

export function inspectCniContainer({ id, created, interfaces, ports }: CniContainer): Readonly<Record<string, unknown>> {
  return {
    Id: id, Created: created, Name: `/${id}`, State: { Status: 'attached' },
    NetworkSettings: {
      Ports: cniPortPlaces(ports),
      Networks: Object.fromEntries(interfaces.toReversed().map(one => [one.network, endpointOf(one)])),
    },
    Attachments: interfaces.map(({ network, ifname, netns, result }) => ({ Network: network, Interface: ifname, Netns: netns, Result: result })),
  }
}

function endpointOf({ ifname, result: { interfaces, ips } }: CniContainerInterface): Readonly<Record<string, unknown>> {
  const addressIn = (family: 4 | 6) => {
    const { address = '', gateway = '' } = ips.find(ip => familyOf(withoutPrefix(ip.address)) === family) ?? {}
    return { address: withoutPrefix(address), length: Number(address.split('/')[1] ?? 0), gateway }
  }
  const [v4, v6] = [addressIn(4), addressIn(6)]
  return {
    Gateway: v4.gateway, IPAddress: v4.address, IPPrefixLen: v4.length,
    IPv6Gateway: v6.gateway, GlobalIPv6Address: v6.address, GlobalIPv6PrefixLen: v6.length,
    MacAddress: interfaces.find(({ name, sandbox }) => name === ifname && sandbox !== undefined)?.mac ?? '',
  }
}

function withoutPrefix(address: string): string {
  return address.replace(/\/.*$/, '')
}
