/**
 * Who is called what, network by network: made anew from the store's records whenever they change. Pure.
 *
 * A container is found by the members of its networks under its name, its aliases, the twelve digits of its id and its hostname, each of
 * them also with `.NETWORK` behind it. Several containers may share a name.
 */
import { type Cidr, lastOf, parseCidr } from '../address/cidr.ts'
import { type IpAddress, formatIp, parseIp } from '../address/ip.ts'

export interface NamedNetwork {
  readonly id: string
  readonly name: string
  /** CIDR, for the names of its addresses. */
  readonly subnets: readonly string[]
  /** Nothing of it leads out, so no question of its members does. */
  readonly internal: boolean
}

export interface NamedEndpoint {
  readonly networkId: string
  readonly sandboxId: string
  /** The first one is what its addresses are called. */
  readonly names: readonly string[]
  readonly addresses: readonly string[]
  /** `--dns`: whom to ask in place of the host's servers. */
  readonly nameservers: readonly string[]
}

/** What one client may know. */
export interface Scope {
  /** The addresses of a name in lower case; undefined where nobody has it. */
  lookup(name: string): readonly IpAddress[] | undefined
  /** The name of an address; `nobody` where it is not taken, or not for the client to know; undefined where it is none of ours. */
  reverse(address: IpAddress): { readonly name: string } | 'nobody' | undefined
  readonly forwards: boolean
  readonly nameservers: readonly string[]
}

interface Members { readonly byName: ReadonlyMap<string, readonly IpAddress[]>, readonly byAddress: ReadonlyMap<string, NamedEndpoint> }

export class Directory {
  readonly #networks: ReadonlyMap<string, NamedNetwork>
  readonly #endpoints: ReadonlyMap<string, readonly NamedEndpoint[]>
  readonly #bySandbox: ReadonlyMap<string, readonly NamedEndpoint[]>
  #subnets: readonly Cidr[] | undefined
  /** Indexed when the first question comes. */
  readonly #members = new Map<string, Members>()

  constructor(networks: readonly NamedNetwork[], endpoints: readonly NamedEndpoint[]) {
    this.#networks = new Map(networks.map(network => [network.id, network]))
    this.#endpoints = Map.groupBy(endpoints, ({ networkId }) => networkId)
    this.#bySandbox = Map.groupBy(endpoints, ({ sandboxId }) => sandboxId)
  }

  /** What a client of a network sees: that network first, then the others that its container is on. One inside it may have left the first. */
  scopeOf({ networkId, address, sandboxId }: { readonly networkId: string, readonly address: string, readonly sandboxId?: string }): Scope {
    const self = sandboxId === undefined ? this.#membersOf(networkId).byAddress.get(address) : this.#bySandbox.get(sandboxId)?.[0]
    const others = (self === undefined ? [] : this.#bySandbox.get(self.sandboxId) ?? []).map(endpoint => endpoint.networkId)
    const ids = new Set(sandboxId === undefined || others.includes(networkId) ? [networkId, ...others] : others)
    const networks = [...ids].flatMap(id => this.#networks.get(id) ?? [])
    return {
      lookup: name => this.#lookup(networks, name),
      reverse: address => this.#reverse(networks, address),
      forwards: networks.some(({ internal }) => !internal),
      nameservers: self?.nameservers ?? [],
    }
  }

  #lookup(networks: readonly NamedNetwork[], name: string): readonly IpAddress[] | undefined {
    for (const network of networks) {
      const { byName } = this.#membersOf(network.id)
      const suffix = `.${network.name.toLowerCase()}`
      const found = byName.get(name) ?? (name.endsWith(suffix) ? byName.get(name.slice(0, -suffix.length)) : undefined)
      if (found !== undefined) return found
    }
    return undefined
  }

  #reverse(networks: readonly NamedNetwork[], address: IpAddress): { readonly name: string } | 'nobody' | undefined {
    const text = formatIp(address)
    for (const network of networks) {
      const holder = this.#membersOf(network.id).byAddress.get(text)
      if (holder?.names[0] !== undefined) return { name: `${holder.names[0]}.${network.name}` }
    }
    return this.#isOurs(address) ? 'nobody' : undefined
  }

  /** In any of our networks: nobody outside knows who has it. */
  #isOurs(address: IpAddress): boolean {
    this.#subnets ??= [...this.#networks.values()].flatMap(({ subnets }) => subnets.map(parseCidr))
    return this.#subnets.some(subnet => subnet.family === address.family && address.value >= subnet.first && address.value <= lastOf(subnet))
  }

  #membersOf(networkId: string): Members {
    const known = this.#members.get(networkId)
    if (known !== undefined) return known
    const byName = new Map<string, IpAddress[]>()
    const byAddress = new Map<string, NamedEndpoint>()
    for (const endpoint of this.#endpoints.get(networkId) ?? []) {
      const addresses = endpoint.addresses.map(parseIp)
      for (const address of addresses) byAddress.set(formatIp(address), endpoint)
      for (const name of new Set(endpoint.names.map(text => text.toLowerCase()))) {
        byName.set(name, [...byName.get(name) ?? [], ...addresses])
      }
    }
    const members = { byName, byAddress }
    this.#members.set(networkId, members)
    return members
  }
}
