/** Another runtime's networks and endpoints, put together: calls that concern one record come one after the other. */
import { parseInterfaceAddress } from '../address/cidr.ts'
import { formatIp } from '../address/ip.ts'
import type { KernelObject } from '../objects/object.ts'
import type { Context } from './context.ts'
import { failureOf, messageOf } from './executor.ts'
import type {
  AddressSpec, ForeignContainer, ForeignEndpointSpec, ForeignNetworkSpec, ForeignPlace, ForeignRuntime, KnownContainer, PoolSpec,
} from './foreign-api.ts'
import { type Foreign, ForeignEndpoints, type ForeignHost, isForeign, linksOf, generationOf, nextGeneration } from './foreign-endpoints.ts'
import { ForeignNames } from './foreign-names.ts'
import { ForeignNetworks } from './foreign-networks.ts'
import { ForeignPools } from './foreign-pools.ts'
import { ForeignPorts } from './foreign-ports.ts'
import { Networks } from './networks.ts'
import { Owed } from './owed.ts'
import { Queues } from './queues.ts'
import type { EndpointId, NetworkId, NetworkRecord, PortRequest } from './types.ts'

/** For how long an endpoint may be in no sandbox; between its creation and its joining lies the start of a container. */
const patienceMs = 600_000
/** The same, where the runtime has started meanwhile, or the link lies about: it has forgotten what it was at. */
const patienceAfterStartMs = 60_000

export class Foreigners implements ForeignRuntime {
  readonly #context: Context
  readonly #now: () => number
  readonly #hasLink: (name: string) => boolean
  readonly #networks: ForeignNetworks
  readonly #endpoints: ForeignEndpoints
  readonly #ports: ForeignPorts
  readonly #pools: ForeignPools
  readonly #names: ForeignNames
  readonly #queues = new Queues()
  readonly #owed = new Owed()

  constructor(context: Context, host: ForeignHost) {
    const networks = new Networks(context)
    this.#context = context
    this.#now = () => host.now()
    this.#hasLink = name => host.hasLink(name)
    this.#endpoints = new ForeignEndpoints(context, networks, host)
    this.#networks = new ForeignNetworks(context, networks, this.#endpoints)
    this.#ports = new ForeignPorts(context, this.#endpoints, host)
    this.#pools = new ForeignPools(context, () => host.now())
    this.#names = new ForeignNames(context)
  }

  noteStart(): void {
    this.#context.store.write(nextGeneration)
  }

  async createNetwork(spec: ForeignNetworkSpec): Promise<NetworkRecord> {
    await this.#owed.pay()
    return this.#queues.run(spec.foreign.id, () => this.#networks.create(spec))
  }

