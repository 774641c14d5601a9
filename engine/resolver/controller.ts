/** The controller of a host where networks have names: the resolver comes with the first container of one, and goes with the last network. */
import type { Context } from '../../cnm/context.ts'
import { Controller } from '../../cnm/controller.ts'
import type { Attachment, Connection, EndpointSpec, SandboxSpec } from '../../cnm/controller-api.ts'
import type { NetworkRecord, SandboxId } from '../../cnm/types.ts'
import { labelOf } from '../../dns/sockets.ts'
import { hasNames, placesFor, placesOf } from './places.ts'
import type { NameService } from './service.ts'

export class NamedController extends Controller {
  readonly #names: NameService

  constructor(context: Context, names: NameService) {
    super(context)
    this.#names = names
  }

  /** The resolver starts while the sandbox is made. */
  override async createSandbox(spec: SandboxSpec): Promise<Attachment> {
    const wanted = spec.mode === 'bridge' ? spec.endpoints.map(({ network }) => network) : []
    if (this.#onBridges().some(({ id, name }) => wanted.some(ref => ref === name || ref === id))) this.#names.start()
    const attachment = await super.createSandbox(spec)
    const warnings = await this.#listening(attachment)
    return warnings.length === 0 ? attachment : { ...attachment, warnings: [...attachment.warnings, ...warnings] }
  }

  /** A container that was on networks without names until now may be the first of one with names. */
  override async connect(id: SandboxId, spec: Omit<EndpointSpec, 'ports'>): Promise<Connection> {
    return this.#withNames(id, await super.connect(id, spec))
  }

  /** What is left may have to be asked elsewhere. */
  override async disconnect(id: SandboxId, network: string): Promise<Connection> {
    return this.#withNames(id, await super.disconnect(id, network))
  }

  override async deleteNetwork(ref: string): Promise<NetworkRecord> {
    const network = await super.deleteNetwork(ref)
    if (hasNames(network)) await this.#endedIfUnused()
    return network
  }

  override async pruneNetworks(accepts: (network: NetworkRecord) => boolean): Promise<readonly NetworkRecord[]> {
    const networks = await super.pruneNetworks(accepts)
    if (networks.some(hasNames)) await this.#endedIfUnused()
    return networks
  }

  async #withNames(id: SandboxId, connection: Connection): Promise<Connection> {
    const sandbox = this.findSandbox(id)
    if (sandbox === undefined) return connection
    const endpoints = this.listEndpoints({ sandboxId: id }).map(endpoint => ({ endpoint, network: this.getNetwork(endpoint.networkId) }))
    return { ...connection, warnings: [...connection.warnings, ...await this.#listening({ sandbox, endpoints })] }
  }

  /** Waits until the container can ask; says in sentences for the user what did not come to be. */
  async #listening({ sandbox, endpoints }: Pick<Attachment, 'sandbox' | 'endpoints'>): Promise<readonly string[]> {
    const places = placesFor(endpoints, sandbox)
    if (places.length === 0) return []
    this.#names.start()
    return this.#names.listening(places.map(labelOf))
  }

  async #endedIfUnused(): Promise<void> {
    const isUsed = this.#onBridges().length > 0 || this.listNetworks().some(network => hasNames(network) && this.listEndpoints({ networkId: network.id }).length > 0)
    if (!isUsed) await this.#names.ended()
  }

  /** The networks for which the resolver runs even while they have no member. */
  #onBridges(): readonly NetworkRecord[] {
    return this.listNetworks().filter(network => placesOf(network).length > 0)
  }
}
