/** Intents and facts to try the drivers with: one network, one endpoint, one host, each changed by the test. */
import type { EndpointIntent, NetworkIntent, SandboxIntent } from '../../../cnm/driver.ts'
import type { EndpointId, NetworkId, SandboxId } from '../../../cnm/types.ts'
import { parseBridgeOptions } from '../../../drivers/bridge/options.ts'
import type { Facts } from '../../../objects/facts.ts'

export const facts: Facts = {
  defaultRouteMtu: 1500, forwarding: { v4: true, v6: true }, bridgeNetfilter: { v4: false, v6: false }, ipv6: true,
  links: ['lo', 'eth0'], routes: { 4: [{ cidr: '192.0.2.0/24', dev: 'eth0' }], 6: [] }, dockerInstalled: true,
  resolverPort: 10_053,
}

const subnet4 = { family: 4, cidr: '172.18.0.0/24', gateway: '172.18.0.1', auxAddresses: {} } as const
const subnet6 = { family: 6, cidr: 'fd00:1::/64', gateway: 'fd00:1::1', auxAddresses: {} } as const

export interface NetworkChanges { readonly families?: '4' | '6' | '46', readonly internal?: boolean,
  readonly options?: Readonly<Record<string, string>>, readonly name?: string }

export function unparsedNetwork(changes: NetworkChanges = {}): Omit<NetworkIntent, 'parsed'> {
  const families = changes.families ?? '4'
  return {
    id: '5f3a91c2'.padEnd(64, '0') as NetworkId, name: changes.name ?? 'blue', driver: 'bridge',
      created: '2026-01-01T00:00:00.000000000Z',
    subnets: [...families.includes('4') ? [subnet4] : [], ...families.includes('6') ? [subnet6] : []],
    internal: changes.internal ?? false, enableIPv4: families.includes('4'), enableIPv6: families.includes('6'),
    labels: {}, options: changes.options ?? {},
  }
}

export function network(changes: NetworkChanges = {}, host: Facts = facts): NetworkIntent {
  const unparsed = unparsedNetwork(changes)
  const parsed = parseBridgeOptions(unparsed, host)
  const gateways = parsed.gatewayModeV4 === 'isolated'
    ? unparsed.subnets.map(({ family, cidr, auxAddresses }) => ({ family, cidr, auxAddresses })) : unparsed.subnets
  return { ...unparsed, subnets: gateways, parsed }
}

export const sandbox: SandboxIntent = { id: 'ab'.repeat(32) as SandboxId, driver: 'bridge', netns: '/run/tsnet/netns/abab' }

export function endpoint(on: NetworkIntent, changes: Partial<EndpointIntent> = {}): EndpointIntent {
  return {
    id: '9c0a1b2d3e'.padEnd(64, '0') as EndpointId, networkId: on.id, sandboxId: sandbox.id, name: 'web', interfaceName: 'eth0',
    hostInterface: 'ts9c0a1b2d3e', mac: '02:42:ac:12:00:02',
    addresses: on.subnets.map(({ family }) => ({ family, cidr: family === 4 ? '172.18.0.2/24' : 'fd00:1::2/64' })),
    ports: [], gatewayFor: on.subnets.map(({ family }) => family), ...changes,
  }
}
