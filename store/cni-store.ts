/**
 * What CNI plugins remember, in the state database, inside the caller's transaction: which address, which host port and which shared
 * object an attachment has. Keys are text that the callers choose; every look-up goes by an index, so that one among many thousands
 * costs what one alone does.
 */
import { Bitmap } from '../ipam/bitmap.ts'
import type { Connection } from './connection.ts'
import { openIpamStore } from './ipam-store.ts'

export interface CniLease {
  readonly address: string
  /** The attachment. */
  readonly holder: string
  /** The file of the reference plugin it was read from. */
  readonly file?: string
}

export interface CniLeases {
  get(pool: string, address: string): CniLease | undefined
  /** Those of a holder. */
  list(pool: string, holder: string): readonly CniLease[]
  listAll(pool: string): readonly CniLease[]
  /** `value` is the address as a number, for the search. */
  put(pool: string, lease: CniLease, value: bigint): void
  delete(pool: string, address: string, value: bigint): void
  /** The first address from `first` to `last` that nobody has, as a number. */
  findFree(pool: string, range: { readonly family: 4 | 6, readonly first: bigint, readonly last: bigint }): bigint | undefined
  getCursor(set: string): bigint | undefined
  setCursor(set: string, value: bigint): void
  /** Of every pool and boot but this: gone with the kernel that had their interfaces. */
  deleteOldBoots(): void
}

export interface HostPort { readonly protocol: string, readonly port: number, readonly hostIp: string }

export interface CniPorts {
  /** Who has the port on that address, or on all, or, where `hostIp` is empty, on any. */
  find(port: HostPort): string | undefined
  put(port: HostPort, holder: string): void
  deleteOf(holder: string): void
  deleteAll(): void
}

/** Objects that several attachments need, such as the masquerade of a network: made with the first, removed with the last. */
export interface CniShared {
  isMade(object: string): boolean
  setMade(object: string, made: boolean): void
  addHolder(object: string, holder: string): void
  /** The objects that nobody else has. */
  removeHolder(holder: string): readonly string[]
  hasHolders(object: string): boolean
  isHeldOnlyBy(object: string, holder: string): boolean
  /** Made, and held by nobody: whoever was to remove them died. */
  listUnheld(): readonly string[]
  deleteAll(): void
}

export interface CniStore { readonly leases: CniLeases, readonly ports: CniPorts, readonly shared: CniShared }

export function openCniStore(connection: Connection, bootId: string): CniStore {
  return { leases: leasesOf(connection, bootId), ports: portsOf(connection), shared: sharedOf(connection) }
}

function leasesOf(connection: Connection, bootId: string): CniLeases {
  const ipam = openIpamStore(connection)
  return {
    get: (pool, address) => toLease(connection.prepare('SELECT * FROM cni_leases WHERE pool = ? AND address = ?').get(pool, address)),
    list: (pool, holder) => connection.prepare('SELECT * FROM cni_leases WHERE pool = ? AND holder = ?').all(pool, holder).flatMap(row => toLease(row) ?? []),
    listAll: pool => connection.prepare('SELECT * FROM cni_leases WHERE pool = ?').all(pool).flatMap(row => toLease(row) ?? []),
    put(pool, { address, holder, file }, value) {
      connection.prepare('INSERT INTO cni_leases VALUES (?, ?, ?, ?, ?)').run(pool, address, holder, bootId, file ?? null)
      new Bitmap(ipam, bitmapKey(pool, address)).set(value)
    },
    delete(pool, address, value) {
      connection.prepare('DELETE FROM cni_leases WHERE pool = ? AND address = ?').run(pool, address)
      new Bitmap(ipam, bitmapKey(pool, address)).clear(value)
    },
    findFree: (pool, { family, first, last }) => new Bitmap(ipam, `${pool}#${family}`).findClear(first, last),
    getCursor: set => ipam.getCursor(set),
    setCursor: (set, value) => ipam.setCursor(set, value),
    deleteOldBoots() {
      for (const { pool } of connection.prepare('SELECT DISTINCT pool FROM cni_leases WHERE boot <> ?').all(bootId)) {
        connection.prepare('DELETE FROM cni_leases WHERE pool = ?').run(String(pool))
        for (const family of [4, 6]) connection.prepare('DELETE FROM ipam_blocks WHERE subnet = ?').run(`${String(pool)}#${family}`)
      }
    },
  }
}

/** Addresses of both families are numbers: each has its own bitmap. */
function bitmapKey(pool: string, address: string): string {
  return `${pool}#${address.includes(':') ? 6 : 4}`
}

function portsOf(connection: Connection): CniPorts {
  return {
    find({ protocol, port, hostIp }) {
      const row = hostIp === ''
        ? connection.prepare('SELECT holder FROM cni_ports WHERE protocol = ? AND port = ? LIMIT 1').get(protocol, port)
        : connection.prepare('SELECT holder FROM cni_ports WHERE protocol = ? AND port = ? AND host_ip IN (?, \'\') LIMIT 1').get(protocol, port, hostIp)
      return row === undefined ? undefined : String(row['holder'])
    },
    put({ protocol, port, hostIp }, holder) {
      connection.prepare('INSERT OR REPLACE INTO cni_ports VALUES (?, ?, ?, ?)').run(protocol, port, hostIp, holder)
    },
    deleteOf(holder) {
      connection.prepare('DELETE FROM cni_ports WHERE holder = ?').run(holder)
    },
    deleteAll() {
      connection.prepare('DELETE FROM cni_ports').run()
    },
  }
}

function sharedOf(connection: Connection): CniShared {
  const hasHolders = (object: string): boolean => connection.prepare('SELECT 1 FROM cni_shared WHERE object = ? LIMIT 1').get(object) !== undefined
  const objects = (rows: readonly Record<string, unknown>[]): readonly string[] => rows.map(row => String(row['object']))
  return {
    hasHolders,
    isHeldOnlyBy: (object, holder) =>
      connection.prepare('SELECT 1 FROM cni_shared WHERE object = ? AND holder <> ? LIMIT 1').get(object, holder) === undefined,
    isMade: object => connection.prepare('SELECT 1 FROM cni_made WHERE object = ?').get(object) !== undefined,
    setMade(object, made) {
      connection.prepare(made ? 'INSERT OR IGNORE INTO cni_made VALUES (?)' : 'DELETE FROM cni_made WHERE object = ?').run(object)
    },
    addHolder(object, holder) {
      connection.prepare('INSERT OR IGNORE INTO cni_shared VALUES (?, ?)').run(object, holder)
    },
    removeHolder(holder) {
      const held = objects(connection.prepare('SELECT object FROM cni_shared WHERE holder = ?').all(holder))
      connection.prepare('DELETE FROM cni_shared WHERE holder = ?').run(holder)
      return held.filter(object => !hasHolders(object))
    },
    listUnheld: () => objects(connection.prepare('SELECT object FROM cni_made WHERE object NOT IN (SELECT object FROM cni_shared)').all()),
    deleteAll() {
      for (const table of ['cni_shared', 'cni_made']) connection.prepare(`DELETE FROM ${table}`).run()
    },
  }
}

function toLease(row: Record<string, unknown> | undefined): CniLease | undefined {
  if (row === undefined) return undefined
  const { address, holder, file } = row
  return { address: String(address), holder: String(holder), ...typeof file === 'string' ? { file } : {} }
}
