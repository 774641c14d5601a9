/** A network as `network inspect` shows it: Docker's field names and shapes. */
import type { NetworkController } from '../../cnm/controller-api.ts'
import type { EndpointRecord, NetworkRecord } from '../../cnm/types.ts'
import type { Family } from '../../objects/firewall.ts'

export function inspectNetwork(network: NetworkRecord, controller: NetworkController): Readonly<Record<string, unknown>> {
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: 'local',
    Driver: driverText(network),
    EnableIPv4: network.enableIPv4,
    EnableIPv6: network.enableIPv6,
    IPAM: { Driver: 'default', Options: null, Config: network.subnets.map(subnet => ({
      Subnet: subnet.cidr,
      ...subnet.ipRange === undefined ? {} : { IPRange: subnet.ipRange },
      ...subnet.gateway === undefined ? {} : { Gateway: subnet.gateway },
      ...Object.keys(subnet.auxAddresses).length === 0 ? {} : { AuxiliaryAddresses: subnet.auxAddresses },
    })) },
    Internal: network.internal,
    Attachable: network.attachable ?? false, Ingress: false,
    ConfigFrom: { Network: '' }, ConfigOnly: false,
    Containers: Object.fromEntries(controller.listEndpoints({ networkId: network.id }).map(endpoint => [endpoint.sandboxId, memberOf(endpoint)])),
    Options: optionsOf(network),
    Labels: network.labels,
  }
}

/** Docker calls the driver of the network `none` `null`. */
export function driverText({ driver }: NetworkRecord): string {
  return driver === 'none' ? 'null' : driver
}

/** What was asked for, and the bridge's name, which a user looks for in `ip link`. */
function optionsOf({ options, parsed }: NetworkRecord): Readonly<Record<string, string>> {
  if (parsed === undefined) return options
  return { 'com.docker.network.bridge.name': parsed.bridgeName, 'com.docker.network.driver.mtu': String(parsed.mtu), ...options }
}

function memberOf(endpoint: EndpointRecord): Readonly<Record<string, string>> {
  const address = (family: Family): string => endpoint.addresses.find(one => one.family === family)?.cidr ?? ''
  return { Name: endpoint.name, EndpointID: endpoint.id, MacAddress: endpoint.mac, IPv4Address: address(4), IPv6Address: address(6) }
}
