import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import test, { type ExecutionContext } from 'ava'
import { openStore } from '../../../store/store.ts'

interface Doc { readonly id: string, readonly value: number }

function newRoot(t: ExecutionContext): string {
  const root = mkdtempSync(join(tmpdir(), 'tsnet-store-'))
  t.teardown(() => rmSync(root, { recursive: true }))
  return join(root, 'lib/tsnet')
}

const doc = (id: string, value = 1): Doc => ({ id, value })

test('the database is readable by root alone, its folder can be passed through', t => {
  const root = newRoot(t)
  using store = openStore(root)
  store.write(tx => tx.meta.set('a', 'b'))
  for (const file of ['tsnet.db', 'tsnet.db-wal', 'tsnet.db-shm']) t.is(statSync(join(root, file)).mode & 0o777, 0o600, file)
  t.is(statSync(root).mode & 0o777, 0o711)
})

test('what one process wrote, another opens', t => {
  const root = newRoot(t)
  {
    using store = openStore(root)
    store.write(tx => tx.table<Doc>('networks').put({ id: 'aa', name: 'blue' }, doc('aa', 7)))
  }
  using again = openStore(root)
  t.deepEqual(again.read(tx => tx.table<Doc>('networks').findByName('blue')), doc('aa', 7))
})

test('a transaction that throws leaves nothing, and the next one works', t => {
  using store = openStore(newRoot(t))
  t.throws(() => store.write(tx => {
    tx.table<Doc>('networks').put({ id: 'aa', name: 'blue' }, doc('aa'))
    tx.meta.set('k', 'v')
    throw new Error('stop')
  }), { message: 'stop' })
  store.read(tx => {
    t.is(tx.table<Doc>('networks').get('aa'), undefined)
    t.is(tx.meta.get('k'), undefined)
  })
  store.write(tx => tx.table<Doc>('networks').put({ id: 'aa' }, doc('aa')))
  t.is(store.read(tx => tx.table<Doc>('networks').list().length), 1)
})

test('insert refuses a taken name and a taken id with name-in-use, put overwrites', t => {
  using store = openStore(newRoot(t))
  store.write(tx => {
    const networks = tx.table<Doc>('networks')
    networks.insert({ id: 'aa', name: 'blue' }, doc('aa'))
    t.throws(() => networks.insert({ id: 'bb', name: 'blue' }, doc('bb')),
      { code: 'name-in-use', message: 'create network "blue": the name is in use' })
    t.throws(() => networks.insert({ id: 'aa', name: 'red' }, doc('aa')), { code: 'name-in-use' })
    networks.put({ id: 'aa', name: 'green' }, doc('aa', 2))
    t.is(networks.findByName('blue'), undefined)
    t.deepEqual(networks.findByName('green'), doc('aa', 2))
    t.throws(() => {
      networks.insert({ id: 'cc', name: 'red' }, doc('cc'))
      networks.put({ id: 'cc', name: 'green' }, doc('cc'))
    }, { code: 'name-in-use' })
  })
})

test('names are unique within their parent, and any number of rows may have none', t => {
  using store = openStore(newRoot(t))
  store.write(tx => {
    const endpoints = tx.table<Doc>('endpoints')
    endpoints.insert({ id: '1', name: 'web', parent: 'blue', sandbox: 's1', state: 'ready' }, doc('1'))
    endpoints.insert({ id: '2', name: 'web', parent: 'red', sandbox: 's1', state: 'creating' }, doc('2'))
    endpoints.insert({ id: '3', parent: 'red' }, doc('3'))
    endpoints.insert({ id: '4', parent: 'red' }, doc('4'))
    t.throws(() => endpoints.insert({ id: '5', name: 'web', parent: 'red' }, doc('5')), { code: 'name-in-use' })
    const ids = (rows: readonly Doc[]): string => rows.map(row => row.id).join('')
    t.is(ids(endpoints.list({ parent: 'red' })), '234')
    t.is(ids(endpoints.list({ sandbox: 's1' })), '12')
    t.is(ids(endpoints.list({ sandbox: 's1', state: 'ready' })), '1')
    t.is(ids(endpoints.list()), '1234')
    t.is(endpoints.findByName('web', 'red')?.id, '2')
  })
})

