/**
 * What must be done because processes die, machines reboot, and others flush the kernel's tables.
 *
 * The store is the intent, the kernel is the truth: what is half-made or half-removed and whose owner is dead goes; what is of an
 * earlier boot goes, but networks, which are made again when they are needed; what is ready and not there comes back.
 */
import { isBusy, type Context } from './context.ts'
import type { Connections } from './connections.ts'
import { failureOf, messageOf } from './executor.ts'
import type { Networks } from './networks.ts'
import { hasIdlePorts, settlePorts } from './port-settlement.ts'
import { putBack, settledObjects } from './put-back.ts'
import type { Sandboxes } from './sandboxes.ts'
import type { ReadonlyRecordTable, StateView } from './state-store.ts'
import type { EndpointRecord, NetworkRecord, SandboxId, SandboxRecord } from './types.ts'

interface Leftovers {
  readonly sandboxes: readonly SandboxRecord[]
  readonly endpoints: readonly EndpointRecord[]
  readonly networks: readonly NetworkRecord[]
  /** Whose ports a dead process was changing. */
  readonly publishing: readonly SandboxRecord[]
}

export class Recovery {
  readonly #context: Context
  readonly #networks: Networks
  readonly #sandboxes: Sandboxes
  readonly #connections: Connections

  constructor(context: Context, networks: Networks, sandboxes: Sandboxes, connections: Connections) {
    this.#context = context
    this.#networks = networks
    this.#sandboxes = sandboxes
    this.#connections = connections
  }

  /** A few index look-ups where there is nothing to do. Goes on after a failure, and tells all of them at the end. */
  async run(repair: boolean): Promise<void> {
    const failures: unknown[] = []
    const attempt = async (step: () => Promise<void>): Promise<void> => {
      try {
        await step()
      } catch (error) {
        failures.push(error)
      }
    }
    const { sandboxes, endpoints, networks, publishing } = this.#context.store.read(view => this.#leftovers(view))
    for (const { id } of sandboxes) await attempt(() => this.#sandboxes.recover(id, true))
    for (const endpoint of endpoints) await attempt(() => this.#connections.recover(endpoint))
    for (const { id } of publishing) await attempt(() => settlePorts(this.#context, id))
    for (const network of networks) await attempt(() => this.#networks.recover(network))
    this.#noteBoot()
    if (repair) await this.#repair(attempt)
    if (failures.length > 0) throw failureOf(new AggregateError(failures, `recover: ${[...new Set(failures.map(messageOf))].join('; ')}`))
  }

  /** Records that nobody works on any more; after a reboot, all sandboxes as well. */
  #leftovers(view: StateView): Leftovers {
    const { bootId } = this.#context
    const unfinished = <T extends SandboxRecord | EndpointRecord | NetworkRecord>(table: ReadonlyRecordTable<T>): readonly T[] =>
      ['creating', 'deleting'].flatMap(state => table.list({ state })).filter(record => !isBusy(this.#context, record))
    const old = view.meta.get('boot-id') === bootId ? []
      : ['ready', 'publishing'].flatMap(state => view.sandboxes.list({ state })).filter(sandbox => sandbox.bootId !== bootId)
    const sandboxes = [...unfinished(view.sandboxes), ...old]
    // Those of a sandbox that goes, go with it.
    const endpoints = unfinished(view.endpoints).filter(({ sandboxId }) => !sandboxes.some(({ id }) => id === sandboxId))
    const publishing = view.sandboxes.list({ state: 'publishing' })
      .filter(sandbox => hasIdlePorts(this.#context, sandbox) && !sandboxes.some(({ id }) => id === sandbox.id))
    return { sandboxes, endpoints, networks: unfinished(view.networks), publishing }
  }

  #noteBoot(): void {
    const { store, bootId } = this.#context
    if (store.read(view => view.meta.get('boot-id')) !== bootId) store.write(tx => tx.meta.set('boot-id', bootId))
  }

  /** Networks first, endpoints after: an endpoint needs its bridge. */
  async #repair(attempt: (step: () => Promise<void>) => Promise<void>): Promise<void> {
    const { store } = this.#context
    for (const network of store.read(view => view.networks.list({ state: 'ready' }))) {
      await attempt(async () => {
        if (network.bootId === this.#context.bootId) await putBack(this.#context, network.objects, view => settledObjects(view.networks.get(network.id)))
        else await this.#networks.ensure(network.id)
      })
    }
    for (const sandbox of store.read(view => view.sandboxes.list({ state: 'ready' }))) {
      await attempt(() => this.#repairSandbox(sandbox))
    }
  }

  /** Without its namespace a sandbox is dead, and its containers are. */
  async #repairSandbox(sandbox: SandboxRecord): Promise<void> {
    const namespaces = sandbox.objects.filter(object => object.kind === 'netns')
    if ((await this.#context.executor.missing(namespaces)).length > 0) return this.#sandboxes.recover(sandbox.id, true)
    const endpoints = this.#context.store.read(view => view.endpoints.list({ sandbox: sandbox.id }))
    // Somebody connects or disconnects it at this moment; what is missing may be on its way.
    if (endpoints.some(({ state }) => state !== 'ready')) return
    const objects = [...sandbox.objects, ...endpoints.flatMap(endpoint => endpoint.objects)]
    await putBack(this.#context, objects, view => view.sandboxes.get(sandbox.id as SandboxId)?.state === 'ready' ? objects : [])
  }
}
