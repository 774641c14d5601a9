/**
 * Accepts in native chains of others for the iptables backend: the tables that iptables itself keeps, where our own rules come first, are left
 * out. firewalld, for one, has a chain of its own after iptables' that rejects what it does not know.
 */
import { isErrno } from '../../kernel/error.ts'
import type { KernelObserver } from '../../objects/family.ts'
import type { Family, FirewallObject } from '../../objects/firewall.ts'
import type { ForeignAccepts } from '../firewall.ts'
import type { OwnChanges } from '../own-changes.ts'
import { ForeignChains } from './foreign.ts'
import { NftKernel } from './kernel.ts'
import { TABLE } from './layout.ts'

export class NativeForeignAccepts implements ForeignAccepts {
  readonly #kernel: NftKernel
  readonly #ownChanges: OwnChanges | undefined
  readonly #chains: ForeignChains

  constructor(observe: KernelObserver, ownChanges?: OwnChanges) {
    this.#ownChanges = ownChanges
    this.#kernel = new NftKernel(observe, ownChanges)
    this.#chains = new ForeignChains(this.#kernel, {
      // The names of iptables-nft's tables; a native table with such a name cannot be told apart, and iptables would refuse it.
      isOwn: table => table === TABLE || table === 'filter' || table === 'mangle' || table === 'security',
    })
  }

  /** Grows with every change of any rule by nf_tables, but for this process's own native ones; undefined where the kernel has none. */
  generation(): number | undefined {
    try {
      return this.#kernel.generation() - (this.#ownChanges?.count ?? 0)
    } catch (error) {
      if (isErrno(error, 'EOPNOTSUPP', 'EINVAL', 'EPROTONOSUPPORT')) return undefined
      throw error
    }
  }

  add(group: readonly FirewallObject[]): void {
    const requests = this.#chains.accepts(group)
    if (requests.length > 0) this.#kernel.transact(requests)
  }

  remove(group: readonly FirewallObject[], isKept: (bridge: string, family: Family) => boolean): void {
    const requests = this.#chains.removals(group, isKept)
    if (requests.length > 0) this.#kernel.transact(requests)
  }

  unaccepted(group: readonly FirewallObject[]): readonly FirewallObject[] {
    return this.#chains.unaccepted(group)
  }

  summary(): readonly string[] {
    return this.#chains.summary()
  }

  close(): void {
    this.#kernel.close()
  }
}
