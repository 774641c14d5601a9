/** `bin/tsnet` and the bundle: found through links, beside or below the package, with no environment; what is missing is said. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'ava'
import { buildTsnet } from '../../../scripts/build.ts'
import { type CommandResult, runCommand } from '../../helpers/namespace.ts'
import { CHECKOUT } from '../../helpers/tsnet.ts'

const place = mkdtempSync(join(tmpdir(), 'tsnet-launcher-'))
test.after.always(() => rmSync(place, { recursive: true, force: true }))
test.before(() => buildTsnet(join(place, 'bundle')))

let count = 0
/** A package installed in a new folder, its engine beside it (hoisted), below it, or not there. */
function install(engine: 'beside' | 'below' | 'missing', parent = 'node_modules'): string {
  count += 1
  const modules = join(place, String(count), parent)
  const root = join(modules, 'tsnet')
  mkdirSync(join(root, 'bin'), { recursive: true })
  mkdirSync(join(root, 'dist'))
  copyFileSync(join(CHECKOUT, 'bin/tsnet'), join(root, 'bin/tsnet'))
  for (const name of ['tsnet.js', 'main.js', 'inputs.json', 'package.json']) copyFileSync(join(place, 'bundle', name), join(root, 'dist', name))
  if (engine === 'missing') return root
  const folder = join(engine === 'beside' ? modules : join(root, 'node_modules'), `node-linux-${process.arch}/bin`)
  mkdirSync(folder, { recursive: true })
  symlinkSync(process.execPath, join(folder, 'node'))
  return root
}

/** A folder for PATH with a `node` that says `version`, and otherwise what it was called with. */
function pathWithNode(version: string): string {
  const folder = mkdtempSync(join(place, 'path-'))
  writeFileSync(join(folder, 'node'), `#!/bin/sh\n[ "$1" = --version ] && echo ${version} || echo "called: $*"\n`)
  chmodSync(join(folder, 'node'), 0o755)
  return `${folder}:/usr/bin:/bin`
}

const run = (file: string, ...args: readonly string[]): Promise<CommandResult> => runCommand(['env', '-i', file, ...args])

for (const engine of ['beside', 'below'] as const) {
  test(`the engine ${engine} the package is found, with an empty environment and through links`, async t => {
    const root = install(engine)
    const link = join(root, '../.bin/tsnet')
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync('../tsnet/bin/tsnet', link)
    symlinkSync(link, join(place, `link-${engine}`))
    for (const path of [join(root, 'bin/tsnet'), link, join(place, `link-${engine}`)]) {
      const { status, stdout, stderr } = await run(path, 'version')
      t.deepEqual({ status, stderr }, { status: 0, stderr: '' })
      t.regex(stdout, /^tsnet version \d+\.\d+\.\d+, Node\.js v24\./)
    }
  })
}

test('compiled code is kept beside the bundle, for its owner alone to write, and nowhere else', async t => {
  const root = install('beside')
  const scratch = mkdtempSync(join(place, 'tmp-'))
  await runCommand(['env', '-i', `TMPDIR=${scratch}`, join(root, 'bin/tsnet'), 'version'])
  const cache = join(root, 'dist/cache')
  t.is(statSync(cache).uid, process.getuid?.() ?? -1)
  t.is(statSync(cache).mode & 0o022, 0)
  t.true(readdirSync(cache).length > 0)
  t.deepEqual(readdirSync(scratch), [])
})

test('without an engine of the package, a node of PATH that is new enough is taken', async t => {
  const root = install('missing')
  const { stdout } = await runCommand(['env', '-i', `PATH=${pathWithNode('v24.1.0')}`, join(root, 'bin/tsnet'), 'ps', '-a b'])
  t.is(stdout, `called: --min-semi-space-size=16 --disable-warning=ExperimentalWarning -- ${join(root, 'dist/tsnet.js')} ps -a b\n`)
})

for (const [version, message] of [
  ['v20.19.0', /^tsnet: needs Node\.js 24 or later, and the one on PATH is v20\.19\.0: .*\(platform-unsupported\)\n$/],
  ['v3.0.0', /the one on PATH is v3\.0\.0/],
] as const) {
  test(`a node ${version} on PATH is refused in one sentence`, async t => {
    const { status, stderr } = await runCommand(['env', '-i', `PATH=${pathWithNode(version)}`, join(install('missing'), 'bin/tsnet'), 'ps'])
    t.is(status, 125)
    t.regex(stderr, message)
  })
}

