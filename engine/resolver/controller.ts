/** The controller of a host where networks have names: the resolver comes with the first container of one, and goes with the last network. */
import type { Context } from '../../cnm/context.ts'
import { Controller } from '../../cnm/controller.ts'
import type { Attachment, Connection, EndpointSpec, SandboxSpec } from '../../cnm/controller-api.ts'
import type { NetworkRecord, SandboxId } from '../../cnm/types.ts'
import type { NameService } from './service.ts'
import { placesOf } from './stored-names.ts'

export class NamedController extends Controller {
  readonly #names: NameService

  constructor(context: Context, names: NameService) {
    super(context)
    this.#names = names
  }

  /** The resolver starts while the sandbox is made. */
  override async createSandbox(spec: SandboxSpec): Promise<Attachment> {
    const wanted = spec.mode === 'bridge' ? spec.endpoints.map(({ network }) => network) : []
    if (this.#resolved().some(({ id, name }) => wanted.some(ref => ref === name || ref === id))) this.#names.start()
    const attachment = await super.createSandbox(spec)
    const addresses = resolverAddresses(attachment)
    if (addresses.length === 0) return attachment
    this.#names.start()
    return { ...attachment, warnings: [...attachment.warnings, ...await this.#names.listening(addresses)] }
  }

  /** A container that was on networks without names until now may be the first of one with names. */
  override async connect(id: SandboxId, spec: Omit<EndpointSpec, 'ports'>): Promise<Connection> {
    const connection = await super.connect(id, spec)
    const addresses = resolverAddresses({ endpoints: [connection] })
    if (addresses.length === 0) return connection
    this.#names.start()
    return { ...connection, warnings: [...connection.warnings, ...await this.#names.listening(addresses)] }
  }

  override async deleteNetwork(ref: string): Promise<NetworkRecord> {
    const network = await super.deleteNetwork(ref)
    if (placesOf(network).length > 0 && this.#resolved().length === 0) await this.#names.ended()
    return network
  }

  #resolved(): readonly NetworkRecord[] {
    return this.listNetworks().filter(network => placesOf(network).length > 0)
  }
}

/** What a container's resolv.conf names: the gateways of its networks that have a resolver, IPv4 first. */
export function resolverAddresses({ endpoints }: Pick<Attachment, 'endpoints'>): readonly string[] {
  const objects = endpoints.flatMap(({ network }) => network.objects).filter(object => object.kind === 'resolver')
  return objects.toSorted((a, b) => a.family - b.family).map(({ address }) => address)
}
