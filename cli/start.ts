/**
 * What `dist/tsnet.js` is made of: it runs the bundle beside it with the code that V8 compiled in earlier runs (code-cache.ts).
 *
 * The code lies beside the bundle: whoever may write there may change the program itself, so it adds no new way in (Node's own
 * default is a folder in /tmp that another user may have made).
 *
 * In a checkout, a bundle older than its sources must not run in their place: then the sources run. It costs one stat a file, some
 * 1.5 ms; an installed package has no sources and is not asked.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire, enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { runBundle } from './code-cache.ts'

/** Written by scripts/build.ts: the files the bundle was made of, relative to the checkout. */
interface BuildInputs { readonly inputs: readonly string[] }

const dist = import.meta.dirname
const checkout = join(dist, '..')
const sources = join(checkout, 'cli/main.ts')

function isStale(): boolean {
  if (!existsSync(sources)) return false
  const builtMs = statSync(join(dist, 'main.js')).mtimeMs
  const { inputs } = JSON.parse(readFileSync(join(dist, 'inputs.json'), 'utf8')) as BuildInputs
  return inputs.some(path => (statSync(`${checkout}/${path}`, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > builtMs)
}

if (isStale()) {
  enableCompileCache({ directory: join(dist, 'cache'), portable: true })
  createRequire(join(dist, '/'))(sources)
} else {
  runBundle(dist, process.argv.slice(2).find(word => /^[a-z]+$/.test(word)) ?? 'help')
}
