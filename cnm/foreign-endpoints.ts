/**
 * Endpoints in the sandboxes of another runtime: a link that it moves there, and published ports when it says so.
 *
 *     create ─▶ (record) ─▶ join ─▶ (link) ─▶ publish ─▶ (rules, held ports) ─▶ unpublish ─▶ leave ─▶ delete
 *
 * The record tells of work under way. Whoever finds one whose worker died takes that step back: without `sandboxKey` the link, with it the
 * ports. The link goes with the namespace that its other end is in, so an endpoint that has joined and has no link is an orphan.
 */
import { parseInterfaceAddress } from '../address/cidr.ts'
import { canonicalIp, parseIp } from '../address/ip.ts'
import { canonicalMac, macOfIp, macOfName } from '../address/mac.ts'
import { TsnetError } from '../errors/error.ts'
import type { EndpointFacts } from '../objects/facts.ts'
import type { KernelObject } from '../objects/object.ts'
import { isBusy, nobody, type Context } from './context.ts'
import { allocateAll, releaseAddresses } from './endpoint-plan.ts'
import { failureOf } from './executor.ts'
import type { ForeignEndpointSpec, ForeignPlace } from './foreign-api.ts'
import { foreignInterfaceName, hostInterfaceName } from './names.ts'
import { addressPool } from './network-plan.ts'
import { networkNotFound, type Networks } from './networks.ts'
import { putBack, settledObjects } from './put-back.ts'
import { addMember, removeMember } from './segments.ts'
import { endpointKeys, type StateTransaction, type StateView } from './state-store.ts'
import type { EndpointId, EndpointRecord, ForeignEndpoint, NetworkRecord, SandboxId } from './types.ts'

/** What of the host is asked for at every endpoint. `now`: milliseconds since 1970. */
export interface ForeignHost {
  now(): number
  facts(): EndpointFacts
  /** Whether the host's namespace has a link of that name. */
  hasLink(name: string): boolean
}

/** A record that is known to be another runtime's. */
export type Foreign = EndpointRecord & { readonly foreign: ForeignEndpoint }

export class ForeignEndpoints {
  readonly #context: Context
  readonly #networks: Networks
  readonly #now: () => number
  readonly #facts: () => EndpointFacts
  readonly #hasLink: (name: string) => boolean

  constructor(context: Context, networks: Networks, host: ForeignHost) {
    this.#context = context
    this.#networks = networks
    this.#now = () => host.now()
    this.#facts = () => host.facts()
    this.#hasLink = name => host.hasLink(name)
  }

  find(id: EndpointId): Foreign | undefined {
    const found = this.#context.store.read(view => view.endpoints.get(id))
    return found !== undefined && isForeign(found) ? found : undefined
  }

  /** What there is of that id, once a step that a dead process, or this one, did not end is taken back. */
  async settled(id: EndpointId): Promise<Foreign | undefined> {
    const found = this.find(id)
    if (found === undefined || found.state === 'ready') return found
    await this.recover(found, found.owner === this.#context.owner)
    return this.find(id)
  }

  /** @throws endpoint-not-found */
  async get(id: EndpointId): Promise<ForeignPlace & { readonly endpoint: Foreign }> {
    const endpoint = await this.settled(id)
    const network = endpoint === undefined ? undefined : this.#context.store.read(view => view.networks.get(endpoint.networkId))
    if (endpoint !== undefined && network !== undefined && endpoint.state === 'ready') return { endpoint, network }
    throw new TsnetError('endpoint-not-found', `find endpoint ${id.slice(0, 12)}: there is none of that id`, { data: { endpoint: id } })
  }

  /** @throws network-not-found, name-in-use where the id is that of another endpoint, and what allocating throws */
  async create(given: ForeignEndpointSpec): Promise<ForeignPlace> {
    await this.settled(given.id)
    const network = await this.#networks.prepare(given.networkId)
    if (network.foreign === undefined) throw networkNotFound(given.networkId)
    // An endpoint without an interface has no addresses, whatever was chosen for it.
    const spec = network.driver === 'none' ? { id: given.id, networkId: given.networkId } : given
    for (const other of this.#holders(network, spec)) await this.delete(other.id)
    return this.#context.store.write(tx => {
      const present = tx.endpoints.get(spec.id)
      if (present !== undefined) return { endpoint: sameOrRefused(present, spec), network }
      if (tx.networks.get(network.id)?.state !== 'ready') throw networkNotFound(network.name)
      const endpoint = this.#intend(tx, network, spec)
      tx.endpoints.insert(endpointKeys(endpoint), endpoint)
      return { endpoint, network }
    })
  }

