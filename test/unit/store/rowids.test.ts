/** Record tables of the schema before rowids: a database that has them keeps every record, and a search in it passes over large ones unread. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import test from 'ava'
import { openStateStore } from '../../../store/cnm-state.ts'
import { migrations } from '../../../store/migrations.ts'
import { openStore } from '../../../store/store.ts'

test('a database without rowids keeps its records, its unique names and the summaries of its networks', t => {
  const root = mkdtempSync(join(tmpdir(), 'tsnet-rowids-'))
  t.teardown(() => rmSync(root, { recursive: true }))
  mkdirSync(root, { recursive: true })
  using old = new DatabaseSync(join(root, 'tsnet.db'))
  const before = migrations.length - 1
  old.exec(`${migrations.slice(0, before).join(';')}; PRAGMA user_version = ${before}`)
  const doc = { name: 'blue', subnets: [{ family: 4, cidr: '10.1.0.0/24' }] }
  old.prepare('INSERT INTO networks (id, name, doc) VALUES (?, ?, ?)').run('a', 'blue', JSON.stringify(doc))
  old.prepare('INSERT INTO cni_attachments (id, parent, state, doc) VALUES (?, ?, ?, ?)').run('n/c/eth0/tsnet', 'n', 'ready', '{"ports":3000}')
  old.close()
  using store = openStore(root)
  t.deepEqual(store.read(tx => tx.table('cni_attachments').list({ parent: 'n', state: 'ready' })), [{ ports: 3000 }])
  t.deepEqual(store.read(tx => tx.table('networks').findByName('blue')), doc)
  t.throws(() => store.write(tx => tx.table('networks').insert({ id: 'b', name: 'blue' }, doc)), { message: /in use/ })
  store.write(tx => tx.table('networks').put({ id: 'a', name: 'blue' }, { ...doc, subnets: [] }))
  t.deepEqual(openStateStore(store).read(view => view.summaries()), [{ name: 'blue', subnets: [] }])
  using now = new DatabaseSync(join(root, 'tsnet.db'))
  t.is(now.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name LIKE 'old_%'").get()?.['n'], 0)
  t.notThrows(() => now.prepare('SELECT rowid FROM networks UNION SELECT rowid FROM cni_attachments'))
})
