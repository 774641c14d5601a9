/**
 * A table of records: JSON documents under an id, with the few columns that queries need.
 *
 * `parent` is what the record belongs to (an endpoint's network) and the scope in which `name` is unique; `sandbox` is the second
 * owner that only endpoints have. A table lives inside one transaction.
 */
import { TsnetError } from '../errors/error.ts'
import type { Connection } from './connection.ts'
import type { TableName } from './migrations.ts'

/** The columns beside the document; what is absent is empty, and `name` is unique (within `parent`) where given. */
export interface RowKeys {
  readonly id: string
  readonly name?: string
  readonly parent?: string
  readonly sandbox?: string
  readonly state?: string
  readonly owner?: string
}

export interface RowFilter { readonly parent?: string, readonly sandbox?: string, readonly state?: string }

export interface Table<T> {
  get(id: string): T | undefined
  findByName(name: string, parent?: string): T | undefined
  /** The only record whose id begins so. @throws invalid-argument naming the ids where there are several. */
  findByIdPrefix(prefix: string): T | undefined
  /** By full id, then name, then unambiguous prefix of the id: what a user writes. @throws invalid-argument when ambiguous. */
  find(ref: string): T | undefined
  /** All records that match every given column, ordered by id. */
  list(filter?: RowFilter): readonly T[]
  /** Writes the record, new or not. @throws name-in-use */
  put(keys: RowKeys, doc: T): void
  /** Writes a new record. @throws name-in-use when the name, or the id, is taken. */
  insert(keys: RowKeys, doc: T): void
  /** True when there was one. */
  delete(id: string): boolean
}

/** Reads only: what a `read` transaction has. */
export type ReadonlyTable<T> = Omit<Table<T>, 'put' | 'insert' | 'delete'>

const columns = ['parent', 'sandbox', 'state'] as const
const maxAmbiguousShown = 4

export function openTable<T>(connection: Connection, table: TableName): Table<T> {
  const noun = table === 'sandboxes' ? 'sandbox' : table.slice(0, -1)
  const parse = (row: Record<string, unknown> | undefined): T | undefined =>
    row === undefined ? undefined : JSON.parse(String(row['doc'])) as T
  const get = (id: string): T | undefined => parse(connection.prepare(`SELECT doc FROM ${table} WHERE id = ?`).get(id))
  const findByName = (name: string, parent = ''): T | undefined =>
    parse(connection.prepare(`SELECT doc FROM ${table} WHERE parent = ? AND name = ?`).get(parent, name))

  function findByIdPrefix(prefix: string): T | undefined {
    if (prefix === '') return undefined
    const rows = connection.prepare(`SELECT id, doc FROM ${table} WHERE id >= ?1 AND substr(id, 1, length(?1)) = ?1
      AND id < ?1 || char(1114111) ORDER BY id LIMIT ${maxAmbiguousShown}`).all(prefix)
    if (rows.length < 2) return parse(rows[0])
    const ids = rows.map(row => String(row['id']))
    throw new TsnetError('invalid-argument', `find ${noun} "${prefix}": the id prefix is ambiguous, it fits `
      + ids.map(id => id.slice(0, Math.max(12, prefix.length + 4))).join(', '), { data: { ids } })
  }

  function list(filter: RowFilter = {}): readonly T[] {
    const given = columns.filter(column => filter[column] !== undefined)
    const where = given.length === 0 ? '' : `WHERE ${given.map(column => `${column} = ?`).join(' AND ')}`
    const values = given.map(column => filter[column] ?? '')
    return connection.prepare(`SELECT doc FROM ${table} ${where} ORDER BY id`).all(...values)
      .map(row => JSON.parse(String(row['doc'])) as T)
  }

  function write(verb: string, keys: RowKeys, doc: T): void {
    const statement = connection.prepare(`INSERT INTO ${table} (id, name, parent, sandbox, state, owner, doc)
      VALUES (?, ?, ?, ?, ?, ?, ?) ${verb}`)
    try {
      statement.run(keys.id, keys.name ?? null, keys.parent ?? '', keys.sandbox ?? '', keys.state ?? '', keys.owner ?? '',
        JSON.stringify(doc))
    } catch (cause) {
      if (!isUniqueViolation(cause)) throw cause
      throw new TsnetError('name-in-use', `create ${noun} "${keys.name ?? keys.id}": the name is in use`,
        { cause, data: { name: keys.name, id: keys.id } })
    }
  }

  return {
    get,
    findByName,
    findByIdPrefix,
    find: ref => get(ref) ?? findByName(ref) ?? findByIdPrefix(ref),
    list,
    put: (keys, doc) => write(`ON CONFLICT (id) DO UPDATE SET name = excluded.name, parent = excluded.parent,
      sandbox = excluded.sandbox, state = excluded.state, owner = excluded.owner, doc = excluded.doc`, keys, doc),
    insert: (keys, doc) => write('', keys, doc),
    delete: id => connection.prepare(`DELETE FROM ${table} WHERE id = ?`).run(id).changes > 0,
  }
}

const SQLITE_CONSTRAINT = 19

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    && (error.errcode & 0xff) === SQLITE_CONSTRAINT
}
