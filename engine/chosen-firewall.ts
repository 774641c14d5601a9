/**
 * The host's firewall backend, whichever it is: chosen on first use, kept in the store, changed by `tsnet firewall use`.
 *
 * Processes that create or remove rules hold a shared lock while they do, and a change of backend an exclusive one, so that no rule
 * is written to the backend that is just being left.
 */
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { bootId as readBootId } from '../kernel/boot.ts'
import { makeFolder } from '../kernel/folder.ts'
import { sleep } from '../kernel/sleep.ts'
import { LOCK_EX, LOCK_NB, LOCK_SH, flock } from '../kernel/syscalls/descriptor.ts'
import { type BackendAvailability, detectBackend, listBackends, openFirewall, requireBackend, switchBackend } from '../nat/backend.ts'
import type { BridgeFilter } from '../nat/bridge/bridge-filter.ts'
import { isFirewallObject } from '../nat/family.ts'
import { type BackendName, type Firewall, type FirewallSummary, type ObjectCounters, backendNames } from '../nat/firewall.ts'
import type { OwnChanges } from '../nat/own-changes.ts'
import type { KernelObserver } from '../objects/family.ts'
import type { FirewallObject } from '../objects/firewall.ts'
import type { KernelObject } from '../objects/object.ts'
import type { Store } from '../store/store.ts'

const backendKey = 'firewall-backend'
/** `off` where the user wants no forward guard, whatever the records say. */
const guardKey = 'forward-guard'
const lockPauseMs = 2

export interface ChosenFirewallOptions {
  readonly store: Store
  readonly runRoot: string
  readonly observer: KernelObserver
  readonly ownChanges?: OwnChanges
  /** What is filtered on bridges, the same with either backend: shown with the rest. */
  readonly bridges?: Pick<BridgeFilter, 'summary'>
}

interface Recorded { readonly objects: readonly KernelObject[] }
interface Attached extends Recorded { readonly shared: readonly KernelObject[], readonly bootId: string }

export class ChosenFirewall implements Firewall {
  readonly #options: ChosenFirewallOptions
  readonly #backends = new Map<BackendName, Firewall>()
  #expected: BackendName = 'iptables'

  constructor(options: ChosenFirewallOptions) {
    this.#options = options
  }

  /** The backend in use or, as long as none was needed, the one that would be chosen. */
  get name(): BackendName {
    return this.#recorded() ?? this.#expected
  }

  /** Finds out which backend would be chosen, so that `describe` speaks its language; chooses nothing. */
  async expect(): Promise<BackendName> {
    this.#expected = this.#recorded() ?? await detectBackend()
    return this.#expected
  }

  expectPorts(): void {
    const name = this.#recorded()
    if (name !== undefined) this.#open(name).expectPorts?.()
  }

  prepare(group: readonly FirewallObject[]): void {
    const name = this.#recorded()
    if (name !== undefined) this.#open(name).prepare?.(this.#wanted(group))
  }

  create(group: readonly FirewallObject[]): Promise<void> {
    return this.#shared(firewall => firewall.create(this.#wanted(group)))
  }

  remove(group: readonly FirewallObject[]): Promise<void> {
    return this.#shared(firewall => firewall.remove(group))
  }

  replace(old: readonly FirewallObject[], fresh: readonly FirewallObject[]): Promise<void> {
    return this.#shared(firewall => firewall.replace(old, fresh))
  }

  missing(group: readonly FirewallObject[]): Promise<readonly FirewallObject[]> {
    return this.#shared(firewall => firewall.missing(this.#wanted(group)))
  }

  describe(object: FirewallObject): readonly string[] {
    return this.#open(this.name).describe(object)
  }

  /** Kept in the store: `off` holds for networks that are made later, and for repair. */
  async setForwardGuard(on: boolean): Promise<void> {
    this.#options.store.write(tx => on ? tx.meta.delete(guardKey) : tx.meta.set(guardKey, 'off'))
    await this.#shared(firewall => firewall.setForwardGuard(on))
  }

  counters(group: readonly FirewallObject[]): Promise<readonly ObjectCounters[]> {
    return this.#shared(firewall => firewall.counters(group))
  }

  async summary(): Promise<FirewallSummary> {
    const summary = await this.#shared(firewall => firewall.summary())
    return { ...summary, lines: [...summary.lines, ...this.#options.bridges?.summary() ?? []] }
  }

  /** What could be used here, and why not. */
  backends(): Promise<readonly BackendAvailability[]> {
    return listBackends()
  }

  /** Moves all rules to the backend `name`, with containers running. @throws firewall-unsupported, invalid-argument */
  async use(name: string): Promise<BackendName> {
    const wanted = await requireBackend(name)
    using _lock = await this.#lock(LOCK_EX)
    const current = this.#recorded()
    if (current !== undefined && current !== wanted) {
      await switchBackend(this.#open(current), this.#open(wanted), this.#wanted(this.#recordedObjects()))
    }
    this.#options.store.write(tx => { tx.meta.set(backendKey, wanted) })
    return wanted
  }

  close(): void {
    for (const firewall of this.#backends.values()) firewall.close()
    this.#backends.clear()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async #shared<T>(act: (firewall: Firewall) => Promise<T>): Promise<T> {
    using _lock = await this.#lock(LOCK_SH)
    return await act(this.#open(await this.#choose()))
  }

  async #choose(): Promise<BackendName> {
    const recorded = this.#recorded()
    if (recorded !== undefined) return recorded
    const detected = await detectBackend()
    return this.#options.store.write(tx => {
      const other = asBackend(tx.meta.get(backendKey))
      if (other === undefined) tx.meta.set(backendKey, detected)
      return other ?? detected
    })
  }

  #wanted(group: readonly FirewallObject[]): readonly FirewallObject[] {
    const isGuarded = this.#options.store.read(tx => tx.meta.get(guardKey)) !== 'off'
    return isGuarded ? group : group.filter(({ kind }) => kind !== 'forward-guard')
  }

  #recorded(): BackendName | undefined {
    return asBackend(this.#options.store.read(tx => tx.meta.get(backendKey)))
  }

  /** Of networks and endpoints, and of CNI's attachments, which share some and do not outlive a boot. */
  #recordedObjects(): readonly FirewallObject[] {
    const bootId = readBootId()
    const objects = this.#options.store.read(tx => [
      ...(['networks', 'endpoints'] as const).flatMap(table => tx.table<Recorded>(table).list().flatMap(record => record.objects)),
      ...tx.table<Attached>('cni_attachments').list().filter(record => record.bootId === bootId).flatMap(record => [...record.shared, ...record.objects]),
    ])
    return [...new Map(objects.filter(isFirewallObject).map(object => [JSON.stringify(object), object])).values()]
  }

  #open(name: BackendName): Firewall {
    const firewall = this.#backends.get(name) ?? openFirewall(name, this.#options.observer, this.#options.ownChanges)
    this.#backends.set(name, firewall)
    return firewall
  }

  async #lock(mode: number): Promise<Disposable> {
    makeFolder(this.#options.runRoot, 0o711)
    const fd = openSync(join(this.#options.runRoot, 'firewall.lock'), 'a', 0o600)
    const lock = { [Symbol.dispose]: () => closeSync(fd) }
    while (!flock(fd, mode | LOCK_NB)) await sleep(lockPauseMs)
    return lock
  }
}

function asBackend(name: string | undefined): BackendName | undefined {
  return backendNames.find(known => known === name)
}
