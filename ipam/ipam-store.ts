/**
 * What the allocator remembers, as a port: `store/ipam-store.ts` keeps it in the caller's transaction, tests keep it in memory.
 *
 * `subnet` is the key of one address pool. A lease with `released` set is a memory: the address is free, but the last that a
 * stranger gets, and the first that an endpoint of the same name gets.
 */

/** How the name of a lease begins whose address is kept for a container that does not run. */
export const keptPrefix = 'kept:'

export interface Lease {
  /** Canonical address. */
  readonly address: string
  /** Id of the endpoint, or of the network for what is reserved. */
  readonly holder: string
  /** Name of the endpoint, or what the address is reserved for. */
  readonly name: string
  readonly released: boolean
}

export interface IpamStore {
  getLease(subnet: string, address: string): Lease | undefined
  /** A new lease, or a change of who has it. */
  putLease(subnet: string, lease: Lease): void
  /** Turns a lease into a memory, younger than all others of the subnet. */
  releaseLease(subnet: string, address: string): void
  deleteLease(subnet: string, address: string): void
  /** The released lease that was this name's. */
  findReleased(subnet: string, name: string): Lease | undefined
  /** Released leases, the oldest first. */
  listReleased(subnet: string, limit: number): readonly Lease[]
  /** Leases that are held, in no promised order. */
  listUsed(subnet: string, limit: number): readonly Lease[]
  /** Addresses that a container keeps though no endpoint has them, by its id, whichever the subnet. */
  listKept(holder: string): readonly { readonly subnet: string, readonly lease: Lease }[]
  /** Counts every lease: for what people are shown. */
  count(subnet: string): { readonly used: number, readonly released: number }
  /** Counts memories alone. */
  countReleased(subnet: string): number

  /** One block of the bitmap: bit n set when address `block * blockBits + n` is leased or remembered. */
  getBlock(subnet: string, block: bigint): Uint8Array | undefined
  putBlock(subnet: string, block: bigint, bits: Uint8Array): void
  deleteBlock(subnet: string, block: bigint): void
  /** Offset of the address that was handed out last. */
  getCursor(subnet: string): bigint | undefined
  setCursor(subnet: string, offset: bigint): void
  /** Forgets all about the subnet. */
  deleteSubnet(subnet: string): void
}
