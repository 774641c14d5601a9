/**
 * What the controller needs of a store: record tables, the allocator's memory and a few values, all in one transaction.
 *
 * `write` is the lock between processes; nothing in it may wait or touch the kernel. `store/cnm-state.ts` keeps it in SQLite.
 */
import type { IpamStore } from '../ipam/ipam-store.ts'
import type { EventSink } from './events.ts'
import type { EndpointRecord, NetworkRecord, PoolRecord, SandboxRecord } from './types.ts'

export interface RecordKeys {
  readonly id: string
  readonly name?: string
  readonly parent?: string
  readonly sandbox?: string
  readonly state?: string
  readonly owner?: string
}

export interface RecordFilter { readonly parent?: string, readonly sandbox?: string, readonly state?: string }

export interface ReadonlyRecordTable<T> {
  get(id: string): T | undefined
  findByName(name: string, parent?: string): T | undefined
  /** By full id, then name, then unambiguous prefix of the id. @throws invalid-argument when ambiguous */
  find(ref: string): T | undefined
  list(filter?: RecordFilter): readonly T[]
}

export interface RecordTable<T> extends ReadonlyRecordTable<T> {
  put(keys: RecordKeys, record: T): void
  /** @throws name-in-use */
  insert(keys: RecordKeys, record: T): void
  delete(id: string): boolean
}

/** What the choice of a subnet has to know of the other networks: thousands of them are read for each new one. */
export interface NetworkSummary {
  readonly name: string
  /** CIDRs. */
  readonly subnets: readonly string[]
  /** Absent: not a bridge network. */
  readonly bridgeName?: string
}

export interface StateView {
  readonly networks: ReadonlyRecordTable<NetworkRecord>
  readonly endpoints: ReadonlyRecordTable<EndpointRecord>
  readonly sandboxes: ReadonlyRecordTable<SandboxRecord>
  readonly pools: ReadonlyRecordTable<PoolRecord>
  readonly ipam: IpamStore
  readonly meta: { get(key: string): string | undefined }
  /** Of all networks, whatever their state. */
  summaries(): readonly NetworkSummary[]
}

export interface StateTransaction extends StateView {
  readonly networks: RecordTable<NetworkRecord>
  readonly endpoints: RecordTable<EndpointRecord>
  readonly sandboxes: RecordTable<SandboxRecord>
  readonly pools: RecordTable<PoolRecord>
  readonly meta: { get(key: string): string | undefined, set(key: string, value: string): void, delete(key: string): void }
  readonly events: EventSink
}

export interface StateStore {
  read<T>(fn: (view: StateView) => T): T
  write<T>(fn: (tx: StateTransaction) => T): T
}

export function networkKeys(record: NetworkRecord): RecordKeys {
  return { id: record.id, name: record.name, state: record.state, owner: record.owner }
}

export function endpointKeys(record: EndpointRecord): RecordKeys {
  return {
    id: record.id, name: record.name, parent: record.networkId, sandbox: record.sandboxId, state: record.state,
    owner: record.owner,
  }
}

/** One whose ports are being changed is found under the state `publishing`. */
export function sandboxKeys(record: SandboxRecord): RecordKeys {
  const state = record.state === 'ready' && record.portsOwner !== undefined ? 'publishing' : record.state
  return { id: record.id, state, owner: record.portsOwner ?? record.owner }
}

/** Runs `fn` as a write, gives its result, and takes everything back: what would be, without it being. */
export function rehearse<T>(store: StateStore, fn: (tx: StateTransaction) => T): T {
  let result: { readonly value: T } | undefined
  const stop = new Error('rehearsal ends')
  try {
    store.write(tx => {
      result = { value: fn(tx) }
      throw stop
    })
  } catch (error) {
    if (error !== stop || result === undefined) throw error
  }
  return (result as { readonly value: T }).value
}
