/**
 * One connection to the state database: opened safely by many processes at once, statements prepared once, every failure of
 * SQLite told as `store-error`.
 *
 * WAL lets readers go on while one process writes; synchronous NORMAL syncs at checkpoints only, so that a commit costs some 20
 * µs. After a power cut the last commits may be missing, never torn; records of an earlier boot are cleaned up anyway.
 * Source: https://sqlite.org/wal.html
 */
import { chmodSync, closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { TsnetError, isTsnetError } from '../errors/error.ts'
import { folderReason } from '../errors/file-reason.ts'
import { makeFolder } from '../kernel/folder.ts'
import { migrations } from './migrations.ts'

/** How long a transaction waits for another process's, which holds no kernel work and so takes microseconds. */
const usualPatienceMs = 10_000
/** A log that is left is copied into the database once it has this many pages: some fifteen calls of a plugin. */
const leftPages = 200
const SQLITE_BUSY = 5
const SQLITE_IOERR = 10
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_NOTADB = 26

export interface ConnectionOptions {
  /** How long a transaction waits for others, in milliseconds. */
  readonly patienceMs?: number
  /**
   * For a process that ends at once, and often: `close` leaves the log where it is. The last to close a database else copies all of the log
   * into it, syncs both, and removes the log, for the next to make it anew: 2 ms on a fast disk.
   */
  readonly leavesLog?: boolean
}

export class Connection {
  readonly path: string
  readonly #database: DatabaseSync
  readonly #leavesLog: boolean
  readonly #statements = new Map<string, StatementSync>()

  constructor(path: string, database: DatabaseSync, leavesLog = false) {
    this.path = path
    this.#database = database
    this.#leavesLog = leavesLog
  }

  /** The prepared statement of `sql`; compiled once per connection. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) this.#statements.set(sql, statement = this.#database.prepare(sql))
    return statement
  }

  /** Runs `fn` between `begin` and COMMIT; whatever is thrown rolls everything back. */
  transaction<T>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', fn: () => T): T {
    if (this.#database.isTransaction) throw new TsnetError('internal-error', 'use store: transactions do not nest')
    return storeErrors(this.path, () => {
      this.prepare(begin).run()
      try {
        const result = fn()
        this.prepare('COMMIT').run()
        return result
      } finally {
        if (this.#database.isTransaction) this.prepare('ROLLBACK').run()
      }
    })
  }

  close(): void {
    if (this.#leavesLog) return
    this.#statements.clear()
    if (this.#database.isOpen) this.#database.close()
  }
}

/** Opens ROOT/tsnet.db, made with its folder where it does not exist, and brings its schema up to date. @throws store-error */
export function openConnection(root: string, { patienceMs = usualPatienceMs, leavesLog = false }: ConnectionOptions = {}): Connection {
  const path = join(root, 'tsnet.db')
  try {
    makeFolder(root, 0o711)
    // Made before SQLite opens it: the WAL and shared memory files take its mode.
    closeSync(openSync(path, 'a', 0o600))
    chmodSync(path, 0o600)
  } catch (cause) {
    throw new TsnetError('store-error', `open store "${path}": ${folderReason(cause)}`, { cause, data: { path } })
  }
  return storeErrors(path, () => {
    const database = new DatabaseSync(path, { timeout: patienceMs })
    try {
      useWal(database, patienceMs)
      database.exec('PRAGMA synchronous = NORMAL')
      // Whoever opens first reads the log that was left, a microsecond a page.
      if (leavesLog) database.exec(`PRAGMA wal_autocheckpoint = ${leftPages}`)
      migrate(database, path)
      return new Connection(path, database, leavesLog)
    } catch (error) {
      database.close()
      throw error
    }
  })
}

/** The change to WAL does not wait for other connections as transactions do: it is tried again until it succeeds. */
function useWal(database: DatabaseSync, patienceMs: number): void {
  const deadline = Date.now() + patienceMs
  const sleeper = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      if (!isSqliteError(error) || (error.errcode & 0xff) !== SQLITE_BUSY || Date.now() > deadline) throw error
      Atomics.wait(sleeper, 0, 0, 2)
    }
  }
}

function migrate(database: DatabaseSync, path: string): void {
  if (versionOf(database) === migrations.length) return
  database.exec('BEGIN IMMEDIATE')
  try {
    const version = versionOf(database)
    if (version > migrations.length) {
      throw new TsnetError('store-error', `open store "${path}": it was made by a newer tsnet (schema ${version}, known `
        + `${migrations.length}); use that one`, { data: { path, version } })
    }
    for (const step of migrations.slice(version)) database.exec(step)
    database.exec(`PRAGMA user_version = ${migrations.length}`)
    database.exec('COMMIT')
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK')
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
}

interface SqliteError extends Error { readonly errcode: number }

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
}

/** Tells SQLite's errors as `store-error`; everything else passes. */
function storeErrors<T>(path: string, fn: () => T): T {
  try {
    return fn()
  } catch (cause) {
    if (isTsnetError(cause) || !isSqliteError(cause)) throw cause
    throw new TsnetError('store-error', `use store "${path}": ${reasonOf(cause)}`, { cause, data: { path } })
  }
}

function reasonOf(error: unknown): string {
  if (isSqliteError(error)) {
    const primary = error.errcode & 0xff
    if (primary === SQLITE_CORRUPT || primary === SQLITE_NOTADB) {
      return `the file is damaged (${error.message}); move it away and a new one is made, whose networks start empty`
    }
    if (primary === SQLITE_FULL || primary === SQLITE_IOERR) return `${error.message}; is the file system full, or read-only?`
    if (primary === SQLITE_BUSY) return `other processes have held it for longer than this one waits`
  }
  return error instanceof Error ? error.message : String(error)
}
