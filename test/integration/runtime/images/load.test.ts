/** Archives into the store: every form, from file and stream, and what is said of bad ones. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import test, { type ExecutionContext } from 'ava'
import { openArchive } from '../../../../runtime/images/archive.ts'
import { inspectImage } from '../../../../runtime/images/inspect.ts'
import { loadImages } from '../../../../runtime/images/load.ts'
import { configOf, dockerSaveNew, dockerSaveOld, type ImageParts, ociArchive, sha256 } from '../../../helpers/image-archive.ts'
import { requires } from '../../../helpers/requires.ts'
import { tarBytes } from '../../../helpers/tar-bytes.ts'
import { load, streamOf, testStores } from './stores.ts'

const base = tarBytes({ name: 'etc/', type: '5', mode: 0o755 }, { name: 'etc/base', content: 'base' })
const top = tarBytes({ name: 'etc/', type: '5', mode: 0o755 }, { name: 'etc/top', content: 'top!' })
const parts: ImageParts = { layers: [base, top], names: ['demo:1'], config: { Cmd: ['/bin/sh'], Env: ['A=1'], Volumes: { '/data': {} } } }
const id = sha256(configOf(parts))

function fileOf(t: ExecutionContext, bytes: Buffer): string {
  const folder = mkdtempSync('/var/lib/archive-')
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'x.tar'), bytes)
  return join(folder, 'x.tar')
}

/** Everything below ROOT/layers that is no complete layer. */
const leftovers = (root: string): readonly string[] => existsSync(join(root, 'layers')) ? readdirSync(join(root, 'layers')).filter(name => name.startsWith('.')) : []

for (const [form, bytes] of [
  ['docker save up to 24', dockerSaveOld(parts)],
  ['docker save since 25', dockerSaveNew(parts)],
  ['docker save, gzip as a whole', gzipSync(dockerSaveOld(parts))],
  ['an OCI archive', ociArchive([parts])],
  ['an OCI archive with a nested index', ociArchive([{ ...parts, architecture: 'arm64', names: ['demo:1'] }, parts], { nested: true })],
  ['an OCI archive, zstd as a whole', zstdCompressSync(ociArchive([parts]))],
] as const) {
  for (const way of ['file', 'stream'] as const) {
    test(`${form} is loaded from a ${way}`, async t => {
      if (!requires.root(t)) return
      const stores = testStores(t)
      const input = way === 'file' ? { path: fileOf(t, bytes) } : { stream: streamOf(bytes, 10_000) }
      await using source = await openArchive(input, { root: stores.root, platform: { architecture: 'amd64' } })
      const [loaded] = await loadImages(source, stores)
      t.is(loaded?.record.id, id)
      t.deepEqual(loaded?.references, ['docker.io/library/demo:1'])
      const image = stores.images.get('demo:1')
      const [upper = '', lower = ''] = stores.images.lowers(image)
      t.is(readFileSync(join(upper, 'etc/top'), 'utf8'), 'top!')
      t.is(readFileSync(join(lower, 'etc/base'), 'utf8'), 'base')
      t.like(image, { sizeBytes: 8, architecture: 'amd64', created: '2024-05-06T07:08:09.000Z' })
      t.like(image.defaults, { command: ['/bin/sh'], env: ['A=1'], volumes: ['/data'], workdir: '/' })
      t.like(inspectImage(image), { Id: id, RepoTags: ['demo:1'], RootFS: { Type: 'layers', Layers: [sha256(base), sha256(top)] } })
      t.deepEqual(leftovers(stores.root), [])
    })
  }
}

test('an OCI layout folder is loaded as it lies', async t => {
  if (!requires.root(t)) return
  const stores = testStores(t)
  const folder = join(stores.root, 'layout')
  mkdirSync(folder)
  execFileSync('tar', ['-C', folder, '-xf', fileOf(t, ociArchive([parts]))])
  t.is((await load(folder, stores))[0]?.record.id, id)
})

test('a repeated layer, a link in the old form, is unpacked once and used twice', async t => {
  if (!requires.root(t)) return
  const stores = testStores(t)
  const [loaded] = await load(fileOf(t, dockerSaveOld({ layers: [base, top, base] })), stores)
  t.is(loaded?.record.layers.length, 3)
  t.is(stores.layers.list().length, 2)
})

