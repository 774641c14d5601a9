/** The allocator's memory in the state database, inside the caller's transaction: so allocation is atomic between processes. */
import type { IpamStore, Lease } from '../ipam/ipam-store.ts'
import type { Connection } from './connection.ts'

export function openIpamStore(connection: Connection): IpamStore {
  return { ...leaseStore(connection), ...bitmapStore(connection) }
}

/** Whole constants: the connection finds a prepared statement by its text, which is then hashed once. */
const sql = {
  getLease: 'SELECT address, holder, name, released FROM ipam_leases WHERE subnet = ? AND address = ?',
  putLease: `INSERT INTO ipam_leases (subnet, address, holder, name, released) VALUES (?, ?, ?, ?, NULL)
    ON CONFLICT (subnet, address) DO UPDATE SET holder = excluded.holder, name = excluded.name, released = NULL`,
  // Ages are counted, not timed: a clock that is set back cannot mix up their order.
  releaseLease: `UPDATE ipam_leases SET released = 1 + coalesce(
    (SELECT released FROM ipam_leases WHERE subnet = ?1 AND released IS NOT NULL ORDER BY released DESC LIMIT 1), 0)
    WHERE subnet = ?1 AND address = ?2`,
  deleteLease: 'DELETE FROM ipam_leases WHERE subnet = ? AND address = ?',
  findReleased: `SELECT address, holder, name, released FROM ipam_leases
    WHERE subnet = ? AND name = ? AND released IS NOT NULL ORDER BY released DESC LIMIT 1`,
  listReleased: `SELECT address, holder, name, released FROM ipam_leases
    WHERE subnet = ? AND released IS NOT NULL ORDER BY released LIMIT ?`,
  listUsed: 'SELECT address, holder, name, released FROM ipam_leases WHERE subnet = ? AND released IS NULL LIMIT ?',
  listKept: "SELECT subnet, address, holder, name, released FROM ipam_leases WHERE holder = ? AND name GLOB 'kept:*'",
  countLeases: 'SELECT count(*) AS number FROM ipam_leases WHERE subnet = ?',
  countReleased: 'SELECT count(*) AS number FROM ipam_leases WHERE subnet = ? AND released IS NOT NULL',
  deleteLeases: 'DELETE FROM ipam_leases WHERE subnet = ?',
  deleteBlocks: 'DELETE FROM ipam_blocks WHERE subnet = ?',
  deleteCursor: 'DELETE FROM ipam_cursors WHERE subnet = ?',
  getBlock: 'SELECT bits FROM ipam_blocks WHERE subnet = ? AND block = ?',
  putBlock: 'INSERT INTO ipam_blocks VALUES (?, ?, ?) ON CONFLICT (subnet, block) DO UPDATE SET bits = excluded.bits',
  deleteBlock: 'DELETE FROM ipam_blocks WHERE subnet = ? AND block = ?',
  getCursor: 'SELECT last FROM ipam_cursors WHERE subnet = ?',
  setCursor: 'INSERT INTO ipam_cursors VALUES (?, ?) ON CONFLICT (subnet) DO UPDATE SET last = excluded.last',
}

type LeaseStore = Pick<IpamStore, 'getLease' | 'putLease' | 'releaseLease' | 'deleteLease' | 'findReleased' | 'listReleased'
  | 'listUsed' | 'listKept' | 'count' | 'countReleased' | 'deleteSubnet'>

function leaseStore(connection: Connection): LeaseStore {
  const number = (statement: string, subnet: string): number => Number(connection.prepare(statement).get(subnet)?.['number'] ?? 0)
  const leases = (statement: string, subnet: string, limit: number): readonly Lease[] =>
    connection.prepare(statement).all(subnet, limit).flatMap(row => toLease(row) ?? [])
  const countReleased = (subnet: string): number => number(sql.countReleased, subnet)
  return {
    getLease: (subnet, address) => toLease(connection.prepare(sql.getLease).get(subnet, address)),
    putLease(subnet, lease) {
      connection.prepare(sql.putLease).run(subnet, lease.address, lease.holder, lease.name)
    },
    releaseLease(subnet, address) {
      connection.prepare(sql.releaseLease).run(subnet, address)
    },
    deleteLease(subnet, address) {
      connection.prepare(sql.deleteLease).run(subnet, address)
    },
    findReleased: (subnet, name) => toLease(connection.prepare(sql.findReleased).get(subnet, name)),
    listReleased: (subnet, limit) => leases(sql.listReleased, subnet, limit),
    listUsed: (subnet, limit) => leases(sql.listUsed, subnet, limit),
    listKept: holder => connection.prepare(sql.listKept).all(holder).flatMap(row => {
      const lease = toLease(row)
      return lease === undefined ? [] : [{ subnet: String(row['subnet']), lease }]
    }),
    count(subnet) {
      const released = countReleased(subnet)
      return { used: number(sql.countLeases, subnet) - released, released }
    },
    countReleased,
    deleteSubnet(subnet) {
      for (const statement of [sql.deleteLeases, sql.deleteBlocks, sql.deleteCursor]) connection.prepare(statement).run(subnet)
    },
  }
}

type BitmapStore = Pick<IpamStore, 'getBlock' | 'putBlock' | 'deleteBlock' | 'getCursor' | 'setCursor'>

function bitmapStore(connection: Connection): BitmapStore {
  return {
    getBlock(subnet, block) {
      const bits = connection.prepare(sql.getBlock).get(subnet, String(block))?.['bits']
      return bits instanceof Uint8Array ? bits : undefined
    },
    putBlock(subnet, block, bits) {
      connection.prepare(sql.putBlock).run(subnet, String(block), bits)
    },
    deleteBlock(subnet, block) {
      connection.prepare(sql.deleteBlock).run(subnet, String(block))
    },
    getCursor(subnet) {
      const last = connection.prepare(sql.getCursor).get(subnet)?.['last']
      return last === undefined ? undefined : BigInt(String(last))
    },
    setCursor(subnet, offset) {
      connection.prepare(sql.setCursor).run(subnet, String(offset))
    },
  }
}

function toLease(row: Record<string, unknown> | undefined): Lease | undefined {
  if (row === undefined) return undefined
  const { address, holder, name, released } = row
  return { address: String(address), holder: String(holder), name: String(name), released: released !== null }
}
