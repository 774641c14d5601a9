/**
 * Who is called what, from the store: read anew only when somebody has committed something, which costs some microseconds to find out. So
 * there is nothing to tell the resolver, and nothing that it could have missed.
 */
import type { EndpointRecord, NetworkRecord, SandboxRecord } from '../../cnm/types.ts'
import { Directory, type NamedEndpoint, type NamedNetwork } from '../../dns/directory.ts'
import type { Place } from '../../dns/sockets.ts'
import type { ReadTransaction, Store } from '../../store/store.ts'
import { hasNames, placesInside, placesOf } from './places.ts'

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

  /** Where names are asked for. */
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
    const { networks, endpoints, inside } = this.#store.read(readNames)
    this.#version = version
    this.#places = [...networks.flatMap(placesOf), ...inside]
    this.#directory = new Directory(networks.map(namedNetwork), endpoints.map(namedEndpoint))
  }
}

interface Names { readonly networks: readonly NetworkRecord[], readonly endpoints: readonly EndpointRecord[], readonly inside: readonly Place[] }

function readNames(tx: ReadTransaction): Names {
  const networks = tx.table<NetworkRecord>('networks').list({ state: 'ready' }).filter(hasNames)
  const ids = new Set(networks.map(({ id }) => id))
  const endpoints = tx.table<EndpointRecord>('endpoints').list({ state: 'ready' }).filter(({ networkId }) => ids.has(networkId))
  const sandboxes = tx.table<SandboxRecord>('sandboxes')
  return { networks, endpoints, inside: placesInside(networks, endpoints, id => sandboxes.get(id)) }
}

/** Nobody behind a network without a gateway reaches the world, so their questions do not either. */
function namedNetwork({ id, name, internal, subnets }: NetworkRecord): NamedNetwork {
  return { id, name, internal: internal || subnets.every(({ gateway }) => gateway === undefined), subnets: subnets.map(({ cidr }) => cidr) }
}

function namedEndpoint({ networkId, sandboxId, name, aliases, addresses, nameservers }: EndpointRecord): NamedEndpoint {
  return {
    networkId, sandboxId, names: [name, ...aliases ?? []], nameservers: nameservers ?? [],
    addresses: addresses.map(({ cidr }) => cidr.slice(0, cidr.indexOf('/'))),
  }
}
