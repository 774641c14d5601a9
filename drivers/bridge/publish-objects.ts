/**
 * Published ports of an endpoint as firewall objects, one per port range and family.
 *
 * A port without a host address is published in both families, as far as the endpoint has them; 0.0.0.0 and :: mean all addresses
 * of one family. Where bridge-nf-call-ip6tables is on, [::1] cannot work: asked for by name it is refused, as part of
 * "all addresses" it is told once. Pure.
 */
import { parseInterfaceAddress } from '../../address/cidr.ts'
import { familyOf, formatIp, isLoopback, isUnspecified, parseIp } from '../../address/ip.ts'
import type { EndpointIntent, NetworkIntent } from '../../cnm/driver.ts'
import type { PortBinding } from '../../cnm/types.ts'
import { TsnetError } from '../../errors/error.ts'
import type { EndpointFacts } from '../../objects/facts.ts'
import type { Family, PublishObject } from '../../objects/firewall.ts'
import { isTrusting, modeOf, optionsOf } from './network-objects.ts'

/** @throws loopback6-unsupported, invalid-address where the endpoint has no address of the host address's family */
export function publishObjects(network: NetworkIntent, endpoint: EndpointIntent, facts: EndpointFacts): readonly PublishObject[] {
  if (network.internal) return []
  return endpoint.ports.flatMap(binding => {
    refuseLoopback6(endpoint, binding, facts)
    return familiesOf(network, endpoint, binding).map(family => publish(network, endpoint, binding, family))
  })
}

export function publishWarnings(network: NetworkIntent, endpoint: EndpointIntent, facts: EndpointFacts): readonly string[] {
  if (network.internal && endpoint.ports.length > 0) {
    return [`ports of "${endpoint.name}" are not published: network "${network.name}" is internal`]
  }
  const all6 = publishObjects(network, endpoint, facts)
    .some(object => object.family === 6 && object.hostIp === undefined && object.routed !== true)
  return all6 && facts.bridgeNetfilter.v6
    ? ['published ports cannot be reached at [::1]: net.bridge.bridge-nf-call-ip6tables is 1 on this host'] : []
}

function publish(network: NetworkIntent, endpoint: EndpointIntent, binding: PortBinding, family: Family): PublishObject {
  const options = optionsOf(network)
  const mode = modeOf(options, family)
  const { hostIp, protocol, host, container } = binding
  return {
    kind: 'publish', family, bridge: options.bridgeName, protocol,
    ...hostIp === undefined || isUnspecified(parseIp(hostIp)) ? {} : { hostIp },
    host, containerIp: addressOf(endpoint, family) ?? '', container,
    ...mode === 'routed' ? { routed: true } : {}, ...isTrusting(options, mode) ? { direct: true } : {},
  }
}

/** The families a binding is published in. @throws invalid-address where a host address asks for one the endpoint has not */
function familiesOf(network: NetworkIntent, endpoint: EndpointIntent, binding: PortBinding): readonly Family[] {
  const families = ([4, 6] as const).filter(family => addressOf(endpoint, family) !== undefined)
  const wanted = binding.hostIp === undefined ? undefined : familyOf(binding.hostIp)
  // By another family's gateway the answers would leave through another network.
  const ways = families.filter(family => endpoint.gatewayFor.includes(family) && binding.families?.includes(family) !== false)
  if (wanted === undefined) return ways
  if (families.includes(wanted)) return ways.filter(family => family === wanted)
  throw new TsnetError('invalid-address',
    `publish port ${binding.container.first} of "${endpoint.name}" on ${binding.hostIp}: network `
    + `"${network.name}" gives it no IPv${wanted} address`, { data: { hostIp: binding.hostIp } })
}

function refuseLoopback6(endpoint: EndpointIntent, binding: PortBinding, facts: EndpointFacts): void {
  if (binding.hostIp === undefined || familyOf(binding.hostIp) !== 6 || !isLoopback(parseIp(binding.hostIp))) return
  if (!facts.bridgeNetfilter.v6) return
  throw new TsnetError('loopback6-unsupported',
    `publish port ${binding.container.first} of "${endpoint.name}" on [::1]: the kernel drops `
    + 'such packets while net.bridge.bridge-nf-call-ip6tables is 1; set it to 0, or use 127.0.0.1')
}

function addressOf(endpoint: EndpointIntent, family: Family): string | undefined {
  const address = endpoint.addresses.find(candidate => candidate.family === family)
  return address === undefined ? undefined : formatIp(parseInterfaceAddress(address.cidr).ip)
}
