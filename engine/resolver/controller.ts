/** The controller of a host where networks have names: the resolver comes with the first container of one, and goes with the last network. */
import type { Context } from '../../cnm/context.ts'
import { Controller } from '../../cnm/controller.ts'
import type { Attachment, SandboxSpec } from '../../cnm/controller-api.ts'
import type { NetworkRecord } from '../../cnm/types.ts'
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
