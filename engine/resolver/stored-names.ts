/**
 * Who is called what, from the store: read anew only when somebody has committed something, which costs some microseconds to find out. So
 * there is nothing to tell the resolver, and nothing that it could have missed.
 */
import type { EndpointRecord, NetworkRecord } from '../../cnm/types.ts'
import { Directory, type NamedEndpoint } from '../../dns/directory.ts'
import type { Place } from '../../dns/sockets.ts'
import type { ReadTransaction, Store } from '../../store/store.ts'

export class StoredNames {
  readonly #store: Store
  #isFresh = false
  #version: number | undefined
  #directory = new Directory([], [])
  #places: readonly Place[] = []

  constructor(store: Store) {
    this.#store = store
  }

  get directory(): Directory {
    this.#refresh()
    return this.#directory
  }

  /** Where the networks want a resolver. */
  get places(): readonly Place[] {
    this.#refresh()
    return this.#places
  }

  /** Once for all that is answered in one turn of the event loop: looking costs as much as answering. */
  #refresh(): void {
    if (this.#isFresh) return
    this.#isFresh = true
    setImmediate(() => { this.#isFresh = false })
    const version = this.#store.version()
    if (version === this.#version) return
    const { networks, endpoints } = this.#store.read(tx => ({
      networks: resolvedNetworks(tx), endpoints: tx.table<EndpointRecord>('endpoints').list({ state: 'ready' }),
    }))
    this.#version = version
    this.#places = networks.flatMap(placesOf)
    const ids = new Set(networks.map(({ id }) => id))
    this.#directory = new Directory(
      networks.map(({ id, name, internal, subnets }) => ({ id, name, internal, subnets: subnets.map(({ cidr }) => cidr) })),
      endpoints.filter(({ networkId }) => ids.has(networkId)).map(namedEndpoint),
    )
  }
}

/** The networks whose members find each other by name. */
export function resolvedNetworks(tx: ReadTransaction): readonly NetworkRecord[] {
  return tx.table<NetworkRecord>('networks').list({ state: 'ready' }).filter(network => placesOf(network).length > 0)
}

export function placesOf({ id, objects }: NetworkRecord): readonly Place[] {
  return objects.flatMap(object => object.kind === 'resolver' ? [{ networkId: id, address: object.address, port: object.port }] : [])
}

function namedEndpoint({ networkId, sandboxId, name, aliases, addresses, nameservers }: EndpointRecord): NamedEndpoint {
  return {
    networkId, sandboxId, names: [name, ...aliases ?? []], nameservers: nameservers ?? [],
    addresses: addresses.map(({ cidr }) => cidr.slice(0, cidr.indexOf('/'))),
  }
}
