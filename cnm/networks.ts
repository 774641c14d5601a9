/**
 * Networks: made, found, deleted; the default network made by whoever needs it first.
 *
 * Each step writes its intent before the kernel is touched and confirms it after, so that a process that dies in between leaves a
 * record that says what may be there.
 */
import { sizeOf } from '../address/cidr.ts'
import { TsnetError, isTsnetError } from '../errors/error.ts'
import type { Facts } from '../objects/facts.ts'
import type { KernelObject, ObjectKind } from '../objects/object.ts'
import { isBusy, nobody, type Context } from './context.ts'
import { failureOf } from './executor.ts'
import type { NetworkSpec, SubnetUsage } from './controller-api.ts'
import { networkEvent } from './events.ts'
import { factsBeforeTsnet, isSharedGuard, noteForwarding, removableObjects } from './forwarding.ts'
import { defaultNetworkName } from './names.ts'
import { addressPool, checkNetwork, planNetwork, reserveOwnAddresses, type CheckedNetwork } from './network-plan.ts'
import { overlapWarnings } from './overlaps.ts'
import { forgetMembers, needsSegment } from './segments.ts'
import { findPredefined, predefinedNetworks, refusePredefined } from './predefined.ts'
import { networkKeys, rehearse, type StateTransaction, type StateView } from './state-store.ts'
import type { NetworkRecord } from './types.ts'

/** How long one process waits for another that makes the same network. */
const patienceMs = 30_000

/** What is looked at before a member joins: a fraction of a millisecond, where firewall rules would take longer the more there are. */
const lookedAt: ReadonlySet<ObjectKind> = new Set(['bridge', 'bridge-link', 'link-up', 'address', 'sysctl'])

