/** Named volumes: life, first use, and who may not remove them. */
import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { RootFilesystem } from '../../../../runtime/init/start-api.ts'
import { inspectVolume } from '../../../../runtime/volumes/volume.ts'
import { VolumeStore } from '../../../../runtime/volumes/volume-store.ts'
import { type Store, openStore } from '../../../../store/store.ts'
import { requires } from '../../../helpers/requires.ts'

interface World { readonly root: string, readonly store: Store, readonly volumes: VolumeStore }

function world(t: ExecutionContext): World {
  const root = mkdtempSync('/var/lib/tsnet-')
  const store = openStore(root)
  t.teardown(() => {
    store.close()
    rmSync(root, { recursive: true, force: true })
  })
  return { root, store, volumes: new VolumeStore(store, root) }
}

function useVolume({ store }: World, container: string, volume: string, anonymousVolumes: readonly string[] = []): void {
  const mounts = [{ kind: 'volume', source: volume, target: '/data', readOnly: false }]
  store.write(tx => tx.table('containers').insert({ id: container, name: container }, { id: container, name: container, mounts, anonymousVolumes }))
}

/** An image with a tree of all kinds of things at /data. */
function image({ root }: World): RootFilesystem {
  const layer = join(root, 'image')
  mkdirSync(join(layer, 'data/sub'), { recursive: true })
  execFileSync('sh', ['-c', 'echo one > one; ln one sub/two; ln -s /nowhere link; mkfifo pipe; mknod null c 1 3; touch -d @1000000001 one; chmod 4711 one; chown 7:8 .; chmod 0750 .'],
    { cwd: join(layer, 'data') })
  symlinkSync('data', join(layer, 'alias'))
  mkdirSync(join(root, 'upper'))
  return { kind: 'overlay', lowers: [layer], upper: join(root, 'upper'), work: '', target: '' }
}

const list = (path: string): string => execFileSync('find', ['.', '-printf', '%P %y %m %U:%G %n %l %s\\n'], { cwd: path, encoding: 'utf8' })
  .split('\n').map(line => line.replace(/^(\S* d .*) \d+$/, '$1')).toSorted().join('\n')

test('a volume is made, listed, shown as Docker shows it, and removed with its data', t => {
  if (!requires.root(t)) return
  const { root, volumes } = world(t)
  const volume = volumes.create({ name: 'db', labels: { a: '1' } })
  writeFileSync(join(volumes.pathOf('db'), 'file'), 'x')
  t.deepEqual(volumes.create({ name: 'db' }), volume, 'a second create gives the same')
  t.deepEqual(inspectVolume(volumes.get('db'), volumes.pathOf('db')), {
    CreatedAt: volume.createdAt, Driver: 'local', Labels: { a: '1' }, Mountpoint: join(root, 'volumes/db/_data'), Name: 'db', Options: null, Scope: 'local',
  })
  volumes.create({ name: 'aa' })
  t.deepEqual(volumes.list().map(({ name }) => name), ['aa', 'db'])
  volumes.delete('db', { force: false })
  t.deepEqual(readdirSync(join(root, 'volumes')), ['aa'])
  t.throws(() => volumes.delete('db', { force: false }), { code: 'volume-not-found' })
  t.notThrows(() => volumes.delete('db', { force: true }))
})

test('a volume without name is anonymous', t => {
  if (!requires.root(t)) return
  const { volumes } = world(t)
  const volume = volumes.create({})
  t.regex(volume.name, /^[0-9a-f]{64}$/)
  t.deepEqual(inspectVolume(volume, '/x')['Labels'], { 'com.docker.volume.anonymous': '' })
})

for (const name of ['a', '', '../x', '.x', 'a/b', 'a b', 'x'.repeat(256)]) {
  test(`"${name.slice(0, 20)}" is refused as a name of a volume`, t => {
    if (!requires.root(t)) return
    const { volumes } = world(t)
    t.throws(() => volumes.create({ name }), { code: 'invalid-name' })
    t.throws(() => volumes.pathOf(name), { code: 'invalid-name' })
  })
}

