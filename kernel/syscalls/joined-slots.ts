/**
 * Which datagrams to be sent go to the kernel as one: those to one address, of one length but for the last, which may be shorter. Pure.
 *
 * Datagrams are called by their slot. Joined ones are lists of slots, in the order in which they came.
 */
export class JoinedSlots {
  /** Lists there are. */
  count = 0
  /** Per slot the address that its datagram goes to, in words of 32 bits. */
  readonly #names: Uint32Array
  readonly #wordsPerName: number
  readonly #lengths: Uint16Array
  readonly #next: Int16Array
  /** Per list. */
  readonly #first: Int16Array
  readonly #last: Int16Array
  readonly #sizes: Uint8Array

  constructor(names: Uint32Array, slots: number) {
    this.#names = names
    this.#wordsPerName = names.length / slots
    this.#lengths = new Uint16Array(slots)
    this.#next = new Int16Array(slots)
    this.#first = new Int16Array(slots)
    this.#last = new Int16Array(slots)
    this.#sizes = new Uint8Array(slots)
  }

  /** A datagram of so many bytes, to an address of so many words. A slot is added once. */
  add(slot: number, length: number, nameWords: number): void {
    this.#lengths[slot] = length
    this.#next[slot] = -1
    const list = this.#listFor(slot, length, nameWords)
    if (list === this.count) {
      this.#first[list] = slot
      this.#sizes[list] = 0
      this.count++
    } else {
      this.#next[this.#last[list] ?? 0] = slot
    }
    this.#last[list] = slot
    this.#sizes[list] = (this.#sizes[list] ?? 0) + 1
  }

  clear(): void {
    this.count = 0
  }

  first(list: number): number {
    return this.#first[list] ?? -1
  }

  /** Behind the last comes -1. */
  next(slot: number): number {
    return this.#next[slot] ?? -1
  }

  size(list: number): number {
    return this.#sizes[list] ?? 0
  }

  /** Of the datagram in a slot. */
  length(slot: number): number {
    return this.#lengths[slot] ?? 0
  }

  /** The latest to the same address, where this one may follow, else a new one. */
  #listFor(slot: number, length: number, nameWords: number): number {
    // Parts of nothing cannot be told from no parts.
    if (length === 0) return this.count
    for (let list = this.count - 1; list >= 0; list--) {
      const first = this.first(list)
      if (!this.#isSameName(first, slot, nameWords)) continue
      const isFull = this.length(this.#last[list] ?? 0) < this.length(first)
      return isFull || length > this.length(first) ? this.count : list
    }
    return this.count
  }

  #isSameName(one: number, other: number, words: number): boolean {
    for (let word = 0; word < words; word++) {
      if (this.#names[one * this.#wordsPerName + word] !== this.#names[other * this.#wordsPerName + word]) return false
    }
    return true
  }
}
