/**
 * How many of the kernel's changes of rules this process made natively, beside iptables: they grow the kernel's count of changes, but touch none of
 * iptables' rules, which are remembered past them (nat/iptables/memory.ts).
 */
export class OwnChanges {
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Runs a transaction; it counts where the kernel counted one change, and so nobody else's. */
  track(generation: () => number, transact: () => void): void {
    const before = generation()
    transact()
    if (generation() === before + 1) this.#count += 1
  }
}
