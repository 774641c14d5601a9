/** One pool with a million addresses in use, in the real database. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { parseCidr } from '../../../address/cidr.ts'
import { formatIp, parseIp } from '../../../address/ip.ts'
import { allocateAddress, releaseAddress, type AddressPool } from '../../../ipam/allocator.ts'
import type { IpamStore } from '../../../ipam/ipam-store.ts'
import { openIpamStore } from '../../../store/ipam-store.ts'
import { openStore } from '../../../store/store.ts'

const take = (pool: AddressPool, name: string, store: IpamStore): string => formatIp(allocateAddress(pool, { id: `id-${name}`, name }, store))

test.serial('a million addresses of one pool are each another one, in blocks that are full, and freed ones wait behind the rest', t => {
  const root = mkdtempSync(join(tmpdir(), 'tsnet-ipam-'))
  t.teardown(() => rmSync(root, { recursive: true }))
  using database = openStore(root)
  const pool = { key: 'ten', cidr: parseCidr('10.0.0.0/8') }
  const count = 1_000_000
  database.write(tx => {
    const store = openIpamStore(tx.connection)
    let expected = pool.cidr.first
    for (let i = 0; i < count; i++) {
      const { value } = allocateAddress(pool, { id: 'i', name: `n${i}` }, store)
      if (value !== ++expected) throw new Error(`address ${i} is ${formatIp({ family: 4, value })}`)
    }
  })
  const { connection } = database.read(tx => ({ connection: tx.connection }))
  const blocks = connection.prepare('SELECT count(*) AS number, max(length(bits)) AS longest FROM ipam_blocks').get()
  t.deepEqual([blocks?.number, blocks?.longest], [Math.ceil((count + 1) / 4096), 512], 'as many blocks as addresses fill')
  database.write(tx => {
    const store = openIpamStore(tx.connection)
    t.deepEqual(store.count(pool.key), { used: count, released: 0 })
    releaseAddress(pool, parseIp('10.0.0.77'), 'i', store)
    t.is(take(pool, 'stranger', store), formatIp({ family: 4, value: pool.cidr.first + BigInt(count) + 1n }))
    t.is(take(pool, 'n76', store), '10.0.0.77', 'its own again')
  })
})