test('a fresh volume gets what the image has at its target, attributes and all', async t => {
  if (!requires.root(t)) return
  const here = world(t)
  const root = image(here)
  const path = await here.volumes.ensure('data', { root, target: '/alias/', anonymous: false })
  t.is(list(path), list(join(here.root, 'image/data')))
  t.is(statSync(join(path, 'one')).ino, statSync(join(path, 'sub/two')).ino)
  t.deepEqual(readdirSync(join(here.root, 'volumes/data')), ['_data'])
})

test('a volume with content keeps it', async t => {
  if (!requires.root(t)) return
  const here = world(t)
  here.volumes.create({ name: 'data' })
  writeFileSync(join(here.volumes.pathOf('data'), 'mine'), 'x')
  const path = await here.volumes.ensure('data', { root: image(here), target: '/data', anonymous: false })
  t.deepEqual(readdirSync(path), ['mine'])
})

test('a copy that was cut off is done again', async t => {
  if (!requires.root(t)) return
  const here = world(t)
  here.volumes.create({ name: 'data' })
  writeFileSync(join(here.volumes.pathOf('data'), 'one'), 'hal')
  writeFileSync(join(here.root, 'volumes/data/.filling'), '')
  const root = image(here)
  const path = await here.volumes.ensure('data', { root, target: '/data', anonymous: false })
  t.is(list(path), list(join(here.root, 'image/data')))
})

test('targets that the image lacks, or has as a file, give an empty volume', async t => {
  if (!requires.root(t)) return
  const here = world(t)
  const root = image(here)
  for (const target of ['/none', '/data/one', '/data/none/x']) {
    const path = await here.volumes.ensure('data', { root, target, anonymous: false })
    t.deepEqual(readdirSync(path), [])
  }
})

test('two first uses at once leave one whole copy', async t => {
  if (!requires.root(t)) return
  const here = world(t)
  const root = image(here)
  const paths = await Promise.all([1, 2].map(() => here.volumes.ensure('data', { root, target: '/data', anonymous: false })))
  t.is(list(paths[0] ?? ''), list(join(here.root, 'image/data')))
})

test('a volume in use is not removed, and its containers are named', t => {
  if (!requires.root(t)) return
  const here = world(t)
  here.volumes.create({ name: 'db' })
  useVolume(here, 'web0', 'db')
  t.throws(() => here.volumes.delete('db', { force: false }), { code: 'volume-in-use', message: 'remove volume "db": it is used by container "web0"' })
  t.throws(() => here.volumes.delete('db', { force: true }), { code: 'volume-in-use' })
})

test('an anonymous volume goes with its container, unless another uses it by name', async t => {
  if (!requires.root(t)) return
  const here = world(t)
  const [own, borrowed] = [here.volumes.create({}).name, here.volumes.create({}).name]
  useVolume(here, 'web0', own, [own, borrowed])
  useVolume(here, 'web1', borrowed)
  for (const name of [own, borrowed, own]) await here.volumes.remove(name)
  t.deepEqual(here.volumes.list().map(({ name }) => name), [borrowed])
  t.false(existsSync(join(here.root, 'volumes', own)))
})

test('prune takes anonymous volumes without users, with all also named ones', t => {
  if (!requires.root(t)) return
  const here = world(t)
  const { volumes } = here
  for (const name of ['used', 'free']) volumes.create({ name })
  useVolume(here, 'web0', 'used')
  const anonymous = volumes.create({}).name
  t.deepEqual(volumes.prune({ all: false }).names, [anonymous])
  t.deepEqual(volumes.prune({ all: true }).names, ['free'])
  t.deepEqual(volumes.list().map(({ name }) => name), ['used'])
})

test('a new volume never meets the data of a removed one of its name', t => {
  if (!requires.root(t)) return
  const { root, volumes } = world(t)
  volumes.create({ name: 'db' })
  writeFileSync(join(volumes.pathOf('db'), 'old'), 'x')
  chownSync(volumes.pathOf('db'), 5, 5)
  // What a process leaves that dies between the record and the data.
  mkdirSync(join(root, 'volumes/.old-1234'))
  volumes.delete('db', { force: false })
  volumes.create({ name: 'db' })
  t.deepEqual(readdirSync(volumes.pathOf('db')), [])
  t.is(statSync(volumes.pathOf('db')).uid, 0)
  t.deepEqual(readdirSync(join(root, 'volumes')), ['db'])
  t.is(readFileSync(join(root, 'tsnet.db')).length > 0, true)
})
