/** `NetworkSettings` of `inspect`: the newer Networks{…}, and the older top-level fields, which are those of the default network. */
import { parseInterfaceAddress } from '../../address/cidr.ts'
import type { EndpointRecord, NetworkRecord } from '../../cnm/types.ts'
import type { Family } from '../../objects/firewall.ts'
import type { ContainerDetails } from '../../runtime/container-service-api.ts'
import { inspectPorts, type Publisher } from './port-text.ts'

export function networkSettings({ record, sandbox, endpoints }: ContainerDetails): Readonly<Record<string, unknown>> {
  const standard = endpoints.find(({ network }) => network.name === 'bridge')
  return {
    Bridge: '',
    SandboxID: sandbox?.id ?? '',
    SandboxKey: sandbox?.netns ?? (record.spec.network.mode === 'host' && sandbox !== undefined ? '/proc/1/ns/net' : ''),
    Ports: inspectPorts(endpoints, record.status === 'running' && record.spec.network.mode === 'bridge' ? record.exposedPorts : []),
    HairpinMode: false,
    LinkLocalIPv6Address: '', LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null, SecondaryIPv6Addresses: null,
    ...addressFields(standard),
    Networks: Object.fromEntries(endpoints.length > 0
      ? endpoints.map(publisher => [publisher.network.name, endpointFields(publisher, record.spec)])
      : emptyNetworks(record.spec.network)),
  }
}

/** What a container that does not run, or has no addresses, still is on. */
function emptyNetworks(network: ContainerDetails['record']['spec']['network']): readonly (readonly [string, unknown])[] {
  if (network.mode === 'container') return []
  const name = network.mode === 'bridge' ? network.network : network.mode
  return [[name, { IPAMConfig: null, Links: null, Aliases: null, NetworkID: '', ...addressFields(undefined), DriverOpts: null }]]
}

type AskedFor = Pick<ContainerDetails['record']['spec'], 'ip' | 'ip6' | 'networkAliases'>

function endpointFields(publisher: Publisher, { ip, ip6, networkAliases }: AskedFor): Readonly<Record<string, unknown>> {
  return {
    IPAMConfig: ip === undefined && ip6 === undefined ? null
      : { ...ip === undefined ? {} : { IPv4Address: ip }, ...ip6 === undefined ? {} : { IPv6Address: ip6 } },
    Links: null, Aliases: networkAliases ?? null,
    NetworkID: publisher.network.id,
    ...addressFields(publisher),
    DriverOpts: null,
  }
}

function addressFields(publisher: Publisher | undefined): Readonly<Record<string, unknown>> {
  const v4 = addressOf(publisher?.endpoint, 4)
  const v6 = addressOf(publisher?.endpoint, 6)
  return {
    EndpointID: publisher?.endpoint.id ?? '',
    Gateway: gatewayOf(publisher?.network, 4), IPAddress: v4.address, IPPrefixLen: v4.prefix,
    IPv6Gateway: gatewayOf(publisher?.network, 6), GlobalIPv6Address: v6.address, GlobalIPv6PrefixLen: v6.prefix,
    MacAddress: publisher?.endpoint.mac ?? '',
  }
}

function addressOf(endpoint: EndpointRecord | undefined, family: Family): { readonly address: string, readonly prefix: number } {
  const cidr = endpoint?.addresses.find(address => address.family === family)?.cidr
  return cidr === undefined ? { address: '', prefix: 0 } : { address: cidr.slice(0, cidr.indexOf('/')), prefix: parseInterfaceAddress(cidr).prefix }
}

function gatewayOf(network: NetworkRecord | undefined, family: Family): string {
  return network?.internal === true ? '' : network?.subnets.find(subnet => subnet.family === family)?.gateway ?? ''
}
