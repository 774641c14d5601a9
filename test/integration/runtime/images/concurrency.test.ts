/** Several processes and one image; a process that is killed in the middle. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { text } from 'node:stream/consumers'
import test, { type ExecutionContext } from 'ava'
import { configOf, dockerSaveOld, type ImageParts, sha256 } from '../../../helpers/image-archive.ts'
import { requires } from '../../../helpers/requires.ts'
import { tarBytes } from '../../../helpers/tar-bytes.ts'
import { load, testStores } from './stores.ts'

const FIXTURE = fileURLToPath(new URL('./loader.fixture.ts', import.meta.url))

const layer = (name: string, files: number): Buffer =>
  tarBytes(...Array.from({ length: files }, (_, i) => ({ name: `${name}/${i}`, content: `${name} ${i}` })))
const shared = layer('base', 2000)
const parts: ImageParts = { layers: [shared, layer('top', 500)], names: ['many:1'] }

function archive(t: ExecutionContext, image: ImageParts = parts): string {
  const folder = mkdtempSync('/var/lib/archive-')
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'x.tar')
  writeFileSync(path, dockerSaveOld(image))
  return path
}

function loader(root: string, path: string): ChildProcess {
  return spawn(process.execPath, [FIXTURE, root, path], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } })
}

async function outputOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no pipe')
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'close') as Promise<[number | null]>])
  if (status !== 0) throw new Error(`loader ended with ${status}`)
  return output
}

test('four processes that load the same image unpack each layer once', async t => {
  if (!requires.root(t)) return
  const { root, layers, images } = testStores(t)
  const path = archive(t)
  const outputs = await Promise.all(Array.from({ length: 4 }, () => outputOf(loader(root, path))))
  const id = sha256(configOf(parts))
  t.deepEqual(outputs.map(output => output.trim().split('\n').at(-1)), [id, id, id, id])
  t.is(outputs.join('').split('unpacking').length - 1, 2, 'two layers, unpacked twice in all')
  t.is(layers.list().length, 2)
  t.is(images.list().length, 1)
  t.deepEqual(readdirSync(join(root, 'layers')).filter(name => name.startsWith('.')), [])
})

test('two images that share a layer, loaded at once and in opposite order, do not wait for each other forever', async t => {
  if (!requires.root(t)) return
  const { root, layers } = testStores(t)
  const other = layer('other', 1500)
  const paths = [archive(t, { layers: [shared, other], names: ['ab:1'] }), archive(t, { layers: [other, shared], names: ['ba:1'] })]
  await Promise.all(paths.map(path => outputOf(loader(root, path))))
  t.is(layers.list().length, 2)
})

test('what a killed loader leaves is removed by the next, which loads all', async t => {
  if (!requires.root(t)) return
  const stores = testStores(t)
  const path = archive(t)
  const temporary = (): readonly string[] => readdirSync(join(stores.root, 'layers')).filter(name => name.startsWith('.new-'))
  let partial = 0
  for (let round = 0; round < 5; round++) {
    const child = loader(stores.root, path)
    if (child.stdout === null) throw new Error('no pipe')
    await Promise.race([once(child.stdout, 'data'), once(child, 'close')])
    child.kill('SIGKILL')
    await once(child, 'close')
    partial += temporary().length
  }
  t.true(partial > 0, 'at least one was killed while unpacking')
  const [loaded] = await load(path, stores)
  t.is(loaded?.record.layers.length, 2)
  t.deepEqual(temporary(), [])
  const [upper = '', lower = ''] = stores.images.lowers(stores.images.get('many:1'))
  t.is(readdirSync(join(lower, 'base')).length, 2000)
  t.is(readdirSync(join(upper, 'top')).length, 500)
  t.is(statSync(join(lower, 'base/7')).size, 'base 7'.length)
})

test('a load of another image removes what a killed one left', async t => {
  if (!requires.root(t)) return
  const stores = testStores(t)
  const child = loader(stores.root, archive(t))
  if (child.stdout === null) throw new Error('no pipe')
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'close')
  await load(archive(t, { layers: [layer('small', 1)], names: ['small:1'] }), stores)
  stores.images.collectGarbage()
  t.is(readdirSync(join(stores.root, 'layers')).length, 1)
})
