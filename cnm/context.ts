/** Everything the controller is given: it reaches neither kernel, clock, store nor driver by itself. */
import type { Facts } from '../objects/facts.ts'
import type { Driver } from './driver.ts'
import type { Executor } from './executor.ts'
import type { PortReserver } from './ports.ts'
import type { StateStore } from './state-store.ts'
import type { DriverName, SandboxId } from './types.ts'

export interface Context {
  readonly store: StateStore
  readonly executor: Executor
  readonly drivers: Readonly<Record<DriverName, Driver>>
  readonly ports: PortReserver
  /** A fresh snapshot of the host, taken once per operation. */
  facts(): Facts | Promise<Facts>
  /** Name of the lock that this process holds for its life. */
  readonly owner: string
  /** Whether the process that holds (or held) the lock of that name lives. */
  isAlive(owner: string): boolean
  readonly bootId: string
  /** 64 random hexadecimal digits. */
  newId(): string
  readonly clock: Clock
  /** Where the namespace of a sandbox is bound: RUN_ROOT/netns/ID. */
  netnsPath(id: SandboxId): string
}

export interface Clock {
  /** ISO 8601 with nanoseconds. */
  now(): string
  sleep(ms: number): Promise<void>
}

/** Owner of a record at rest, and of one that nobody works on any more: recovery may take it. */
export const nobody = ''

/** True where somebody is at work on the record, this process included. */
export function isBusy(context: Context, record: { readonly state: string, readonly owner: string }): boolean {
  return record.state !== 'ready' && record.owner !== nobody && context.isAlive(record.owner)
}
