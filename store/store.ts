/**
 * The state of tsnet on this host: one SQLite database that every process opens for itself.
 *
 * A write transaction (BEGIN IMMEDIATE) is the lock between processes: what is read inside it stays true until it ends. It is
 * synchronous by type, so no kernel work and no waiting can happen under it. A read transaction sees one consistent moment.
 */
import type { EventSink, EventSource } from '../cnm/events.ts'
import { type Connection, type ConnectionOptions, openConnection } from './connection.ts'
import { openEventLog } from './events.ts'
import type { TableName } from './migrations.ts'
import { openTable, type ReadonlyTable, type Table } from './table.ts'

/** Text values that belong to no record: the firewall backend in use, for one. */
export interface Meta {
  get(key: string): string | undefined
  set(key: string, value: string): void
  delete(key: string): void
}

export interface ReadTransaction {
  table<T>(name: TableName): ReadonlyTable<T>
  readonly meta: Pick<Meta, 'get'>
  readonly events: EventSource
  /** For tables that are no record tables (`store/ipam-store.ts`); used inside `store/` only. */
  readonly connection: Connection
}

export interface Transaction extends ReadTransaction {
  table<T>(name: TableName): Table<T>
  readonly meta: Meta
  readonly events: EventSource & EventSink
}

/** Refuses an async function: the transaction would have ended before it did its work. */
type Sync<T> = T & (T extends PromiseLike<unknown> ? never : unknown)

export interface Store extends Disposable {
  readonly path: string
  /** One consistent view. @throws store-error */
  read<T>(fn: (tx: ReadTransaction) => Sync<T>): T
  /** All of `fn`'s writes or, when it throws, none. Not to be nested. @throws store-error */
  write<T>(fn: (tx: Transaction) => Sync<T>): T
  /** A number that is another one whenever another connection has committed something: some microseconds, no transaction. */
  version(): number
  close(): void
}

/**
 * Opens ROOT/tsnet.db (mode 0600), made where it does not exist; ROOT is made with mode 0711.
 * @throws store-error when it cannot be made, read or written, is damaged, or is of a newer tsnet.
 */
export function openStore(root: string, options: ConnectionOptions = {}): Store {
  const connection = openConnection(root, options)
  const tx: Transaction = {
    table: name => openTable(connection, name), meta: openMeta(connection), events: openEventLog(connection), connection,
  }
  const close = (): void => connection.close()
  return {
    path: connection.path,
    read: fn => connection.transaction('BEGIN', () => fn(tx)),
    write: fn => connection.transaction('BEGIN IMMEDIATE', () => fn(tx)),
    version: () => Number(connection.prepare('PRAGMA data_version').get()?.['data_version']),
    close,
    [Symbol.dispose]: close,
  }
}

function openMeta(connection: Connection): Meta {
  return {
    get(key) {
      const row = connection.prepare('SELECT value FROM meta WHERE key = ?').get(key)
      return row === undefined ? undefined : String(row['value'])
    },
    set(key, value) {
      connection.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(key, value)
    },
    delete(key) {
      connection.prepare('DELETE FROM meta WHERE key = ?').run(key)
    },
  }
}
