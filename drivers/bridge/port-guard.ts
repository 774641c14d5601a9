/**
 * What one port of the bridge lets in: the container's own MAC and addresses and, without icc, nothing for other members.
 *
 * Members are kept apart twice, as neither way does alone. An isolated port passes nothing to another, whatever it carries; but where
 * bridge-nf-call-iptables is 1, a published port of a member is redirected on the bridge itself, from port to port, and would not be
 * reached. So there the port's guard does it: it lets in only what is sent to the bridge, which is what published ports need. The guard
 * is there either way, as the setting may change while the network lives. Pure.
 */
import { parseInterfaceAddress } from '../../address/cidr.ts'
import { formatIp } from '../../address/ip.ts'
import { linkLocalOfMac } from '../../address/mac.ts'
import type { EndpointIntent, NetworkIntent } from '../../cnm/driver.ts'
import type { PortGuardObject } from '../../objects/bridge-filter.ts'
import type { EndpointFacts } from '../../objects/facts.ts'
import { bridgeMac, optionsOf } from './network-objects.ts'

export function portGuard(network: NetworkIntent, endpoint: EndpointIntent): readonly PortGuardObject[] {
  const { antiSpoofing = true } = optionsOf(network)
  const onlyTo = apartTo(network)
  if (!antiSpoofing && onlyTo === undefined) return []
  return [{
    kind: 'port-guard', port: endpoint.hostInterface,
    ...antiSpoofing ? { sources: { mac: endpoint.mac, addresses: ownAddresses(endpoint) } } : {},
    ...onlyTo === undefined ? {} : { onlyTo },
  }]
}

/** Whether the kernel itself keeps the port from others of its kind. */
export function isIsolatedPort(network: NetworkIntent, { bridgeNetfilter }: EndpointFacts): boolean {
  if (optionsOf(network).icc) return false
  return !(bridgeNetfilter.v4 || bridgeNetfilter.v6) || apartTo(network) === undefined
}

/** Where members may send to, without icc; undefined with icc, and where the gateway is not the host. */
export function apartTo(network: NetworkIntent): string | undefined {
  const { icc, inhibitV4 = false } = optionsOf(network)
  return icc || inhibitV4 ? undefined : bridgeMac(network)
}

function ownAddresses({ addresses, linkLocal = [], mac }: EndpointIntent): readonly string[] {
  const given = [...addresses.map(({ cidr }) => cidr), ...linkLocal].map(cidr => formatIp(parseInterfaceAddress(cidr).ip))
  // Neighbours are asked, and groups joined, from the link-local address that the kernel makes of the MAC.
  return addresses.some(({ family }) => family === 6) ? [...given, linkLocalOfMac(mac)] : given
}