test('an id prefix finds the only record that has it, and names the candidates otherwise', t => {
  using store = openStore(newRoot(t))
  store.write(tx => {
    const containers = tx.table<Doc>('containers')
    for (const id of ['abc1', 'abc2', 'abd1', 'a%']) containers.insert({ id, name: `n-${id}` }, doc(id))
    t.is(containers.findByIdPrefix('abd')?.id, 'abd1')
    t.is(containers.findByIdPrefix('abc1')?.id, 'abc1')
    t.is(containers.findByIdPrefix('a%')?.id, 'a%', 'no wildcard')
    t.is(containers.findByIdPrefix(''), undefined)
    t.is(containers.findByIdPrefix('x'), undefined)
    t.throws(() => containers.findByIdPrefix('abc'),
      { code: 'invalid-argument', message: 'find container "abc": the id prefix is ambiguous, it fits abc1, abc2' })
    t.is(containers.find('n-abc2')?.id, 'abc2')
    containers.insert({ id: 'ffff', name: 'abc1' }, doc('ffff'))
    t.is(containers.find('abc1')?.id, 'abc1', 'a full id goes before a name')
    containers.insert({ id: 'eeee', name: 'abd' }, doc('eeee'))
    t.is(containers.find('abd')?.id, 'eeee', 'a name goes before a prefix')
    t.true(containers.delete('eeee'))
    t.false(containers.delete('eeee'))
  })
})

test('a file that is no database is refused with one sentence, and left as it is', t => {
  const root = newRoot(t)
  openStore(root).close()
  writeFileSync(join(root, 'tsnet.db'), 'rubbish '.repeat(1000))
  const error = t.throws(() => openStore(root), { code: 'store-error' })
  t.regex(error?.message ?? '', /^use store ".*tsnet\.db": the file is damaged \(file is not a database\); move it away/)
  t.is(readFileSync(join(root, 'tsnet.db'), 'utf8'), 'rubbish '.repeat(1000))
})

test('a folder that cannot be made is a store-error', t => {
  const root = newRoot(t)
  openStore(root).close()
  const error = t.throws(() => openStore(join(root, 'tsnet.db', 'sub')), { code: 'store-error' })
  t.regex(error?.message ?? '', /^open store ".*": part of the path is no folder$/)
})

test('a database of a newer tsnet is refused', t => {
  const root = newRoot(t)
  openStore(root).close()
  const database = new DatabaseSync(join(root, 'tsnet.db'))
  database.exec('PRAGMA user_version = 99')
  database.close()
  t.throws(() => openStore(root), { code: 'store-error', message: /made by a newer tsnet \(schema 99/ })
})

test('transactions do not nest', t => {
  using store = openStore(newRoot(t))
  t.throws(() => store.write(() => store.read(() => 1)), { code: 'internal-error' })
  t.is(store.write(() => 2), 2)
})

test('a transaction takes no asynchronous function', t => {
  using store = openStore(newRoot(t))
  // @ts-expect-error: the type refuses it
  const result: unknown = store.write(async () => Promise.resolve(1))
  t.true(result instanceof Promise)
})

test('a reader sees the moment its transaction began while another connection writes', t => {
  const root = newRoot(t)
  using one = openStore(root)
  using two = openStore(root)
  one.write(tx => tx.meta.set('n', '1'))
  const seen = one.read(tx => {
    const before = tx.meta.get('n')
    two.write(other => other.meta.set('n', '2'))
    return [before, tx.meta.get('n')]
  })
  t.deepEqual(seen, ['1', '1'])
  t.is(one.read(tx => tx.meta.get('n')), '2')
})

test('many processes open a new database at once and lose no write', async t => {
  const root = newRoot(t)
  const script = `const { openStore } = await import(${JSON.stringify(join(import.meta.dirname, '../../../store/store.ts'))})
    const store = openStore(${JSON.stringify(root)})
    for (let i = 0; i < 50; i++) store.write(tx => tx.meta.set('n', String(Number(tx.meta.get('n') ?? 0) + 1)))
    store.close()`
  const exits = await Promise.all(Array.from({ length: 12 }, async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'inherit', 'inherit'] })
    return (await once(child, 'exit'))[0] as number
  }))
  t.deepEqual(exits, Array(12).fill(0))
  using store = openStore(root)
  t.is(store.read(tx => tx.meta.get('n')), '600')
})

test('a process that leaves the log loses nothing: the next reads it, and it does not grow without end', async t => {
  const root = newRoot(t)
  const script = `const { openStore } = await import(${JSON.stringify(join(import.meta.dirname, '../../../store/store.ts'))})
    const store = openStore(${JSON.stringify(root)}, { leavesLog: true })
    for (let i = 0; i < 100; i++) store.write(tx => tx.meta.set('n', String(Number(tx.meta.get('n') ?? 0) + 1)))
    store.close()
    process.exit()`
  const sizes: number[] = []
  for (let n = 0; n < 4; n += 1) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'inherit', 'inherit'] })
    t.deepEqual(await once(child, 'exit'), [0, null])
    sizes.push(statSync(join(root, 'tsnet.db-wal')).size)
  }
  t.true(Math.max(...sizes) < 1_200_000, `sizes ${sizes.join(', ')}: 200 pages, and what one transaction adds`)
  {
    using store = openStore(root)
    t.is(store.read(tx => tx.meta.get('n')), '400')
  }
  t.false(existsSync(join(root, 'tsnet.db-wal')), 'who closes takes it away')
})
