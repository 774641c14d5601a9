/**
 * A bitmap over the addresses of one subnet, in blocks that exist only where a bit is set: memory grows with the addresses in
 * use, not with the subnet, so that an IPv6 /64 costs what its endpoints cost. One object is for one use inside one transaction.
 */
import type { IpamStore } from './ipam-store.ts'

/** Addresses per block: 512 bytes, one row of the database. */
export const blockBits = 4096

export class Bitmap {
  readonly #store: IpamStore
  readonly #subnet: string
  /** The block read last: a bit that was found is set in it. */
  #read: { readonly block: bigint, readonly bits: Uint8Array | undefined } | undefined

  constructor(store: IpamStore, subnet: string) {
    this.#store = store
    this.#subnet = subnet
  }

  set(offset: bigint): void {
    const [block, bit] = split(offset)
    const bits = this.#block(block) ?? new Uint8Array(0)
    const grown = bits.length > bit >> 3 ? bits : growTo(bits, (bit >> 3) + 1)
    grown[bit >> 3] = (grown[bit >> 3] ?? 0) | 1 << (bit & 7)
    this.#read = { block, bits: grown }
    this.#store.putBlock(this.#subnet, block, grown)
  }

  clear(offset: bigint): void {
    const [block, bit] = split(offset)
    const bits = this.#block(block)
    if (bits === undefined || bits.length <= bit >> 3) return
    bits[bit >> 3] = (bits[bit >> 3] ?? 0) & ~(1 << (bit & 7))
    this.#read = undefined
    if (bits.every(byte => byte === 0)) this.#store.deleteBlock(this.#subnet, block)
    else this.#store.putBlock(this.#subnet, block, bits)
  }

  /** Finds the first clear bit from `first` to `last`, both included, and sets it. */
  claim(first: bigint, last: bigint): bigint | undefined {
    const offset = this.findClear(first, last)
    if (offset !== undefined) this.set(offset)
    return offset
  }

  /** The first clear bit from `first` to `last`, both included. Reads one block per 4096 used addresses it passes. */
  findClear(first: bigint, last: bigint): bigint | undefined {
    for (let offset = first; offset <= last;) {
      const [block, bit] = split(offset)
      const bits = this.#block(block)
      const found = bits === undefined ? bit : firstClear(bits, bit)
      if (found < blockBits) {
        const result = block * BigInt(blockBits) + BigInt(found)
        return result <= last ? result : undefined
      }
      offset = (block + 1n) * BigInt(blockBits)
    }
    return undefined
  }

  #block(block: bigint): Uint8Array | undefined {
    if (this.#read?.block !== block) this.#read = { block, bits: this.#store.getBlock(this.#subnet, block) }
    return this.#read.bits
  }
}

function split(offset: bigint): [block: bigint, bit: number] {
  return [offset / BigInt(blockBits), Number(offset % BigInt(blockBits))]
}

/** Blocks are as long as their last set bit once was; in steps, so that a filling /24 is not copied 32 times. */
function growTo(bits: Uint8Array, length: number): Uint8Array {
  const grown = new Uint8Array(Math.ceil(length / 32) * 32)
  grown.set(bits)
  return grown
}

/** The first clear bit at or after `from`; blockBits where all are set. What lies past the end of `bits` is clear. */
function firstClear(bits: Uint8Array, from: number): number {
  for (let bit = from; bit < bits.length * 8; bit++) {
    const byte = bits[bit >> 3] ?? 0
    if (byte === 0xff) bit |= 7
    else if ((byte & 1 << (bit & 7)) === 0) return bit
  }
  return Math.max(from, bits.length * 8)
}
