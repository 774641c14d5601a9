/** A host with an uplink and five networks, as the engine observes it: one with drift, a guest, containers without any network. */
import { predefinedNetworks } from '../../../cnm/predefined.ts'
import type { EndpointId, EndpointRecord, NetworkId, NetworkRecord, SandboxId, SandboxRecord } from '../../../cnm/types.ts'
import type { IsolationObject, MasqueradeObject, PublishObject } from '../../../objects/firewall.ts'
import type { AddressObject, BridgeObject, KernelObject, NetnsObject, VethObject } from '../../../objects/object.ts'
import type { Observation, ObservedRule } from '../../../topology/observation.ts'

const at = { state: 'ready', owner: '', bootId: 'boot' } as const
const id = (digit: string): string => digit.repeat(64)

const bridgeLink: BridgeObject = { kind: 'bridge', name: 'tsbr-blue', alias: 'tsnet:blue' }
export const gatewayAddress: AddressObject = { kind: 'address', on: 'tsbr-blue', cidr: '10.20.0.1/24' }
export const isolation: IsolationObject = {
  kind: 'isolation', family: 4, bridge: 'tsbr-blue', subnets: ['10.20.0.0/24'], gateways: ['10.20.0.1'], icc: false, internal: false, mode: 'nat',
}
export const isolation6: IsolationObject = { ...isolation, family: 6, subnets: ['fd00:20::/64'], gateways: ['fd00:20::1'] }
const masquerade: MasqueradeObject = { kind: 'masquerade', family: 4, bridge: 'tsbr-blue', subnet: '10.20.0.0/24' }

export const blue: NetworkRecord = {
  ...at, id: id('b') as NetworkId, name: 'blue', driver: 'bridge', created: '2026-01-01T00:00:00.000000000Z',
  subnets: [
    { family: 4, cidr: '10.20.0.0/24', gateway: '10.20.0.1', auxAddresses: {} }, { family: 6, cidr: 'fd00:20::/64', gateway: 'fd00:20::1', auxAddresses: {} },
  ],
  internal: false, enableIPv4: true, enableIPv6: true, labels: { team: 'a' }, options: {},
  parsed: { bridgeName: 'tsbr-blue', mtu: 1500, icc: false, masquerade: true, gatewayModeV4: 'nat', gatewayModeV6: 'routed', interfacePrefix: 'eth' },
  objects: [bridgeLink, gatewayAddress, isolation6, isolation, masquerade],
}

export const closed: NetworkRecord = {
  ...at, id: id('d') as NetworkId, name: 'closed', driver: 'bridge', created: '2026-01-01T00:00:00.000000000Z',
  subnets: [{ family: 4, cidr: '10.30.0.0/24', auxAddresses: {} }], internal: true, enableIPv4: true, enableIPv6: false, labels: {}, options: {},
  parsed: { bridgeName: 'tsbr-closed', mtu: 1400, icc: true, masquerade: true, gatewayModeV4: 'nat', gatewayModeV6: 'nat', interfacePrefix: 'eth' },
  objects: [],
}

const netns: NetnsObject = { kind: 'netns', path: '/run/tsnet/netns/web' }
export const veth: VethObject = {
  kind: 'veth', host: 'tsweb', peer: 'eth0', netns: netns.path, mac: '02:42:0a:14:00:02', master: 'tsbr-blue', hairpin: false, alias: 'tsnet:web',
}
export const publish: PublishObject = {
  kind: 'publish', family: 4, bridge: 'tsbr-blue', protocol: 'tcp', host: { first: 8080, last: 8080 }, containerIp: '10.20.0.2',
  container: { first: 80, last: 80 },
}
export const publish6: PublishObject = { ...publish, family: 6, containerIp: 'fd00:20::2' }
export const publishLocal: PublishObject = {
  ...publish, protocol: 'udp', hostIp: '127.0.0.1', host: { first: 5300, last: 5301 }, container: { first: 53, last: 54 },
}

const sandbox = (name: string, changes: Partial<SandboxRecord>): SandboxRecord =>
  ({ ...at, id: name as SandboxId, driver: 'bridge', objects: [], ...changes })
const web = sandbox('web', { netns: netns.path, objects: [netns] })

export const webEndpoint: EndpointRecord = {
  ...at, id: id('e') as EndpointId, networkId: blue.id, sandboxId: web.id, name: 'web', interfaceName: 'eth0', hostInterface: 'tsweb',
  mac: veth.mac, addresses: [{ family: 4, cidr: '10.20.0.2/24' }, { family: 6, cidr: 'fd00:20::2/64' }], gatewayFor: [4, 6],
  ports: [
    { protocol: 'tcp', host: publish.host, container: publish.container },
    { protocol: 'udp', hostIp: '127.0.0.1', host: publishLocal.host, container: publishLocal.container },
  ],
  objects: [veth, publish, publish6, publishLocal],
}

const statistics = { rxPackets: 10, rxBytes: 1234, txPackets: 20, txBytes: 5_678_900, rxDropped: 0, txDropped: 0 }

export const observation: Observation = {
  time: '2026-01-31T12:00:00.000000000Z',
  host: {
    name: 'lab', firewall: 'iptables', forwarding: { ipv4: true, ipv6: false },
    uplinks: [{
      name: 'up0', up: true, mtu: 1500, mac: '02:00:00:00:00:01', addresses: ['192.0.2.1/24', '2001:db8::1/64'], gateways: ['192.0.2.2'],
      statistics: { ...statistics, rxDropped: 3 },
    }],
  },
  networks: [blue, closed, ...predefinedNetworks],
  networkNames: new Map([blue, closed].map(({ id: of, name }) => [of, name])),
  endpoints: [webEndpoint, {
    ...webEndpoint, id: id('f') as EndpointId, networkId: closed.id, interfaceName: 'eth1', hostInterface: 'tsweb1', mac: '02:42:0a:1e:00:02',
    addresses: [{ family: 4, cidr: '10.30.0.2/24' }], ports: [], gatewayFor: [], objects: [],
  }],
  sandboxes: [
    web, sandbox('guest', { driver: 'container', netns: netns.path, sharedWith: web.id }), sandbox('metrics', { driver: 'host' }),
    sandbox('batch', { driver: 'none', netns: '/run/tsnet/netns/batch' }),
  ],
  containers: ['web', 'guest', 'metrics', 'batch'].map(name => ({ id: name, name, image: `${name}:1 & <2>` })),
  attachments: [],
  links: [
    { name: 'tsbr-blue', mtu: 1500, up: true, statistics }, { name: 'tsweb', mtu: 1500, up: true, statistics },
    { name: 'tsbr-closed', mtu: 1400, up: true, statistics },
  ],
  missing: new Set([gatewayAddress, publishLocal]),
  counters: new Map<KernelObject, readonly ObservedRule[]>([
    [isolation, [{ rule: '-t filter -A TSNET-NET-tsbr-blue -j DROP', packets: 4, bytes: 240 }, { rule: '-t filter -A TSNET-OUT -i tsbr-blue -j ACCEPT', packets: 0, bytes: 0 }]],
    [isolation6, [{ rule: '-t filter -A TSNET-NET-tsbr-blue -j DROP', packets: 1, bytes: 80 }]],
    [publish, [{ rule: '-t nat -A TSNET-tcp-8064-8127 -p tcp --dport 8080 -j DNAT', packets: 2, bytes: 120 }]],
    [publish6, [{ rule: '-t nat -A TSNET-tcp-8064-8127 -p tcp --dport 8080 -j DNAT', packets: 1, bytes: 80 }]],
  ]),
}
