/** A container's life as the plugin sees it: every call that changes the kernel. */
import type { EndpointId, NetworkId, NetworkRecord } from '../../../cnm/types.ts'
import type { ForeignRuntime } from '../../../cnm/foreign-api.ts'

export const networkId = 'a1'.repeat(32) as NetworkId
export const endpointId = 'b2'.repeat(32) as EndpointId
const port = (host: number): { readonly protocol: 'tcp', readonly host: { first: number, last: number }, readonly container: { first: number, last: number } } =>
  ({ protocol: 'tcp', host: { first: host, last: host }, container: { first: 80, last: 80 } })

export function create(runtime: ForeignRuntime): Promise<NetworkRecord> {
  return runtime.createNetwork({
    foreign: { id: networkId, runtime: 'docker', addressSpaces: { 4: 'x' } }, name: 'docker-a1', subnets: [{ subnet: '10.77.0.0/24', gateway: '10.77.0.1' }],
  })
}

export async function start(runtime: ForeignRuntime): Promise<void> {
  await create(runtime)
  await runtime.createEndpoint({ id: endpointId, networkId, ip: '10.77.0.2' })
  await runtime.join(endpointId, '/var/run/docker/netns/0')
  await runtime.publish(endpointId, [port(8080)])
  await runtime.publish(endpointId, [port(8081)])
}

export async function end(runtime: ForeignRuntime): Promise<void> {
  await runtime.leave(endpointId)
  await runtime.deleteEndpoint(endpointId)
  await runtime.deleteNetwork(networkId)
}
