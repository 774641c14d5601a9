/** Networks of another runtime: made when it says so, under its id, and removed with whatever it has forgotten on them. */
import { overlaps, parseCidr } from '../address/cidr.ts'
import { TsnetError, isTsnetError } from '../errors/error.ts'
import type { Context } from './context.ts'
import type { ForeignNetworkSpec } from './foreign-api.ts'
import type { ForeignEndpoints } from './foreign-endpoints.ts'
import type { Networks } from './networks.ts'
import { putBack, settledObjects } from './put-back.ts'
import type { NetworkId, NetworkRecord } from './types.ts'

export class ForeignNetworks {
  readonly #context: Context
  readonly #networks: Networks
  readonly #endpoints: ForeignEndpoints

  constructor(context: Context, networks: Networks, endpoints: ForeignEndpoints) {
    this.#context = context
    this.#networks = networks
    this.#endpoints = endpoints
  }

  /** The network that is there already, where it is the same. @throws name-in-use where it is another, and what creating throws */
  async create(spec: ForeignNetworkSpec): Promise<NetworkRecord> {
    const { id } = spec.foreign
    const found = this.#find(id)
    if (found?.state === 'ready') {
      if (found.foreign !== undefined && isSame(found, spec)) return await this.#networks.ensure(id)
      throw new TsnetError('name-in-use', `create network ${id.slice(0, 12)}: there is another one of that id`, { data: { id } })
    }
    if (found !== undefined) await this.#networks.recover(found, true)
    for (const forgotten of this.#forgotten(spec)) await this.delete(forgotten.id)
    return await this.#networks.create(spec)
  }

  /** An unknown id is success, and so is that of a network that is not the runtime's. */
  async delete(id: NetworkId): Promise<void> {
    const network = this.#find(id)
    if (network?.foreign === undefined) return
    for (const { id: endpoint } of this.#context.store.read(view => view.endpoints.list({ parent: id }))) await this.#endpoints.delete(endpoint)
    try {
      if (network.state === 'ready') await this.#networks.delete(id)
      else await this.#networks.recover(network, true)
    } catch (error) {
      if (!isTsnetError(error, 'network-not-found')) throw error
    }
  }

  /** Makes again what another program has removed of it, and gives its number. */
  repair(id: NetworkId): Promise<number> {
    return putBack(this.#context, settledObjects(this.#find(id)), view => settledObjects(view.networks.get(id)))
  }

  /** Takes back what a dead process, or this one, did not end. */
  async settle(id: NetworkId): Promise<void> {
    const found = this.#find(id)
    if (found !== undefined && found.state !== 'ready') await this.#networks.recover(found, true)
  }

  /**
   * In one address space no two networks overlap, so an older one that does was forgotten: the runtime died before it wrote it down. Not
   * where somebody uses it.
   */
  #forgotten({ foreign, subnets = [] }: ForeignNetworkSpec): readonly NetworkRecord[] {
    const wanted = subnets.flatMap(({ subnet }) => subnet === undefined ? [] : [parseCidr(subnet)])
    return this.#context.store.read(view => view.networks.list().filter(other => other.foreign?.runtime === foreign.runtime
      && other.subnets.some(({ family, cidr }) => other.foreign?.addressSpaces[family] !== undefined
        && other.foreign.addressSpaces[family] === foreign.addressSpaces[family] && wanted.some(one => overlaps(one, parseCidr(cidr))))
      && view.endpoints.list({ parent: other.id }).length === 0))
  }

  #find(id: NetworkId): NetworkRecord | undefined {
    return this.#context.store.read(view => view.networks.get(id))
  }
}

function isSame(network: NetworkRecord, { driver = 'bridge', internal = false, options = {}, subnets = [] }: ForeignNetworkSpec): boolean {
  return network.driver === driver && network.internal === internal && JSON.stringify(network.options) === JSON.stringify(options)
    && (driver === 'none' || subnets.every(({ subnet }) => network.subnets.some(({ cidr }) => cidr === subnet)))
}
