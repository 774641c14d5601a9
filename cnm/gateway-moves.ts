/**
 * What the endpoints of a sandbox gain and lose when its default gateways are chosen anew: default routes and published ports.
 * Everything else of an endpoint stays as it is. Pure.
 */
import type { Facts } from '../objects/facts.ts'
import type { Family } from '../objects/firewall.ts'
import type { KernelObject } from '../objects/object.ts'
import type { Driver } from './driver.ts'
import { portsOfGateway } from './gateways.ts'
import type { StateView } from './state-store.ts'
import type { DriverName, EndpointRecord, NetworkRecord, SandboxId, SandboxRecord } from './types.ts'

/** An endpoint that the kernel has, and its network. */
export interface Placed { readonly endpoint: EndpointRecord, readonly network: NetworkRecord }

export interface Move {
  readonly network: NetworkRecord
  readonly before: EndpointRecord
  readonly after: EndpointRecord
  readonly lost: readonly KernelObject[]
  readonly gained: readonly KernelObject[]
}

/** What goes from endpoint to endpoint with the gateway. */
export function isMovable(object: KernelObject): boolean {
  return object.kind === 'publish' || object.kind === 'route' && object.to === 'default'
}

export function inKernel(view: StateView, id: SandboxId): readonly Placed[] {
  return view.endpoints.list({ sandbox: id }).flatMap(endpoint => {
    const network = view.networks.get(endpoint.networkId)
    return network === undefined ? [] : [{ endpoint, network }]
  })
}

interface Place { readonly sandbox: SandboxRecord, readonly facts: Facts }

/** One move for each endpoint, with nothing lost and nothing gained for those that stay as they are. */
export function movedFrom(
  drivers: Readonly<Record<DriverName, Driver>>, placed: readonly Placed[], gateways: readonly (readonly Family[])[],
  { sandbox, facts }: Place,
): readonly Move[] {
  return placed.map(({ endpoint: before, network }, i) => {
    const gatewayFor = gateways[i] ?? []
    const intent = { ...before, gatewayFor, ports: portsOfGateway(sandbox.ports ?? [], network, gatewayFor) }
    const movable = drivers[network.driver].endpointObjects(network, intent, sandbox, facts).filter(isMovable)
    const after = withObjects(intent, [...before.objects.filter(object => !isMovable(object)), ...movable])
    return {
      network, before, after,
      lost: without(before.objects, after.objects), gained: without(after.objects, before.objects),
    }
  })
}

export function withObjects(endpoint: EndpointRecord, objects: readonly KernelObject[]): EndpointRecord {
  return { ...endpoint, objects }
}

function without(objects: readonly KernelObject[], others: readonly KernelObject[]): readonly KernelObject[] {
  const known = new Set(others.map(object => JSON.stringify(object)))
  return objects.filter(object => !known.has(JSON.stringify(object)))
}
