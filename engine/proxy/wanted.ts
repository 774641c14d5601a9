/** Which ports the proxy serves, from the store: TCP ports on all addresses, of containers without IPv6, on networks with `tsnet.ipv6_proxy`. */
import { isProxied } from '../../cnm/gateways.ts'
import type { EndpointRecord, NetworkRecord, SandboxRecord } from '../../cnm/types.ts'
import type { ReadTransaction } from '../../store/store.ts'
import type { Target } from './relay.ts'

export interface WantedPort { readonly port: number, readonly target: Target }

/** By container. */
export function wantedPorts(tx: ReadTransaction): ReadonlyMap<string, readonly WantedPort[]> {
  const networks = new Map(tx.table<NetworkRecord>('networks').list({ state: 'ready' }).filter(isProxied).map(network => [network.id, network]))
  const wanted = new Map<string, readonly WantedPort[]>()
  for (const network of networks.values()) {
    for (const endpoint of tx.table<EndpointRecord>('endpoints').list({ parent: network.id, state: 'ready' })) {
      const sandbox = endpoint.gatewayFor.includes(4) ? tx.table<SandboxRecord>('sandboxes').get(endpoint.sandboxId) : undefined
      const ports = sandbox === undefined ? [] : portsOf(network, endpoint, sandbox)
      if (ports.length > 0) wanted.set(endpoint.sandboxId, ports)
    }
  }
  return wanted
}

function portsOf({ parsed }: NetworkRecord, endpoint: EndpointRecord, sandbox: SandboxRecord): readonly WantedPort[] {
  const ip = endpoint.addresses.find(({ family }) => family === 4)?.cidr.split('/')[0]
  if (ip === undefined || endpoint.gatewayFor.includes(6) || parsed?.ipv6Proxy === undefined) return []
  const { ipv6Proxy: proxy, publishedTo } = parsed
  return (sandbox.ports ?? []).filter(({ protocol, hostIp, held }) => protocol === 'tcp' && hostIp === undefined && held.includes(6))
    .flatMap(({ host, container }) => Array.from({ length: host.last - host.first + 1 }, (_, i) => ({
      port: host.first + i, target: { ip, port: container.first + i, proxy, ...publishedTo === undefined ? {} : { publishedTo } },
    })))
}
