/**
 * How many of the kernel's changes of rules this process made natively, beside iptables: they grow the kernel's count of changes, but touch none of
 * iptables' rules, which are remembered past them (nat/iptables/memory.ts).
 */
export class OwnChanges {
  #count = 0

  get count(): number {
    return this.#count
  }

  /** So many as the kernel told that it counted: a transaction that changed nothing is none. */
  add(changes: number): void {
    this.#count += changes
  }
}
