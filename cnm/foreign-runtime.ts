/** Another runtime's networks and endpoints, put together: calls that concern one record come one after the other. */
import type { Context } from './context.ts'
import { failureOf, messageOf } from './executor.ts'
import type {
  AddressSpec, ForeignContainer, ForeignEndpointSpec, ForeignNetworkSpec, ForeignPlace, ForeignRuntime, KnownContainer, PoolSpec,
} from './foreign-api.ts'
import { type Foreign, ForeignEndpoints, type ForeignHost, isForeign, linksOf, generationOf, nextGeneration } from './foreign-endpoints.ts'
import { ForeignNames } from './foreign-names.ts'
import { ForeignNetworks } from './foreign-networks.ts'
import { ForeignPools } from './foreign-pools.ts'
import { ForeignPorts, isPublish } from './foreign-ports.ts'
import { Networks } from './networks.ts'
import { Queues } from './queues.ts'
import type { EndpointId, NetworkId, NetworkRecord, PortRequest } from './types.ts'

/** For how long an endpoint may be in no sandbox; between its creation and its joining lies the start of a container. */
const patienceMs = 600_000
/** The same, where the runtime has started meanwhile: it has forgotten what it was at. */
const patienceAfterStartMs = 60_000

export class Foreigners implements ForeignRuntime {
  readonly #context: Context
  readonly #now: () => number
  readonly #networks: ForeignNetworks
  readonly #endpoints: ForeignEndpoints
  readonly #ports: ForeignPorts
  readonly #pools: ForeignPools
  readonly #names: ForeignNames
  readonly #queues = new Queues()

  constructor(context: Context, host: ForeignHost) {
    const networks = new Networks(context)
    this.#context = context
    this.#now = () => host.now()
    this.#endpoints = new ForeignEndpoints(context, networks, host)
    this.#networks = new ForeignNetworks(context, networks, this.#endpoints)
    this.#ports = new ForeignPorts(context, this.#endpoints, host)
    this.#pools = new ForeignPools(context, () => host.now())
    this.#names = new ForeignNames(context)
  }

  noteStart(): void {
    this.#context.store.write(nextGeneration)
  }

  createNetwork(spec: ForeignNetworkSpec): Promise<NetworkRecord> {
    return this.#queues.run(spec.foreign.id, () => this.#networks.create(spec))
  }

  deleteNetwork(id: NetworkId): Promise<void> {
    return this.#queues.run(id, async () => {
      const endpoints = this.#context.store.read(view => view.endpoints.list({ parent: id }))
      await this.#networks.delete(id)
      for (const endpoint of endpoints) this.#ports.release(endpoint.id)
    })
  }

  createEndpoint(spec: ForeignEndpointSpec): Promise<ForeignPlace> {
    return this.#queues.run(spec.id, () => this.#endpoints.create(spec))
  }

  findEndpoint(id: EndpointId): ForeignPlace | undefined {
    const endpoint = this.#endpoints.find(id)
    const network = endpoint === undefined ? undefined : this.#context.store.read(view => view.networks.get(endpoint.networkId))
    return endpoint === undefined || network === undefined ? undefined : { endpoint, network }
  }

  join(id: EndpointId, sandboxKey: string): Promise<ForeignPlace> {
    return this.#queues.run(id, () => this.#endpoints.join(id, sandboxKey))
  }

  publish(id: EndpointId, ports: readonly PortRequest[]): Promise<readonly string[]> {
    return this.#queues.run(id, () => this.#ports.publish(id, ports))
  }

  unpublish(id: EndpointId): Promise<void> {
    return this.#queues.run(id, () => this.#ports.unpublish(id))
  }

  leave(id: EndpointId): Promise<void> {
    return this.#queues.run(id, async () => {
      await this.#ports.unpublish(id)
      await this.#endpoints.leave(id)
    })
  }

  deleteEndpoint(id: EndpointId): Promise<void> {
    return this.#queues.run(id, () => this.#delete(id))
  }

  requestPool(spec: PoolSpec): Promise<{ readonly id: string, readonly cidr: string }> {
    return this.#pools.request(spec)
  }

  releasePool(id: string): void {
    this.#pools.release(id)
  }

  requestAddress(poolId: string, spec: AddressSpec): string {
    return this.#pools.requestAddress(poolId, spec)
  }

  releaseAddress(poolId: string, address: string): void {
    this.#pools.releaseAddress(poolId, address)
  }

  areNamesMissing(): boolean {
    return this.#names.areMissing()
  }

  noteContainers(containers: readonly KnownContainer[]): void {
    this.#names.noteContainers(containers)
  }

  noteNetworks(names: ReadonlyMap<string, string>): void {
    this.#names.noteNetworks(names)
  }

  containers(): readonly ForeignContainer[] {
    return this.#names.containers()
  }

  async recover(): Promise<void> {
    const unfinished = this.#context.store.read(view => ['creating', 'deleting'].flatMap(state => view.endpoints.list({ state })))
    await this.#each(unfinished.filter(isForeign), endpoint => this.#endpoints.recover(endpoint))
  }

  async restore(): Promise<readonly string[]> {
    const warnings: string[] = []
    for (const endpoint of this.#all()) {
      await this.#queues.run(endpoint.id, async () => {
        warnings.push(...this.#ports.hold(endpoint))
        const rules = endpoint.objects.filter(isPublish)
        await this.#context.executor.create(await this.#context.executor.missing(rules))
      }).catch((error: unknown) => void warnings.push(messageOf(error)))
    }
    return warnings
  }

  async collect(): Promise<number> {
    let collected = 0
    await this.#each(this.#all(), endpoint => this.#queues.run(endpoint.id, async () => {
      const now = this.#endpoints.find(endpoint.id)
      if (now?.state !== 'ready' || !await this.#isOrphan(now)) return
      await this.#delete(now.id)
      collected += 1
    }))
    return collected
  }

  /** Lets go of the ports that this process holds. */
  close(): void {
    this.#ports.close()
  }

  async #delete(id: EndpointId): Promise<void> {
    await this.#endpoints.delete(id)
    this.#ports.release(id)
  }

  async #isOrphan(endpoint: Foreign): Promise<boolean> {
    const { bootId, executor, store } = this.#context
    if (endpoint.bootId !== bootId) return true
    const { sandboxKey, generation, since } = endpoint.foreign
    if (sandboxKey !== undefined) {
      const links = linksOf(endpoint)
      // Without a link there is only the namespace to ask; where it cannot be seen, nothing is lost with the record.
      return (await executor.missing(links.length > 0 ? links : [{ kind: 'netns', path: sandboxKey }])).length > 0
    }
    const age = this.#now() - since
    return age > patienceMs || age > patienceAfterStartMs && generation < store.read(view => generationOf(view))
  }

  #all(): readonly Foreign[] {
    return this.#context.store.read(view => view.endpoints.list({ state: 'ready' })).filter(isForeign)
  }

  /** Goes on after a failure, and tells all of them at the end. */
  async #each(endpoints: readonly Foreign[], act: (endpoint: Foreign) => Promise<void>): Promise<void> {
    const failures: unknown[] = []
    for (const endpoint of endpoints) await act(endpoint).catch((error: unknown) => void failures.push(error))
    if (failures.length > 0) throw failureOf(new AggregateError(failures, `recover endpoints: ${failures.map(messageOf).join('; ')}`))
  }
}