  async join(id: EndpointId, sandboxKey: string): Promise<ForeignPlace> {
    const { executor, drivers } = this.#context
    const { endpoint, network } = await this.get(id)
    const { foreign } = endpoint
    if (foreign.sandboxKey === sandboxKey && (await executor.missing(linksOf(endpoint))).length === 0) return { endpoint, network }
    // From an earlier sandbox; its link may be anywhere.
    if (endpoint.objects.length > 0) await this.#clear(endpoint)
    await this.#networks.restoreLinks(network)
    const objects = drivers[network.driver].foreignObjects?.(network, { ...endpoint, ports: [] }, this.#facts()) ?? []
    const { sandboxKey: _old, requested: _ports, ...rest } = foreign
    const joining = this.put({ ...endpoint, objects, ports: [], gatewayFor: [], state: 'creating', owner: this.#context.owner, foreign: rest })
    try {
      await executor.create(objects)
    } catch (error) {
      await this.recover(joining, true).catch(() => undefined)
      throw failureOf(error)
    }
    const joined = this.put({ ...joining, state: 'ready', owner: nobody, foreign: { ...rest, ...this.stamp(), sandboxKey } })
    return { endpoint: joined, network }
  }

  async leave(id: EndpointId): Promise<void> {
    const endpoint = await this.settled(id)
    if (endpoint?.state !== 'ready') return
    const { sandboxKey: _left, ...rest } = endpoint.foreign
    this.put({ ...endpoint, foreign: { ...rest, ...this.stamp() } })
  }

  async delete(id: EndpointId): Promise<void> {
    const { store, executor, owner } = this.#context
    const endpoint = this.find(id)
    if (endpoint === undefined) return
    const deleting = this.put({ ...endpoint, state: 'deleting', owner })
    try {
      await executor.remove(endpoint.objects)
    } catch (error) {
      this.put({ ...deleting, owner: nobody })
      throw failureOf(error)
    }
    store.write(tx => {
      releaseAddresses(tx, endpoint)
      removeMember(tx, endpoint)
      tx.endpoints.delete(id)
    })
  }

  /** Makes again what another program has removed, and gives its number; a link that is gone altogether is not to be had again. */
  async repair(id: EndpointId): Promise<number> {
    const endpoint = this.find(id)
    if (endpoint?.state !== 'ready' || endpoint.bootId !== this.#context.bootId) return 0
    if (linksOf(endpoint).length > 0 && !this.#hasLink(endpoint.hostInterface)) return 0
    return putBack(this.#context, endpoint.objects, view => settledObjects(view.endpoints.get(id)))
  }

  /** Takes back the step that a dead process, or this one (`own`), did not end. */
  async recover(endpoint: Foreign, own = false): Promise<void> {
    const now = this.find(endpoint.id)
    if (now === undefined || now.state === 'ready' || !own && isBusy(this.#context, now)) return
    if (now.state === 'deleting') return this.delete(now.id)
    const undone = now.objects.filter(object => now.foreign.sandboxKey === undefined || object.kind === 'publish')
    this.put({ ...now, owner: this.#context.owner })
    try {
      await this.#context.executor.remove(undone)
    } catch (error) {
      this.put({ ...now, owner: nobody })
      throw failureOf(error)
    }
    const { requested: _ports, ...foreign } = now.foreign
    this.put({
      ...now, state: 'ready', owner: nobody, ports: [], gatewayFor: [], foreign, objects: now.objects.filter(object => !undone.includes(object)),
    })
  }

  /** Removes all that the kernel has of it; the record stays. */
  async #clear(endpoint: Foreign): Promise<void> {
    await this.#context.executor.remove(endpoint.objects)
    this.put({ ...endpoint, objects: [], ports: [], gatewayFor: [] })
  }

  /** The runtime gives each address once: who else has it there, it has forgotten. */
  #holders(network: NetworkRecord, { id, ip, ip6 }: ForeignEndpointSpec): readonly EndpointRecord[] {
    const wanted = { 4: ip, 6: ip6 }
    return this.#context.store.read(view => network.subnets.flatMap(subnet => {
      const address = wanted[subnet.family]
      const lease = address === undefined ? undefined : view.ipam.getLease(addressPool(network.id, subnet).key, canonicalIp(address))
      const holder = lease === undefined || lease.released || lease.holder === id ? undefined : view.endpoints.get(lease.holder)
      return holder === undefined ? [] : [holder]
    }))
  }

  #intend(tx: StateTransaction, network: NetworkRecord, spec: ForeignEndpointSpec): Foreign {
    const { id, mac, ip, ip6 } = spec
    const name = `docker-${id.slice(0, 12)}`
    const given = { 4: ip, 6: ip6 }
    const subnets = network.subnets.filter(({ family }) => given[family] !== undefined || network.foreign?.addressSpaces[family] === undefined)
    const wanted = { network: network.id, name, ...ip === undefined ? {} : { ip }, ...ip6 === undefined ? {} : { ip6 } }
    const addresses = allocateAll(tx, { ...network, subnets }, wanted, { id, name })
    const [first] = addresses
    const segment = addMember(tx, network, this.#context.drivers[network.driver].growth)
    const derived = first === undefined ? macOfName(id) : macOfIp(parseInterfaceAddress(first.cidr).ip)
    return {
      // Until the container is known, each endpoint stands for a sandbox of its own.
      id, networkId: network.id, sandboxId: id as string as SandboxId, name,
      interfaceName: foreignInterfaceName(id), hostInterface: hostInterfaceName(id), mac: mac === undefined ? derived : canonicalMac(mac),
      addresses, ports: [], gatewayFor: [], state: 'ready', owner: nobody, bootId: this.#context.bootId, objects: [],
      ...segment === 0 ? {} : { segment }, foreign: stamp(tx, this.#now()),
    }
  }

  /** How an endpoint that has changed just now is told from those that were forgotten. */
  stamp(): Pick<ForeignEndpoint, 'generation' | 'since'> {
    return this.#context.store.read(view => stamp(view, this.#now()))
  }

  put(endpoint: Foreign): Foreign {
    this.#context.store.write(tx => tx.endpoints.put(endpointKeys(endpoint), endpoint))
    return endpoint
  }
}

export function isForeign(endpoint: EndpointRecord): endpoint is Foreign {
  return endpoint.foreign !== undefined
}

const generationKey = 'docker-generation'

/** How often the runtime has started, as far as is known. */
export function generationOf(view: Pick<StateView, 'meta'>): number {
  return Number(view.meta.get(generationKey) ?? 0)
}

/** The runtime has started once more. */
export function nextGeneration(tx: StateTransaction): void {
  tx.meta.set(generationKey, String(generationOf(tx) + 1))
}

function stamp(view: Pick<StateView, 'meta'>, now: number): Pick<ForeignEndpoint, 'generation' | 'since'> {
  return { generation: generationOf(view), since: now }
}

export function linksOf(endpoint: EndpointRecord): readonly KernelObject[] {
  return endpoint.objects.filter(({ kind }) => kind === 'veth')
}

function sameOrRefused(present: EndpointRecord, spec: ForeignEndpointSpec): EndpointRecord {
  const has = (address: string | undefined): boolean => address === undefined
    || present.addresses.some(({ cidr }) => parseInterfaceAddress(cidr).ip.value === parseIp(address).value)
  const sameMac = spec.mac === undefined || canonicalMac(spec.mac) === present.mac
  if (isForeign(present) && present.networkId === spec.networkId && has(spec.ip) && has(spec.ip6) && sameMac) return present
  throw new TsnetError('name-in-use', `create endpoint ${spec.id.slice(0, 12)}: there is another one of that id`, { data: { endpoint: spec.id } })
}
