/**
 * The controller: what the doors see of the core, put together from its parts.
 *
 *     controller ─┬─ networks ──┐
 *                 ├─ sandboxes ─┤
 *                 ├─ connections┼─▶ store (intent)   ─▶ executor ─▶ families (kernel)
 *                 └─ recovery ──┘    drivers, ipam: pure functions inside the transaction
 *
 * Pure in itself: everything that touches the world is in the Context it is given. Several controllers, in as many processes, may
 * work on one store at once.
 */
import type { KernelObject } from '../objects/object.ts'
import { Connections } from './connections.ts'
import type { Context } from './context.ts'
import type { Attachment, Connection, EndpointSpec, NetworkController, NetworkSpec, PortsChange, SandboxSpec, SubnetUsage } from './controller-api.ts'
import { Networks } from './networks.ts'
import { PortChanges } from './port-changes.ts'
import { Recovery } from './recovery.ts'
import { Sandboxes } from './sandboxes.ts'
import type { EndpointRecord, NetworkRecord, PortRequest, SandboxId, SandboxRecord } from './types.ts'

export class Controller implements NetworkController {
  readonly #context: Context
  readonly #networks: Networks
  readonly #sandboxes: Sandboxes
  readonly #connections: Connections
  readonly #ports: PortChanges
  readonly #recovery: Recovery

  constructor(context: Context) {
    this.#context = context
    this.#networks = new Networks(context)
    this.#sandboxes = new Sandboxes(context, this.#networks)
    this.#connections = new Connections(context, this.#networks)
    this.#ports = new PortChanges(context, this.#connections)
    this.#recovery = new Recovery(context, this.#networks, this.#sandboxes, this.#connections)
  }

  async createNetwork(spec: NetworkSpec): Promise<{ readonly network: NetworkRecord, readonly warnings: readonly string[] }> {
    return { network: await this.#networks.create(spec), warnings: [] }
  }

  async planNetwork(spec: NetworkSpec): Promise<readonly KernelObject[]> {
    return (await this.#networks.rehearse(spec)).objects
  }

  deleteNetwork(nameOrId: string): Promise<NetworkRecord> {
    return this.#networks.delete(nameOrId)
  }

  pruneNetworks(accepts: (network: NetworkRecord) => boolean): Promise<readonly NetworkRecord[]> {
    return this.#networks.prune(accepts)
  }

  getNetwork(nameOrId: string): NetworkRecord {
    return this.#networks.get(nameOrId)
  }

  listNetworks(): readonly NetworkRecord[] {
    return this.#networks.list()
  }

  networkWarnings(networks: readonly NetworkRecord[]): Promise<readonly string[]> {
    return this.#networks.warnings(networks)
  }

  subnetUsage(nameOrId: string): readonly SubnetUsage[] {
    return this.#networks.usage(nameOrId)
  }

  listEndpoints(filter: { readonly networkId?: string, readonly sandboxId?: string } = {}): readonly EndpointRecord[] {
    const { networkId, sandboxId } = filter
    return this.#context.store.read(view => view.endpoints.list({
      state: 'ready',
      ...networkId === undefined ? {} : { parent: networkId },
      ...sandboxId === undefined ? {} : { sandbox: sandboxId },
    }))
  }

  createSandbox(spec: SandboxSpec): Promise<Attachment> {
    return this.#sandboxes.create(spec)
  }

  planSandbox(spec: SandboxSpec): Promise<readonly KernelObject[]> {
    return this.#sandboxes.plan(spec)
  }

  deleteSandbox(id: SandboxId): Promise<void> {
    return this.#sandboxes.delete(id)
  }

  releaseAddresses(id: SandboxId, network?: string): void {
    this.#sandboxes.releaseAddresses(id, network)
  }

  findSandbox(id: SandboxId): SandboxRecord | undefined {
    return this.#sandboxes.find(id)
  }

  connect(id: SandboxId, spec: Omit<EndpointSpec, 'ports'>): Promise<Connection> {
    return this.#connections.connect(id, spec)
  }

  disconnect(id: SandboxId, network: string): Promise<Connection> {
    return this.#connections.disconnect(id, network)
  }

  publish(id: SandboxId, requests: readonly PortRequest[], keep: (descriptors: readonly number[]) => void): Promise<PortsChange> {
    return this.#ports.publish(id, requests, keep)
  }

  unpublish(id: SandboxId, requests: readonly PortRequest[]): Promise<PortsChange> {
    return this.#ports.unpublish(id, requests)
  }

  recover(options: { readonly repair?: boolean } = {}): Promise<void> {
    return this.#recovery.run(options.repair ?? false)
  }

  missing(objects: readonly KernelObject[]): Promise<readonly KernelObject[]> {
    return this.#context.executor.missing(objects)
  }

  describe(objects: readonly KernelObject[]): readonly string[] {
    return this.#context.executor.describe(objects)
  }
}
