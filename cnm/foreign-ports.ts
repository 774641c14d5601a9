/**
 * Published ports of endpoints in another runtime's sandboxes: published when the runtime says so, and held by this process, bound and not
 * listening, so that no program of the host is shadowed unawares.
 */
import type { KernelObject } from '../objects/object.ts'
import { nobody, type Context } from './context.ts'
import { failureOf, messageOf } from './executor.ts'
import type { ForeignPlace } from './foreign-api.ts'
import type { Foreign, ForeignEndpoints, ForeignHost } from './foreign-endpoints.ts'
import { portsOfGateway } from './gateways.ts'
import { type Gateway, reserveThrough } from './port-plan.ts'
import type { EndpointId, NetworkRecord, PortRequest } from './types.ts'

export class ForeignPorts {
  readonly #context: Context
  readonly #host: ForeignHost
  readonly #endpoints: ForeignEndpoints
  /** Descriptors that hold the ports of an endpoint. */
  readonly #held = new Map<EndpointId, readonly number[]>()

  constructor(context: Context, endpoints: ForeignEndpoints, host: ForeignHost) {
    this.#context = context
    this.#host = host
    this.#endpoints = endpoints
  }

  /** @throws endpoint-not-found, port-in-use, port-range-exhausted, invalid-address, invalid-port */
  async publish(id: EndpointId, requested: readonly PortRequest[]): Promise<readonly string[]> {
    const { endpoint, network } = await this.#endpoints.get(id)
    if (JSON.stringify(endpoint.foreign.requested ?? []) === JSON.stringify(requested)) return []
    await this.unpublish(id)
    if (requested.length === 0 || network.driver === 'none') return []
    if (network.internal) return [`ports of endpoint ${id.slice(0, 12)} are not published: network "${network.name}" is internal`]
    const { endpoint: bare } = await this.#endpoints.get(id)
    return await this.#publishFree(bare, network, requested)
  }

  /** Success where nothing is published, or the id is unknown. */
  async unpublish(id: EndpointId): Promise<void> {
    const endpoint = await this.#endpoints.settled(id)
    if (endpoint?.state === 'ready' && endpoint.foreign.requested !== undefined) {
      const changing = this.#endpoints.put({ ...endpoint, state: 'creating', owner: this.#context.owner })
      await this.#endpoints.recover(changing, true)
    }
    this.release(id)
  }

  /** Lets go of the ports; their rules are not touched. */
  release(id: EndpointId): void {
    this.#context.ports.release(this.#held.get(id) ?? [])
    this.#held.delete(id)
  }

  /** Holds the ports again that an earlier process held. The answer tells of those that somebody has taken meanwhile. */
  hold(endpoint: Foreign): readonly string[] {
    if (this.#held.has(endpoint.id) || endpoint.ports.length === 0) return []
    const network = this.#context.store.read(view => view.networks.get(endpoint.networkId))
    if (network === undefined) return []
    const held: number[] = []
    const warnings: string[] = []
    for (const { families: _families, ...binding } of endpoint.ports) {
      try {
        held.push(...reserveThrough(this.#context, gatewaysOf(endpoint, network), [binding]).descriptors)
      } catch (error) {
        warnings.push(`the rules of container "${endpoint.name}" take its port from another program now: ${messageOf(error)}`)
      }
    }
    this.#held.set(endpoint.id, held)
    return warnings
  }

  /** Lets go of everything. */
  close(): void {
    for (const descriptors of this.#held.values()) this.#context.ports.release(descriptors)
    this.#held.clear()
  }

  async #publishFree(endpoint: Foreign, network: NetworkRecord, requested: readonly PortRequest[]): Promise<readonly string[]> {
    const { executor, drivers, ports, owner } = this.#context
    const facts = this.#host.facts()
    const gateways = gatewaysOf(endpoint, network)
    const gatewayFor = gateways.map(({ family }) => family)
    const reserved = reserveThrough(this.#context, gateways, requested)
    try {
      const intent = { ...endpoint, gatewayFor, ports: portsOfGateway(reserved.ports, network, gatewayFor) }
      const driver = drivers[network.driver]
      const rules = (driver.foreignObjects?.(network, intent, facts) ?? []).filter(isPublish)
      const publishing = this.#endpoints.put({ ...intent, objects: [...endpoint.objects, ...rules], state: 'creating', owner })
      try {
        await executor.create(rules)
      } catch (error) {
        await this.#endpoints.recover(publishing, true).catch(() => undefined)
        throw failureOf(error)
      }
      this.#endpoints.put({ ...publishing, state: 'ready', owner: nobody, foreign: { ...endpoint.foreign, requested } })
      this.#held.set(endpoint.id, reserved.descriptors)
      return driver.endpointWarnings?.(network, intent, facts) ?? []
    } catch (error) {
      ports.release(reserved.descriptors)
      throw error
    }
  }
}

function isPublish(object: KernelObject): boolean {
  return object.kind === 'publish'
}

/** The families that an endpoint can publish in: it has an address, and its network a way out. */
function gatewaysOf({ addresses }: ForeignPlace['endpoint'], network: NetworkRecord): readonly Gateway[] {
  return network.subnets.filter(({ family, gateway }) => gateway !== undefined && addresses.some(address => address.family === family))
    .map(({ family }) => ({ family, network }))
}
