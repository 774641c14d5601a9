/** The allocator's memory in the state database, inside the caller's transaction: so allocation is atomic between processes. */
import type { IpamStore, Lease } from '../ipam/ipam-store.ts'
import type { Connection } from './connection.ts'

const leaseColumns = 'address, holder, name, released'

export function openIpamStore(connection: Connection): IpamStore {
  return { ...leaseStore(connection), ...bitmapStore(connection) }
}

type LeaseStore = Pick<IpamStore,
  'getLease' | 'putLease' | 'releaseLease' | 'deleteLease' | 'findReleased' | 'listReleased' | 'count' | 'deleteSubnet'>

function leaseStore(connection: Connection): LeaseStore {
  return {
    getLease: (subnet, address) =>
      toLease(connection.prepare(`SELECT ${leaseColumns} FROM ipam_leases WHERE subnet = ? AND address = ?`)
        .get(subnet, address)),
    putLease(subnet, lease) {
      connection.prepare(`INSERT INTO ipam_leases (subnet, address, holder, name, released) VALUES (?, ?, ?, ?, NULL)
        ON CONFLICT (subnet, address) DO UPDATE SET holder = excluded.holder, name = excluded.name, released = NULL`)
        .run(subnet, lease.address, lease.holder, lease.name)
    },
    // Ages are counted, not timed: a clock that is set back cannot mix up their order.
    releaseLease(subnet, address) {
      connection.prepare(`UPDATE ipam_leases SET released =
        (SELECT coalesce(max(released), 0) + 1 FROM ipam_leases WHERE subnet = ?1) WHERE subnet = ?1 AND address = ?2`)
        .run(subnet, address)
    },
    deleteLease(subnet, address) {
      connection.prepare('DELETE FROM ipam_leases WHERE subnet = ? AND address = ?').run(subnet, address)
    },
    findReleased: (subnet, name) => toLease(connection.prepare(`SELECT ${leaseColumns} FROM ipam_leases
      WHERE subnet = ? AND name = ? AND released IS NOT NULL ORDER BY released DESC LIMIT 1`).get(subnet, name)),
    listReleased: (subnet, limit) => connection.prepare(`SELECT ${leaseColumns} FROM ipam_leases
      WHERE subnet = ? AND released IS NOT NULL ORDER BY released LIMIT ?`).all(subnet, limit).flatMap(row => toLease(row) ?? []),
    count(subnet) {
      const row = connection
        .prepare('SELECT count(*) AS leases, count(released) AS released FROM ipam_leases WHERE subnet = ?').get(subnet)
      const released = Number(row?.['released'] ?? 0)
      return { used: Number(row?.['leases'] ?? 0) - released, released }
    },
    deleteSubnet(subnet) {
      for (const table of ['ipam_leases', 'ipam_blocks', 'ipam_cursors']) {
        connection.prepare(`DELETE FROM ${table} WHERE subnet = ?`).run(subnet)
      }
    },
  }
}

type BitmapStore = Pick<IpamStore, 'getBlock' | 'putBlock' | 'deleteBlock' | 'getCursor' | 'setCursor'>

function bitmapStore(connection: Connection): BitmapStore {
  return {
    getBlock(subnet, block) {
      const row = connection.prepare('SELECT bits FROM ipam_blocks WHERE subnet = ? AND block = ?').get(subnet, String(block))
      const bits = row?.['bits']
      return bits instanceof Uint8Array ? bits : undefined
    },
    putBlock(subnet, block, bits) {
      connection.prepare(`INSERT INTO ipam_blocks VALUES (?, ?, ?)
        ON CONFLICT (subnet, block) DO UPDATE SET bits = excluded.bits`).run(subnet, String(block), bits)
    },
    deleteBlock(subnet, block) {
      connection.prepare('DELETE FROM ipam_blocks WHERE subnet = ? AND block = ?').run(subnet, String(block))
    },
    getCursor(subnet) {
      const last = connection.prepare('SELECT last FROM ipam_cursors WHERE subnet = ?').get(subnet)?.['last']
      return last === undefined ? undefined : BigInt(String(last))
    },
    setCursor(subnet, offset) {
      connection.prepare('INSERT INTO ipam_cursors VALUES (?, ?) ON CONFLICT (subnet) DO UPDATE SET last = excluded.last')
        .run(subnet, String(offset))
    },
  }
}

function toLease(row: Record<string, unknown> | undefined): Lease | undefined {
  if (row === undefined) return undefined
  const { address, holder, name, released } = row
  return { address: String(address), holder: String(holder), name: String(name), released: released !== null }
}