  deleteNetwork(id: NetworkId): Promise<void> {
    return this.#owed.attempt(`network ${id}`, () => this.#queues.run(id, async () => {
      const endpoints = this.#context.store.read(view => view.endpoints.list({ parent: id }))
      await this.#networks.delete(id)
      for (const endpoint of endpoints) this.#ports.release(endpoint.id)
    }))
  }

  async createEndpoint(spec: ForeignEndpointSpec): Promise<ForeignPlace> {
    await this.#owed.pay()
    return this.#queues.run(spec.id, () => this.#endpoints.create(spec))
  }

  findEndpoint(id: EndpointId): ForeignPlace | undefined {
    const endpoint = this.#endpoints.find(id)
    const network = endpoint === undefined ? undefined : this.#context.store.read(view => view.networks.get(endpoint.networkId))
    return endpoint === undefined || network === undefined ? undefined : { endpoint, network }
  }

  async join(id: EndpointId, sandboxKey: string, { hasPorts = false }: { readonly hasPorts?: boolean } = {}): Promise<ForeignPlace> {
    await this.#owed.pay()
    if (hasPorts) this.#context.executor.expectPorts()
    return this.#queues.run(id, () => this.#endpoints.join(id, sandboxKey))
  }

  async publish(id: EndpointId, ports: readonly PortRequest[]): Promise<readonly string[]> {
    await this.#owed.pay()
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
    return this.#owed.attempt(`endpoint ${id}`, () => this.#queues.run(id, () => this.#delete(id)))
  }

  async requestPool(spec: PoolSpec): Promise<{ readonly id: string, readonly cidr: string }> {
    await this.#owed.pay()
    const pool = await this.#pools.request(spec)
    this.#owed.forget(`pool ${pool.id}`)
    return pool
  }

  releasePool(id: string): Promise<void> {
    return this.#owed.attempt(`pool ${id}`, async () => this.#pools.release(id))
  }

  async requestAddress(poolId: string, spec: AddressSpec): Promise<string> {
    await this.#owed.pay()
    const given = this.#pools.requestAddress(poolId, spec)
    this.#owed.forget(`address ${poolId} ${formatIp(parseInterfaceAddress(given).ip)}`)
    return given
  }

  releaseAddress(poolId: string, address: string): Promise<void> {
    return this.#owed.attempt(`address ${poolId} ${address}`, async () => this.#pools.releaseAddress(poolId, address))
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
    const warnings = this.#all().flatMap(endpoint => this.#ports.hold(endpoint))
    await this.repair().catch((error: unknown) => void warnings.push(messageOf(error)))
    return warnings
  }

  async repair(): Promise<number> {
    const made = await this.#repairNetworks()
    return made + await this.#repairEndpoints()
  }

  async repairIfHurt(haveRulesChanged: boolean): Promise<number> {
    const bridges = this.#networksOfBoot().flatMap(({ objects }) => objects).filter(({ kind }) => kind === 'bridge')
    if (!haveRulesChanged && bridges.every(bridge => bridge.kind !== 'bridge' || this.#hasLink(bridge.name))) return 0
    const made = await this.#repairNetworks()
    return made === 0 ? 0 : made + await this.#repairEndpoints()
  }

  async collect(): Promise<number> {
    await this.#owed.pay()
    await this.#finish()
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

  /** Takes back what this process began and could not write down. */
  async #finish(): Promise<void> {
    const { store, owner } = this.#context
    const unfinished = <T extends { readonly owner: string }>(list: (state: string) => readonly T[]): readonly T[] =>
      ['creating', 'deleting'].flatMap(list).filter(record => record.owner === owner)
    await this.#each(store.read(view => unfinished(state => view.endpoints.list({ state }))).filter(isForeign),
      ({ id }) => this.#queues.run(id, async () => void await this.#endpoints.settled(id)))
    for (const { id } of store.read(view => unfinished(state => view.networks.list({ state }).filter(({ foreign }) => foreign !== undefined)))) {
      await this.#queues.run(id, () => this.#networks.settle(id))
    }
  }

  async #isOrphan(endpoint: Foreign): Promise<boolean> {
    const { bootId, executor, store } = this.#context
    if (endpoint.bootId !== bootId) return true
    const { sandboxKey, generation, since } = endpoint.foreign
    // A link that is in the host's namespace is on its way into the sandbox, for milliseconds, or back from it, for good.
    if (sandboxKey !== undefined && !this.#hasLink(endpoint.interfaceName)) {
      const links = linksOf(endpoint)
      // Both ends die together: where one is, the namespace of the other lives, whatever was done to the bridge.
      if (links.length > 0 && this.#hasLink(endpoint.hostInterface)) return false
      // Without a link there is only the namespace to ask; where it cannot be seen, nothing is lost with the record.
      return (await executor.missing(links.length > 0 ? links : [{ kind: 'netns', path: sandboxKey }])).length > 0
    }
    const age = this.#now() - since
    return age > patienceMs || age > patienceAfterStartMs && (sandboxKey !== undefined || generation < store.read(view => generationOf(view)))
  }

  async #repairNetworks(): Promise<number> {
    return this.#sum(await this.#lacking(this.#networksOfBoot()), ({ id }) => this.#queues.run(id, () => this.#networks.repair(id)))
  }

  async #repairEndpoints(): Promise<number> {
    return this.#sum(await this.#lacking(this.#all()), ({ id }) => this.#queues.run(id, () => this.#endpoints.repair(id)))
  }

  /** Those that the kernel lacks something of: one look for all, as whatever rules there are is listed at each look. */
  async #lacking<T extends { readonly objects: readonly KernelObject[] }>(records: readonly T[]): Promise<readonly T[]> {
    const byKind = Map.groupBy(records.flatMap(({ objects }) => objects), ({ kind }) => kind)
    const missing = new Set(await this.#context.executor.missing([...byKind.values()].flat()))
    return records.filter(({ objects }) => objects.some(object => missing.has(object)))
  }

  async #sum<T>(records: readonly T[], repair: (record: T) => Promise<number>): Promise<number> {
    let made = 0
    await this.#each(records, async record => { made += await repair(record) })
    return made
  }

  /** Those of an earlier boot are made when they are needed. */
  #networksOfBoot(): readonly NetworkRecord[] {
    const { store, bootId } = this.#context
    return store.read(view => view.networks.list({ state: 'ready' })).filter(network => network.foreign !== undefined && network.bootId === bootId)
  }

  #all(): readonly Foreign[] {
    return this.#context.store.read(view => view.endpoints.list({ state: 'ready' })).filter(isForeign)
  }

  /** Goes on after a failure, and tells all of them at the end. */
  async #each<T>(records: readonly T[], act: (record: T) => Promise<void>): Promise<void> {
    const failures: unknown[] = []
    for (const record of records) await act(record).catch((error: unknown) => void failures.push(error))
    if (failures.length > 0) throw failureOf(new AggregateError(failures, `recover: ${failures.map(messageOf).join('; ')}`))
  }
}
