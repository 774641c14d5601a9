/**
 * Reservation of host ports: the port of the controller to whatever binds them (`nat/ports/`).
 *
 * Reserving binds (never listens), so that no program of the host is silently shadowed and no two tsnet processes choose the same
 * port: the kernel is the lock. All or nothing; the descriptors are close-on-exec and the caller's to close.
 */
import type { Family } from '../objects/firewall.ts'
import type { PortBinding, PortRequest } from './types.ts'

export interface PortReservation {
  readonly bindings: readonly PortBinding[]
  readonly descriptors: readonly number[]
}

export interface PortReserver {
  /** @throws port-in-use naming the holder, port-range-exhausted, invalid-address for a host address that is not local. */
  reserve(requests: readonly PortRequest[], families: readonly Family[]): PortReservation
  release(descriptors: readonly number[]): void
}
