import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import test, { type ExecutionContext } from 'ava'
import type { NetworkSummary } from '../../../cnm/state-store.ts'
import { openStateStore } from '../../../store/cnm-state.ts'
import { migrations } from '../../../store/migrations.ts'
import { openStore, type Store } from '../../../store/store.ts'

const network = (name: string, ...cidrs: readonly string[]): { readonly [key: string]: unknown } =>
  ({ name, subnets: cidrs.map(cidr => ({ family: 4, cidr })), parsed: { bridgeName: `br-${name}` }, objects: [{ kind: 'bridge' }] })

function newRoot(t: ExecutionContext): string {
  const root = mkdtempSync(join(tmpdir(), 'tsnet-summaries-'))
  t.teardown(() => rmSync(root, { recursive: true }))
  return root
}

const summaries = (store: Store): readonly NetworkSummary[] => openStateStore(store).read(view => view.summaries())

test('summaries follow what is written, changed and deleted', t => {
  using store = openStore(newRoot(t))
  store.write(tx => tx.table('networks').insert({ id: 'a', name: 'blue' }, network('blue', '10.1.0.0/24', 'fd00::/64')))
  t.deepEqual(summaries(store), [{ name: 'blue', subnets: ['10.1.0.0/24', 'fd00::/64'], bridgeName: 'br-blue' }])
  store.write(tx => tx.table('networks').put({ id: 'a', name: 'blue', state: 'ready' }, network('blue', '10.2.0.0/24')))
  store.write(tx => tx.table('networks').put({ id: 'b', name: 'plain' }, { name: 'plain', subnets: [] }))
  t.deepEqual(summaries(store), [{ name: 'blue', subnets: ['10.2.0.0/24'], bridgeName: 'br-blue' }, { name: 'plain', subnets: [] }])
  t.throws(() => store.write(tx => {
    tx.table('networks').delete('a')
    throw new Error('stop')
  }))
  t.is(summaries(store).length, 2, 'a transaction that is taken back takes them along')
  store.write(tx => tx.table('networks').delete('a'))
  t.deepEqual(summaries(store).map(({ name }) => name), ['plain'])
})

test('a database of the first release gets the summaries of the networks it has, and keeps its leases', t => {
  const root = newRoot(t)
  mkdirSync(root, { recursive: true })
  using old = new DatabaseSync(join(root, 'tsnet.db'))
  old.exec(`${migrations[0] ?? ''}; PRAGMA user_version = 1`)
  old.prepare('INSERT INTO networks (id, name, doc) VALUES (?, ?, ?)').run('a', 'blue', JSON.stringify(network('blue', '10.1.0.0/24')))
  old.prepare('INSERT INTO ipam_leases VALUES (?, ?, ?, ?, ?)').run('a/4', '10.1.0.2', 'e', 'web', 1)
  old.close()
  using store = openStore(root)
  t.deepEqual(summaries(store), [{ name: 'blue', subnets: ['10.1.0.0/24'], bridgeName: 'br-blue' }])
  t.is(openStateStore(store).read(view => view.ipam.findReleased('a/4', 'web'))?.address, '10.1.0.2')
})
