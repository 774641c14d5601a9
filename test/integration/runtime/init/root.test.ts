import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import test from 'ava'
import { link } from '../../../../runtime/init/link.ts'
import { Program } from '../../../../runtime/init/program.ts'
import type { RootFilesystem } from '../../../../runtime/init/start-api.ts'
import { mountOverlayByNumber, separatePropagation } from '../../../../runtime/init/sandbox/root.ts'
import { startContainer } from '../../../../runtime/init/start.ts'
import { createFixture, type Fixture, runContainer } from './start-fixture.ts'

let fixture: Fixture
test.before(async () => { fixture = await createFixture() })
test.after.always(() => { fixture[Symbol.dispose]() })

type Overlay = Extract<RootFilesystem, { kind: 'overlay' }>

/** An overlay of `count` layers, each with a file of its number, over the busybox tree; the topmost first. */
function layers(name: string, count: number): Overlay {
  const base = join(fixture.folder, name)
  const lowers = Array.from({ length: count }, (_, index) => join(base, `layer-${index}`))
  for (const [index, lower] of lowers.entries()) {
    mkdirSync(lower, { recursive: true })
    writeFileSync(join(lower, 'top'), String(index))
    writeFileSync(join(lower, `file-${index}`), '')
  }
  const [upper, work, target] = ['upper', 'work', 'merged'].map(part => join(base, part)) as [string, string, string]
  for (const directory of [upper, work, target]) mkdirSync(directory)
  return { kind: 'overlay', lowers: [...lowers, fixture.tree], upper, work, target }
}

test.serial('hundreds of layers make one root, the first on top', async t => {
  const root = layers('many', 200)
  const { stdout } = await runContainer(fixture.request(['sh', '-c', 'cat /top; echo; ls / | grep -c file-; echo written > /new'], { root }))
  t.is(stdout, '0\n200\n')
  t.is(readFileSync(join(root.upper, 'new'), 'utf8'), 'written\n')
})

test.serial('characters that mean something in mount options are just names', async t => {
  const { stdout } = await runContainer(fixture.request(['cat', '/top'], { root: layers('a:b,c\\d=e', 2) }))
  t.is(stdout, '0')
})

test.serial('the way for older kernels mounts the same', t => {
  const root = layers('by:number,', 120)
  const program = new Program(process.arch === 'arm64' ? 'arm64' : 'x64')
  const failed = program.label('failed')
  program.onFailure(failed)
  program.call('own mounts', 'unshare', [program.flags('CLONE_NEWNS')])
  separatePropagation(program)
  mountOverlayByNumber(program, root)
  const list = ['/bin/sh', '-c', `cat ${root.target}/top; ls ${root.target} | grep -c file-; > ${root.target}/new`]
  program.call('look', 'execve', [program.string('/bin/sh'), program.strings(list), program.strings(['PATH=/bin:/usr/bin'])])
  program.place(failed)
  program.call('give up', 'exit_group', [125])
  const file = join('/tmp', `tsnet-test-${process.pid}`)
  writeFileSync(file, link(program).image, { mode: 0o700 })
  t.teardown(() => spawnSync('rm', [file]))
  const { status, stdout } = spawnSync(file)
  t.deepEqual([status, String(stdout)], [0, '0120\n'])
  t.true(existsSync(join(root.upper, 'new')))
})

test.serial('a directory can be the root, and keeps what is written', async t => {
  const { stdout } = await runContainer(fixture.request(['sh', '-c', 'echo kept > /kept; cat /kept'], { root: { kind: 'directory', path: fixture.tree } }))
  t.is(stdout, 'kept\n')
  t.is(readFileSync(join(fixture.tree, 'kept'), 'utf8'), 'kept\n')
})

test.serial('a layer that is missing is named', async t => {
  const root = layers('missing', 1)
  const error = await t.throwsAsync(startContainer(fixture.request(['true'], { root: { ...root, lowers: ['/nosuch-layer', ...root.lowers] } })))
  t.regex(String(error), /start container: open layer \/nosuch-layer: No such file or directory \(ENOENT\)/)
})

test.serial('a second layer that is missing is named too', async t => {
  const root = layers('missing-second', 1)
  const error = await t.throwsAsync(startContainer(fixture.request(['true'], { root: { ...root, lowers: [...root.lowers, '/nosuch-layer'] } })))
  t.regex(String(error), /start container: add layer \/nosuch-layer: No such file or directory \(ENOENT\)/)
})
