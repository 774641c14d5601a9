/** Images by name and id, their removal, and what becomes of their layers. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import test, { type ExecutionContext } from 'ava'
import { importImage } from '../../../../runtime/images/import.ts'
import type { ImageRecord } from '../../../../runtime/images/image.ts'
import { requireRunnable } from '../../../../runtime/images/platform.ts'
import { inspectImage } from '../../../../runtime/images/inspect.ts'
import { busyboxTar } from '../../../helpers/busybox-image.ts'
import { dockerSaveOld } from '../../../helpers/image-archive.ts'
import { requires } from '../../../helpers/requires.ts'
import { tarBytes } from '../../../helpers/tar-bytes.ts'
import { load, streamOf, testStores, type TestStores } from './stores.ts'

const layerOf = (text: string): Buffer => tarBytes({ name: 'file', content: text })

/** Imports a one-file image. */
function make(stores: TestStores, name: string, text = name): Promise<ImageRecord> {
  return importImage({ input: { stream: streamOf(layerOf(text)) }, name }, stores)
}

/** A container that uses the image, as far as the store is concerned. */
function useImage(stores: TestStores, name: string, image: ImageRecord): void {
  stores.store.write(tx => tx.table('containers').insert({ id: name, name }, { id: name, name, imageId: image.id, mounts: [], anonymousVolumes: [] }))
}

async function twoLayers(t: ExecutionContext, stores: TestStores, name: string, texts: readonly string[]): Promise<ImageRecord> {
  const folder = mkdtempSync('/var/lib/archive-')
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'x.tar'), dockerSaveOld({ layers: texts.map(layerOf), names: [name] }))
  const [loaded] = await load(join(folder, 'x.tar'), stores)
  if (loaded === undefined) throw new Error('nothing loaded')
  return loaded.record
}

test('an imported busybox has its files, its configuration and one layer', async t => {
  if (!requires.root(t)) return
  const stores = testStores(t)
  const path = join(stores.root, 'bb.tar')
  await busyboxTar(path)
  const image = await importImage({ input: { path }, name: 'bb', changes: ['CMD ["sh"]', 'EXPOSE 80'], message: 'made by hand' }, stores)
  const [lower = ''] = stores.images.lowers(image)
  t.is(execFileSync('chroot', [lower, '/bin/sh', '-c', 'echo works; stat -c %U /home'], { encoding: 'utf8' }), 'works\nguest\n')
  t.like(inspectImage(image), { RepoTags: ['bb:latest'], Comment: 'made by hand', Config: { Cmd: ['sh'], ExposedPorts: { '80/tcp': {} } } })
  t.regex(image.id, /^sha256:[0-9a-f]{64}$/)
  t.deepEqual(stores.images.list().map(({ id }) => id), [image.id])
})

test('a gzip stream is imported as the same layer', async t => {
  if (!requires.root(t)) return
  const stores = testStores(t)
  const plain = await make(stores, 'a', 'x')
  const packed = await importImage({ input: { stream: streamOf(gzipSync(layerOf('x')), 7) }, name: 'b' }, stores)
  t.deepEqual(packed.layers, plain.layers)
  t.is(stores.layers.list().length, 1)
})

for (const [what, request, code] of [
  ['a bad name', { name: 'UPPER' }, 'invalid-reference'], ['a bad change', { name: 'a', changes: ['RUN x'] }, 'invalid-argument'],
  ['a bad archive', { name: 'a', input: { stream: streamOf(Buffer.from('text')) } }, 'invalid-image'],
  ['a missing file', { name: 'a', input: { path: '/var/lib/none' } }, 'invalid-argument'],
] as const) {
  test(`an import with ${what} leaves nothing`, async t => {
    if (!requires.root(t)) return
    const stores = testStores(t)
    await t.throwsAsync(importImage({ input: { stream: streamOf(layerOf('x')) }, ...request }, stores), { code })
    t.deepEqual(stores.images.list(), [])
    t.deepEqual(existsSync(join(stores.root, 'layers')) ? readdirSync(join(stores.root, 'layers')) : [], [])
  })
}

