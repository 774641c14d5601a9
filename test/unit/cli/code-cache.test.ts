/** Compiled code of earlier runs: used, added to, and without any say in what the bundle does. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { wrapper } from '../../../cli/code-cache.ts'
import { runCommand } from '../../helpers/namespace.ts'
import { CHECKOUT } from '../../helpers/tsnet.ts'

const module = pathToFileURL(join(CHECKOUT, 'cli/code-cache.ts')).href

function newFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-code-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function writeBundle(dist: string, source: string, hash: string): void {
  writeFileSync(join(dist, 'main.js'), `${wrapper.before}${source}${wrapper.after}//${hash.repeat(16)}`)
}

async function run(t: ExecutionContext, dist: string, subcommand = 'ps'): Promise<string> {
  const { status, stdout, stderr } = await runCommand([
    process.execPath, '--input-type=module', '-e', `import { createRequire } from 'node:module'; import { runBundle } from '${module}'; runBundle('${dist}', '${subcommand}', createRequire('${dist}/'))`,
  ])
  t.is(stderr, '')
  return status === 0 ? stdout : `status ${status}`
}

const cached = (dist: string): string[] => readdirSync(join(dist, 'cache'))

test('a bundle is a CommonJS module of its folder, with and without compiled code', async t => {
  const dist = newFolder(t)
  writeFileSync(join(dist, 'part.js'), 'exports.part = 1')
  writeBundle(dist, 'console.log(require("./part.js").part, module.exports === exports, __dirname, __filename)', 'a')
  for (const _ of [1, 2]) t.is(await run(t, dist), `1 true ${dist} ${dist}/main.js\n`)
})

test('every subcommand has code of its own, which the first runs add to, and later ones leave alone', async t => {
  const dist = newFolder(t)
  writeBundle(dist, 'if (process.env.PATH) console.log("x")', 'b')
  await run(t, dist, 'run')
  const [file = ''] = cached(dist)
  const runs = (): number | undefined => readFileSync(join(dist, 'cache', file)).at(-1)
  t.is(runs(), 1)
  for (let n = 2; n < 9; n += 1) {
    await run(t, dist, 'run')
    t.is(runs(), Math.min(n, 6))
  }
  await run(t, dist, 'ps')
  t.is(cached(dist).length, 2)
})

test('another bundle of the same length is not run with the code of the one before', async t => {
  const dist = newFolder(t)
  writeBundle(dist, 'console.log("one")', 'c')
  t.is(await run(t, dist), 'one\n')
  writeBundle(dist, 'console.log("two")', 'd')
  t.is(await run(t, dist), 'two\n')
})

test('damaged code is compiled anew', async t => {
  const dist = newFolder(t)
  writeBundle(dist, 'console.log("one")', 'e')
  await run(t, dist)
  const [file = ''] = cached(dist)
  for (const damage of ['', 'nonsense']) {
    writeFileSync(join(dist, 'cache', file), damage)
    t.is(await run(t, dist), 'one\n')
  }
})

test('a run that fails leaves no code', async t => {
  const dist = newFolder(t)
  writeBundle(dist, 'process.exitCode = 3', 'f')
  t.is(await run(t, dist), 'status 3')
  t.deepEqual(readdirSync(dist), ['main.js'])
})
