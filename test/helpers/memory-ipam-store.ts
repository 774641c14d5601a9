/** The allocator's memory in plain maps: what `store/ipam-store.ts` does, without a database. Both pass the same tests. */
import type { IpamStore, Lease } from '../../ipam/ipam-store.ts'

export class MemoryIpamStore implements IpamStore {
  readonly leases = new Map<string, Lease & { readonly age: number }>()
  readonly blocks = new Map<string, Uint8Array>()
  readonly cursors = new Map<string, bigint>()
  #age = 0

  getLease(subnet: string, address: string): Lease | undefined { return this.leases.get(`${subnet} ${address}`) }
  putLease(subnet: string, lease: Lease): void { this.leases.set(`${subnet} ${lease.address}`, { ...lease, age: 0 }) }
  deleteLease(subnet: string, address: string): void { this.leases.delete(`${subnet} ${address}`) }
  releaseLease(subnet: string, address: string): void {
    const lease = this.leases.get(`${subnet} ${address}`)
    if (lease !== undefined) this.leases.set(`${subnet} ${address}`, { ...lease, released: true, age: ++this.#age })
  }
  findReleased(subnet: string, name: string): Lease | undefined {
    return this.listReleased(subnet, Infinity).findLast(lease => lease.name === name)
  }
  listReleased(subnet: string, limit: number): readonly Lease[] {
    return this.#of(subnet).filter(lease => lease.released).toSorted((a, b) => a.age - b.age).slice(0, limit)
  }
  listUsed(subnet: string, limit: number): readonly Lease[] {
    return this.#of(subnet).filter(lease => !lease.released).slice(0, limit)
  }
  listKept(holder: string): readonly { subnet: string, lease: Lease }[] {
    return [...this.leases].filter(([, lease]) => lease.holder === holder && lease.name.startsWith('kept:'))
      .map(([key, lease]) => ({ subnet: key.slice(0, key.indexOf(' ')), lease }))
  }
  countReleased(subnet: string): number { return this.listReleased(subnet, Infinity).length }
  count(subnet: string): { used: number, released: number } {
    const released = this.listReleased(subnet, Infinity).length
    return { used: this.#of(subnet).length - released, released }
  }
  getBlock(subnet: string, block: bigint): Uint8Array | undefined { return this.blocks.get(`${subnet} ${block}`)?.slice() }
  putBlock(subnet: string, block: bigint, bits: Uint8Array): void { this.blocks.set(`${subnet} ${block}`, bits.slice()) }
  deleteBlock(subnet: string, block: bigint): void { this.blocks.delete(`${subnet} ${block}`) }
  getCursor(subnet: string): bigint | undefined { return this.cursors.get(subnet) }
  setCursor(subnet: string, offset: bigint): void { this.cursors.set(subnet, offset) }
  deleteSubnet(subnet: string): void {
    for (const map of [this.leases, this.blocks]) for (const key of map.keys()) if (key.startsWith(`${subnet} `)) map.delete(key)
    this.cursors.delete(subnet)
  }

  #of(subnet: string): (Lease & { readonly age: number })[] {
    return [...this.leases].filter(([key]) => key.startsWith(`${subnet} `)).map(([, lease]) => lease)
  }
}