export class Networks {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  async create(spec: NetworkSpec): Promise<NetworkRecord> {
    const { store } = this.#context
    const checked = await checkNetwork(this.#context, spec)
    const facts = await this.#context.facts()
    const intent = store.write(tx => this.#insert(tx, checked, facts))
    try {
      await this.#make(intent)
    } catch (error) {
      await this.#giveUp(intent)
      throw failureOf(error)
    }
    return store.write(tx => {
      tx.events.append(networkEvent(this.#context.clock.now(), 'create', intent))
      return put(tx, { ...intent, state: 'ready', owner: nobody, announced: true })
    })
  }

  /** The record that `create` would make, without making it. */
  async rehearse(spec: NetworkSpec): Promise<NetworkRecord> {
    const checked = await checkNetwork(this.#context, spec)
    const facts = await this.#context.facts()
    return rehearse(this.#context.store, tx => this.#insert(tx, checked, facts))
  }

  /** As `rehearse`, for the network that `ensure` would make. @throws network-not-found for any but the default network */
  async rehearseDefault(ref: string): Promise<NetworkRecord> {
    if (ref !== defaultNetworkName) throw networkNotFound(ref)
    return this.rehearse({ name: ref })
  }

  /** Puts a rehearsed network into a further rehearsal, as if it were there. */
  adopt(tx: StateTransaction, network: NetworkRecord): void {
    put(tx, { ...network, state: 'ready' })
    reserveOwnAddresses(tx, network)
  }

  /** @throws network-in-use, predefined-network, network-not-found */
  async delete(ref: string): Promise<NetworkRecord> {
    refusePredefined('delete', ref)
    const { network, objects } = this.#context.store.write(tx => {
      const found = tx.networks.find(ref)
      if (found === undefined) throw networkNotFound(ref)
      refuseInUse(this.#context, tx, found)
      const deleting = put(tx, { ...found, state: 'deleting', owner: this.#context.owner })
      return { network: deleting, objects: removableObjects(tx, deleting) }
    })
    await this.finishDeletion(network, objects)
    return network
  }

  /** The default network is not the user's. */
  async prune(accepts: (network: NetworkRecord) => boolean): Promise<readonly NetworkRecord[]> {
    const deleted: NetworkRecord[] = []
    const used = new Set(this.#context.store.read(view => view.endpoints.list().map(endpoint => endpoint.networkId)))
    for (const network of this.list()) {
      if (findPredefined(network.id) !== undefined || network.name === defaultNetworkName || network.foreign !== undefined || used.has(network.id) || !accepts(network)) continue
      try {
        deleted.push(await this.delete(network.id))
      } catch (error) {
        if (!isTsnetError(error, 'network-in-use') && !isTsnetError(error, 'network-not-found')) throw error
      }
    }
    return deleted
  }

  /** Removes the objects of a network that is marked `deleting` by this process, then its record. */
  async finishDeletion(network: NetworkRecord, objects: readonly KernelObject[]): Promise<void> {
    const { store, executor } = this.#context
    try {
      await executor.remove(objects)
    } catch (error) {
      store.write(tx => put(tx, { ...network, state: 'deleting', owner: nobody }))
      throw failureOf(error)
    }
    store.write(tx => forget(tx, network, this.#context.clock.now()))
  }

  get(ref: string): NetworkRecord {
    const network = findPredefined(ref) ?? this.#context.store.read(view => view.networks.find(ref))
    if (network === undefined || network.state !== 'ready') throw networkNotFound(ref)
    return network
  }

  list(): readonly NetworkRecord[] {
    const stored = this.#context.store.read(view => view.networks.list({ state: 'ready' }))
    return [...stored, ...predefinedNetworks].toSorted((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  }

  async warnings(networks: readonly NetworkRecord[]): Promise<readonly string[]> {
    const facts = await this.#context.facts()
    return networks.flatMap(network => overlapWarnings(network, facts))
  }

  usage(ref: string): readonly SubnetUsage[] {
    const network = this.get(ref)
    return this.#context.store.read(view => network.subnets.map(subnet => {
      const pool = addressPool(network.id, subnet)
      return { family: subnet.family, cidr: subnet.cidr, used: view.ipam.count(pool.key).used, size: sizeOf(pool.cidr) }
    }))
  }

  /**
   * The network, ready in the kernel of this boot; the default network is made where it is not there. Of many processes that
   * come at once one makes it, the others wait for it while it lives, and take over when it does not.
   */
  async ensure(ref: string): Promise<NetworkRecord> {
    for (let pauseMs = 1, waitedMs = 0; ; waitedMs += pauseMs, pauseMs = Math.min(pauseMs * 2, 50)) {
      const found = this.#context.store.read(view => view.networks.find(ref))
      if (found?.state === 'ready') return found.bootId === this.#context.bootId ? found : await this.#remake(found)
      if (found === undefined && ref !== defaultNetworkName) throw networkNotFound(ref)
      const made = found === undefined ? await this.#createUnlessTaken(ref) : undefined
      if (made !== undefined) return made
      if (found !== undefined && !isBusy(this.#context, found)) await this.recover(found)
      if (waitedMs > patienceMs) {
        throw new TsnetError('timeout', `use network "${ref}": another process has been at it for ${patienceMs / 1000} s`)
      }
      await this.#context.clock.sleep(pauseMs)
    }
  }

  /** The network that a member is about to join: ready, its bridges there, with room on one of them. */
  async prepare(ref: string): Promise<NetworkRecord> {
    const network = await this.ensure(ref)
    await this.restoreLinks(network)
    return await this.#makeRoom(network)
  }

  /**
   * Adds a bridge to a network that is nearly full. In the record first: who dies then leaves a bridge that is not there, which the next to
   * join makes, as one that was deleted by hand.
   */
  async #makeRoom(network: NetworkRecord): Promise<NetworkRecord> {
    const { store, executor, drivers } = this.#context
    const { growth } = drivers[network.driver]
    if (growth === undefined || !store.read(view => needsSegment(view, network, growth))) return network
    const facts = await this.#context.facts()
    const grown = store.write(tx => {
      const now = tx.networks.get(network.id)
      if (now?.state !== 'ready' || !needsSegment(tx, now, growth)) return undefined
      const segments = (now.segments ?? 0) + 1
      const objects = growth.objects(now, segments, facts)
      return { network: put(tx, { ...now, segments, objects: [...now.objects, ...objects] }), objects }
    })
    if (grown === undefined) return this.get(network.id)
    await executor.create(grown.objects)
    if (store.read(view => view.networks.get(network.id))?.state === 'ready') return grown.network
    await executor.remove(grown.objects)
    throw networkNotFound(network.name)
  }

  /**
   * Makes again what a ready network has lost, where one of its links, addresses or settings is gone: a bridge that was deleted by hand or set
   * down, forwarding that was turned off. Takes that back if the network is being deleted meanwhile.
   */
  async restoreLinks(network: NetworkRecord): Promise<void> {
    const { store, executor } = this.#context
    if ((await executor.missing(network.objects.filter(({ kind }) => lookedAt.has(kind)))).length === 0) return
    const missing = await executor.missing(network.objects)
    await executor.create(missing)
    if (store.read(view => view.networks.get(network.id))?.state !== 'ready') await executor.remove(missing)
  }

  /** Removes what a dead process left of a network, or this one (`own`), where the caller knows that it is not at work on it. */
  async recover(network: NetworkRecord, own = false): Promise<void> {
    const claimed = this.#context.store.write(tx => {
      const now = tx.networks.get(network.id)
      if (now === undefined || now.state === 'ready') return undefined
      if (isBusy(this.#context, now) && !(own && now.owner === this.#context.owner)) return undefined
      const deleting = put(tx, { ...now, state: 'deleting', owner: this.#context.owner })
      return { deleting, objects: removableObjects(tx, deleting) }
    })
    if (claimed !== undefined) await this.finishDeletion(claimed.deleting, claimed.objects)
  }

  #insert(tx: StateTransaction, checked: CheckedNetwork, facts: Facts): NetworkRecord {
    const record = planNetwork(this.#context, tx, checked, facts)
    tx.networks.insert(networkKeys(record), record)
    noteForwarding(tx, record.objects, this.#context.bootId)
    return record
  }

  async #createUnlessTaken(name: string): Promise<NetworkRecord | undefined> {
    try {
      return await this.create({ name })
    } catch (error) {
      if (isTsnetError(error, 'name-in-use')) return undefined
      throw error
    }
  }

  /** After a reboot the kernel has nothing of the network: the same list again, as today's host wants it. */
  async #remake(network: NetworkRecord): Promise<NetworkRecord> {
    const { store, drivers, bootId } = this.#context
    const hostFacts = await this.#context.facts()
    const planned = store.write(tx => {
      const objects = drivers[network.driver].networkObjects(network, factsBeforeTsnet(tx, hostFacts, bootId))
      noteForwarding(tx, objects, bootId)
      // Still of the old boot, and ready: who dies now leaves a network that the next one makes again.
      return put(tx, { ...network, objects })
    })
    try {
      await this.#make(planned)
    } catch (error) {
      throw failureOf(error)
    }
    return store.write(tx => put(tx, { ...planned, bootId }))
  }

  #make(network: NetworkRecord): Promise<void> {
    const { executor, store } = this.#context
    return executor.create(network.objects, object => store.read(view => isSharedGuard(view, network, object)))
  }

  /**
   * After a failed creation: no trace, or, where something cannot be undone, a record for recovery. Removing once more what the
   * executor has undone costs little, and is the only proof that nothing is left.
   */
  async #giveUp(network: NetworkRecord): Promise<void> {
    const { store } = this.#context
    const objects = store.write(tx => removableObjects(tx, put(tx, { ...network, state: 'deleting' })))
    // The failure that led here is the one to tell.
    await this.finishDeletion(network, objects).catch(() => undefined)
  }
}

export function networkNotFound(ref: string): TsnetError {
  const reason = ref === defaultNetworkName ? 'the default network is made with the first container that is on it' : 'there is none of that name or id'
  return new TsnetError('network-not-found', `find network "${ref.slice(0, 80)}": ${reason}`,
    { data: { network: ref } })
}

/** Addresses of another runtime's network are that runtime's to choose. @throws network-foreign */
export function refuseForeign(network: NetworkRecord): NetworkRecord {
  if (network.foreign === undefined) return network
  throw new TsnetError('network-foreign', `use network "${network.name}": it is Docker's, and so are its containers; connect them with docker`,
    { data: { network: network.id } })
}

function put(tx: StateTransaction, record: NetworkRecord): NetworkRecord {
  tx.networks.put(networkKeys(record), record)
  return record
}

function forget(tx: StateTransaction, network: NetworkRecord, time: string): void {
  if (network.announced === true) tx.events.append(networkEvent(time, 'destroy', network))
  forgetMembers(tx, network.id)
  for (const subnet of network.subnets) tx.ipam.deleteSubnet(addressPool(network.id, subnet).key)
  tx.networks.delete(network.id)
}

function refuseInUse(context: Context, view: StateView, network: NetworkRecord): void {
  const names = view.endpoints.list({ parent: network.id }).map(endpoint => endpoint.name).toSorted()
  if (names.length > 0) {
    const shown = names.slice(0, 10).map(name => `"${name}"`).join(', ')
    throw new TsnetError('network-in-use',
      `delete network "${network.name}": it has ${names.length} endpoint${names.length === 1 ? '' : 's'}: ${shown}`
      + (names.length > 10 ? ', …' : ''), { data: { endpoints: names } })
  }
  if (isBusy(context, network)) {
    throw new TsnetError('network-in-use', `delete network "${network.name}": another process is ${network.state} it`,
      { data: { owner: network.owner } })
  }
}