test('--env-file is tsnet\'s, not Node\'s: what is in the file is for the container alone', async t => {
  const tsnet = join(install('beside'), 'bin/tsnet')
  const file = join(place, 'environment')
  writeFileSync(file, 'NODE_OPTIONS=--no-such-option\n')
  // Whoever reads the file gets as far as the image, which is missing, or, without root, to that.
  t.regex((await run(tsnet, 'run', '--env-file', file)).stderr, /^tsnet: [^\n]*\n$/)
  const missing = await run(tsnet, 'run', '--env-file', `${file}.missing`, 'image')
  t.is(missing.status, 125)
  t.regex(missing.stderr, /^tsnet: [^\n]*\n$/)
})

test('without any node, or without the bundle, one sentence says what to do', async t => {
  const root = install('missing')
  const empty = mkdtempSync(join(place, 'path-'))
  for (const tool of ['readlink', 'uname']) symlinkSync(`/bin/${tool}`, join(empty, tool))
  const without = await runCommand(['/usr/bin/env', '-i', `PATH=${empty}`, '/bin/sh', join(root, 'bin/tsnet'), 'ps'])
  t.is(without.status, 125)
  t.regex(without.stderr, /^tsnet: found no Node\.js: install the package again .*\(platform-unsupported\)\n$/)
  rmSync(join(root, 'dist'), { recursive: true })
  const unbuilt = await run(join(root, 'bin/tsnet'), 'ps')
  t.is(unbuilt.status, 125)
  t.regex(unbuilt.stderr, /has no dist\/tsnet\.js: install the package again/)
})

test('an installation whose bundle is cut short or gone says so in one sentence', async t => {
  const root = install('below')
  const bundle = join(root, 'dist/main.js')
  const whole = readFileSync(bundle)
  writeFileSync(bundle, whole.subarray(0, 1000))
  const cut = await run(join(root, 'bin/tsnet'), 'version')
  t.is(cut.status, 125)
  t.regex(cut.stderr, /^tsnet: \S+main\.js is cut short: install the package again[^\n]*\(platform-unsupported\)\n$/)
  rmSync(bundle)
  const gone = await run(join(root, 'bin/tsnet'), 'version')
  t.is(gone.status, 125)
  t.regex(gone.stderr, /^tsnet: \S+main\.js is not there: install the package again[^\n]*\n$/)
})

test('in a checkout, sources that are newer than the bundle run in its place', async t => {
  const root = install('below', 'projects')
  const source = join(root, 'cli/main.ts')
  mkdirSync(dirname(source))
  writeFileSync(source, 'const word: string = \'the sources\'\nconsole.log(word)\n')
  writeFileSync(join(root, 'dist/main.js'), 'console.log("the bundle")\n//0123456789abcdef')
  writeFileSync(join(root, 'dist/inputs.json'), JSON.stringify({ 'main.js': ['cli/main.ts'] }))
  const date = (path: string, seconds: number): void => utimesSync(path, seconds, seconds)
  date(join(root, 'dist/main.js'), 1000)
  date(source, 999)
  t.is((await run(join(root, 'bin/tsnet'))).stdout, 'the bundle\n')
  date(source, 1001)
  t.is((await run(join(root, 'bin/tsnet'))).stdout, 'the sources\n')
  date(source, 999)
  writeFileSync(join(root, 'dist/inputs.json'), JSON.stringify({ 'main.js': ['cli/main.ts', 'gone.ts'] }))
  t.is((await run(join(root, 'bin/tsnet'))).stdout, 'the sources\n', 'a source that was removed')
  for (const name of ['inputs.json', 'main.js']) {
    rmSync(join(root, 'dist', name))
    t.is((await run(join(root, 'bin/tsnet'))).stdout, 'the sources\n', `a build without ${name}`)
  }
  rmSync(join(root, 'dist'), { recursive: true })
  t.is((await run(join(root, 'bin/tsnet'))).stdout, 'the sources\n', 'before the first build')
})

test('a build leaves nothing of the one before', async t => {
  const outdir = join(place, 'rebuilt')
  mkdirSync(join(outdir, 'cache'), { recursive: true })
  writeFileSync(join(outdir, 'chunk-OLD.js'), '')
  await buildTsnet(outdir)
  t.deepEqual(readdirSync(outdir).toSorted(), ['cni-main.js', 'express.js', 'inputs.json', 'main.js', 'package.json', 'tsnet-cni.js', 'tsnet.js'])
  t.false(existsSync(join(outdir, 'cache')))
})

// Else the bundle counts as older than its sources, and every command runs the sources: twice the time.
test('what a build notes as its inputs are files of the checkout', t => {
  const { 'main.js': inputs = [] } = JSON.parse(readFileSync(join(place, 'bundle/inputs.json'), 'utf8')) as Readonly<Record<string, readonly string[]>>
  t.true(inputs.includes('cli/main.ts'))
  t.deepEqual(inputs.filter(path => !existsSync(join(CHECKOUT, path))), [])
})