test('what skopeo makes of an image is the same image', async t => {
  if (!requires.root(t) || !requires.tool(t, 'skopeo')) return
  const stores = testStores(t)
  const source = fileOf(t, dockerSaveOld(parts))
  const work = join(stores.root, 'skopeo')
  mkdirSync(work)
  const copy = (to: string): void => {
    execFileSync('skopeo', ['--insecure-policy', '--tmpdir', work, 'copy', '-q', `docker-archive:${source}`, to], { stdio: 'pipe' })
  }
  copy(`docker-archive:${work}/docker.tar:again:2`)
  copy(`oci-archive:${work}/oci.tar:again:3`)
  copy(`oci:${work}/layout:again:4`)
  const ids = []
  for (const name of ['docker.tar', 'oci.tar', 'layout']) ids.push(...await load(join(work, name), stores))
  t.deepEqual(ids.map(({ references }) => references[0]), ['docker.io/library/again:2', 'docker.io/library/again:3', 'docker.io/library/again:4'])
  t.is(stores.layers.list().length, 2, 'the layers are those of the first')
  for (const { record } of ids) t.deepEqual(record.layers.map(layer => layer.diffId), [sha256(base), sha256(top)])
})

test('the platform asked for is chosen, and one that is not there is named', async t => {
  if (!requires.root(t)) return
  const stores = testStores(t)
  const path = fileOf(t, ociArchive([{ ...parts, architecture: 'arm64' }, { ...parts, architecture: 'amd64' }], { nested: true }))
  t.is((await load(path, stores, 'arm64'))[0]?.record.architecture, 'arm64')
  t.is((await load(path, stores))[0]?.record.architecture, 'amd64')
  await t.throwsAsync(load(path, stores, 's390x'), { code: 'platform-unsupported', message: /none for linux\/s390x, only for linux\/arm64, linux\/amd64/ })
})

const replace = (bytes: Buffer, from: string, to: string): Buffer => Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1')
const manifestOf = (layers: readonly string[]): Buffer => tarBytes(
  { name: 'c.json', content: configOf(parts) }, { name: 'l.tar', content: base },
  { name: 'manifest.json', content: JSON.stringify([{ Config: 'c.json', RepoTags: null, Layers: layers }]) })

for (const [what, bytes, reason] of [
  ['an empty file', Buffer.alloc(0), /^load image ".*x\.tar": the file is empty$/],
  ['a text', Buffer.from('hello\n'), /^load image ".*x\.tar": not a tar archive/],
  ['a root file system', base, /neither manifest\.json nor index\.json.*image import/],
  ['an archive cut in the middle', dockerSaveOld(parts).subarray(0, 4000), /truncated/],
  ['a manifest that is no JSON', tarBytes({ name: 'manifest.json', content: '{' }), /manifest\.json: is not JSON/],
  ['a manifest of another shape', tarBytes({ name: 'manifest.json', content: '{}' }), /manifest\.json: \/ must be array/],
  ['a missing configuration', tarBytes({ name: 'manifest.json', content: '[{"Config":"c.json","Layers":[]}]' }), /c\.json: is missing/],
  ['a missing layer', manifestOf(['l.tar', 'gone.tar']), /gone\.tar: is missing, though manifest\.json names it/],
  ['too few layers', manifestOf(['l.tar']), /has 1 layers where c\.json has 2/],
  ['a layer that is another', manifestOf(['l.tar', 'l.tar']), /l\.tar: the content is not that of its DiffID/],
  ['a changed configuration', replace(dockerSaveOld(parts), 'A=1', 'A=2'), /\.json: the content is not that of its name/],
  ['a changed OCI configuration', replace(ociArchive([parts]), 'A=1', 'A=2'), /blobs\/sha256\/[0-9a-f]{64}: the content is not that of its digest/],
  ['a changed layer', replace(ociArchive([parts], { compress: false }), 'top!', 'tap!'), /blobs\/sha256\/[0-9a-f]{64}: the content is not that of its digest/],
  ['a path out of the archive', tarBytes({ name: 'manifest.json', content: '[{"Config":"../../../etc/passwd","Layers":[]}]' }), /etc\/passwd: is missing/],
] as const) {
  test(`${what} is refused, with file, what and why, and leaves nothing`, async t => {
    if (!requires.root(t)) return
    const stores = testStores(t)
    const error = await t.throwsAsync(load(fileOf(t, bytes), stores), { code: 'invalid-image', message: reason })
    t.regex(error?.message ?? '', /^load image "/)
    t.deepEqual(stores.images.list(), [])
    t.deepEqual(leftovers(stores.root), [])
  })
}

test('a folder with a link to a host file discloses nothing', async t => {
  if (!requires.root(t)) return
  const stores = testStores(t)
  const folder = join(stores.root, 'layout')
  mkdirSync(folder)
  symlinkSync('/etc/passwd', join(folder, 'index.json'))
  const error = await t.throwsAsync(load(folder, stores), { code: 'invalid-image' })
  t.notRegex(error?.message ?? '', /root:x/)
})

test('a file that is not there is a bad argument', async t => {
  if (!requires.root(t)) return
  await t.throwsAsync(load('/var/lib/none.tar', testStores(t)), { code: 'invalid-argument', message: 'load image "/var/lib/none.tar": there is no such file' })
})
