/** What another runtime calls its networks and containers: it does not say so when it makes them, so it is learned afterwards. */
import type { Context } from './context.ts'
import type { ForeignContainer, KnownContainer } from './foreign-api.ts'
import { type Foreign, isForeign } from './foreign-endpoints.ts'
import { endpointKeys, networkKeys } from './state-store.ts'
import type { SandboxId } from './types.ts'

export class ForeignNames {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  /** Whether there is anything to learn. */
  areMissing(): boolean {
    const { store } = this.#context
    return this.#endpoints().some(({ foreign }) => foreign.sandboxKey !== undefined && foreign.container === undefined)
      || store.read(view => view.networks.list({ state: 'ready' })).some(({ id, name, foreign }) => foreign !== undefined && name === foreignName(id))
  }

  noteContainers(containers: readonly KnownContainer[]): void {
    const known = new Map(containers.map(container => [container.endpointId, container]))
    this.#context.store.write(tx => {
      for (const endpoint of tx.endpoints.list({ state: 'ready' })) {
        const found = known.get(endpoint.id)
        if (found === undefined || !isForeign(endpoint) || endpoint.foreign.container?.name === found.name) continue
        const { id, name, image } = found
        // A container that is on its way out may still have the name.
        const isTaken = tx.endpoints.findByName(name, endpoint.networkId) !== undefined
        const named = { ...endpoint, sandboxId: id as SandboxId, ...isTaken ? {} : { name }, foreign: { ...endpoint.foreign, container: { id, name, image } } }
        tx.endpoints.put(endpointKeys(named), named)
      }
    })
  }

  /** A name that a network of tsnet's own has stays that one's. @param names of the runtime's networks, by their ids */
  noteNetworks(names: ReadonlyMap<string, string>): void {
    this.#context.store.write(tx => {
      for (const network of tx.networks.list({ state: 'ready' })) {
        const name = names.get(network.id)
        if (network.foreign === undefined || name === undefined || network.name !== foreignName(network.id)) continue
        if (tx.networks.findByName(name) !== undefined) continue
        const named = { ...network, name }
        tx.networks.put(networkKeys(named), named)
      }
    })
  }

  /** One for each container that is known, and one for each endpoint whose container is not. */
  containers(): readonly ForeignContainer[] {
    const networks = new Map(this.#context.store.read(view => view.networks.list()).map(network => [network.id, network]))
    const joined = this.#endpoints().filter(({ foreign }) => foreign.sandboxKey !== undefined)
    const byContainer = Map.groupBy(joined, ({ sandboxId }) => sandboxId)
    return [...byContainer.values()].flatMap(endpoints => {
      const [first] = endpoints
      if (first === undefined) return []
      const { id = first.id, name = first.name, image = '' } = first.foreign.container ?? {}
      const places = endpoints.flatMap(endpoint => {
        const network = networks.get(endpoint.networkId)
        return network === undefined ? [] : [{ endpoint, network }]
      })
      return [{ id, name, image, since: Math.min(...endpoints.map(({ foreign }) => foreign.since)), endpoints: places }]
    })
  }

  #endpoints(): readonly Foreign[] {
    return this.#context.store.read(view => view.endpoints.list({ state: 'ready' })).filter(isForeign)
  }
}

/** What a network is called until its name is known. */
export function foreignName(id: string): string {
  return `docker-${id.slice(0, 12)}`
}
