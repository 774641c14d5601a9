/** `NetworkSettings` of `inspect`: the newer Networks{…}, and the older top-level fields, which are those of the default network. */
import { parseInterfaceAddress } from '../../address/cidr.ts'
import { predefinedNetworks } from '../../cnm/predefined.ts'
import type { EndpointRecord, NetworkRecord } from '../../cnm/types.ts'
import type { Family } from '../../objects/firewall.ts'
import type { ContainerDetails } from '../../runtime/container-service-api.ts'
import type { EndpointSettings } from '../../runtime/types.ts'
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
      ? endpoints.map(publisher => [publisher.network.name, endpointFields(publisher, settingsOf(publisher, record.spec))])
      : sandbox === undefined || record.spec.network.mode !== 'bridge' ? emptyNetworks(record.spec.network) : []),
  }
}

/** What a container that does not run, or has no addresses, still is on. */
function emptyNetworks(network: ContainerDetails['record']['spec']['network']): readonly (readonly [string, unknown])[] {
  if (network.mode === 'container') return []
  const names = network.mode !== 'bridge' ? [network.mode] : network.endpoints?.map(endpoint => endpoint.network) ?? [network.network]
  return names.map(name => [name, {
    IPAMConfig: null, Links: null, Aliases: null, NetworkID: predefinedNetworks.find(one => one.name === name)?.id ?? '', ...addressFields(undefined), DriverOpts: null, GwPriority: 0, DNSNames: null,
  }])
}

type Settings = Pick<EndpointSettings, 'ip' | 'ip6' | 'linkLocal'>

/** The addresses that were asked for on this network. */
function settingsOf({ network }: Publisher, { network: mode, ip, ip6 }: ContainerDetails['record']['spec']): Settings {
  const one = { ...ip === undefined ? {} : { ip }, ...ip6 === undefined ? {} : { ip6 } }
  if (mode.mode !== 'bridge' || mode.endpoints === undefined) return one
  return mode.endpoints.find(endpoint => endpoint.network === network.name || network.id.startsWith(endpoint.network)) ?? {}
}

function endpointFields(publisher: Publisher, { ip, ip6, linkLocal }: Settings): Readonly<Record<string, unknown>> {
  const { aliases, options, gwPriority } = publisher.endpoint
  return {
    IPAMConfig: ip === undefined && ip6 === undefined && linkLocal === undefined ? null : {
      ...ip === undefined ? {} : { IPv4Address: ip }, ...ip6 === undefined ? {} : { IPv6Address: ip6 },
      ...linkLocal === undefined ? {} : { LinkLocalIPs: linkLocal },
    },
    Links: null, Aliases: aliases ?? null,
    NetworkID: publisher.network.id,
    ...addressFields(publisher),
    DriverOpts: options ?? null,
    GwPriority: gwPriority ?? 0,
    // The default network has no names.
    DNSNames: aliases === undefined ? null : [...new Set([publisher.endpoint.name, ...aliases])],
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