test('an image is found by name, name with tag, id, and the beginning of its id', async t => {
  if (!requires.root(t)) return
  const stores = testStores(t)
  const { id } = await make(stores, 'web:2')
  await make(stores, 'localhost:5000/web')
  const hex = id.slice('sha256:'.length)
  for (const ref of ['web:2', 'docker.io/library/web:2', id, hex, hex.slice(0, 12), `sha256:${hex.slice(0, 7)}`]) t.is(stores.images.get(ref).id, id, ref)
  for (const ref of ['web', 'localhost:5000/web:1', 'f'.repeat(64), 'x/web:2']) {
    t.throws(() => stores.images.get(ref), { code: 'image-not-found' }, ref)
  }
})

test('a name goes to the image that got it last; the other keeps its id', async t => {
  if (!requires.root(t)) return
  const stores = testStores(t)
  const first = await make(stores, 'app', '1')
  const second = await make(stores, 'app', '2')
  t.is(stores.images.get('app').id, second.id)
  t.deepEqual(stores.images.get(first.id).references, [])
  stores.images.tag(first.id, 'app:old')
  stores.images.tag('app:old', 'other/app')
  t.deepEqual(stores.images.get(first.id).references, ['docker.io/library/app:old', 'docker.io/other/app:latest'])
})

test('removal by name takes names away one by one, and the image with the last', async t => {
  if (!requires.root(t)) return
  const stores = testStores(t)
  const { id } = await make(stores, 'a')
  stores.images.tag('a', 'b')
  t.throws(() => stores.images.remove(id, { force: false }), { code: 'image-in-use', message: /several names \(a:latest, b:latest\)/ })
  t.deepEqual(stores.images.remove('a', { force: false }), { untagged: ['docker.io/library/a:latest'] })
  t.is(stores.layers.list().length, 1)
  t.deepEqual(stores.images.remove('b', { force: false }), { untagged: ['docker.io/library/b:latest'], deleted: id })
  t.deepEqual(readdirSync(join(stores.root, 'layers')), [])
  t.throws(() => stores.images.remove('b', { force: false }), { code: 'image-not-found' })
})

test('an image that a container uses stays, and the container is named', async t => {
  if (!requires.root(t)) return
  const stores = testStores(t)
  const image = await make(stores, 'a')
  useImage(stores, 'web0', image)
  for (const ref of ['a', image.id, image.id.slice(7, 20)]) {
    t.throws(() => stores.images.remove(ref, { force: false }), { code: 'image-in-use', message: `remove image "${ref}": it is used by container "web0"` })
  }
  t.deepEqual(stores.images.remove('a', { force: true }), { untagged: ['docker.io/library/a:latest'] })
  const [lower = ''] = stores.images.lowers(stores.images.get(image.id))
  t.is(readFileSync(join(lower, 'file'), 'utf8'), 'a')
})

test('layers that another image has are kept', async t => {
  if (!requires.root(t)) return
  const stores = testStores(t)
  await twoLayers(t, stores, 'one', ['base', 'one'])
  const two = await twoLayers(t, stores, 'two', ['base', 'two'])
  t.is(stores.layers.list().length, 3)
  stores.images.remove('one', { force: false })
  t.deepEqual(stores.layers.list().toSorted(), two.layers.map(layer => layer.key).toSorted())
})

test('layers that a load under way needs are kept', async t => {
  if (!requires.root(t)) return
  const stores = testStores(t)
  using hold = stores.layers.hold()
  const layer = await stores.layers.add({ open: () => streamOf(layerOf('x')) }, { hold })
  stores.images.collectGarbage()
  t.deepEqual(stores.layers.list(), [layer.key])
  hold[Symbol.dispose]()
  stores.images.collectGarbage()
  t.deepEqual(stores.layers.list(), [])
})

test('an image of another machine is refused in time, unless an emulator is there', t => {
  t.notThrows(() => requireRunnable('a', process.arch === 'arm64' ? 'arm64' : 'amd64'))
  if (!existsSync('/proc/sys/fs/binfmt_misc/qemu-s390x')) {
    t.throws(() => requireRunnable('a', 's390x'), { code: 'platform-unsupported', message: /it is for linux\/s390x, this machine is linux\// })
  }
})
