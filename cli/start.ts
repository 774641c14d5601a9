/**
 * What `dist/tsnet.js` is made of: it turns the compile cache on, and only then loads the rest, so that the rest is in the cache.
 *
 * The cache lies beside the bundle: whoever may write there may change the program itself, so it adds no new way in (Node's own
 * default is a folder in /tmp that another user may have made). Where it cannot be written, tsnet starts some 20 ms slower.
 *
 * In a checkout, a bundle older than its sources must not run in their place: then the sources run. It costs one stat a file, some
 * 1.5 ms; an installed package has no sources and is not asked.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire, enableCompileCache } from 'node:module'
import { join } from 'node:path'

/** Written by scripts/build.ts: the files the bundle was made of, relative to the checkout. */
interface BuildInputs { readonly inputs: readonly string[] }

const dist = import.meta.dirname
const checkout = join(dist, '..')
const bundle = join(dist, 'main.js')
const sources = join(checkout, 'cli/main.ts')

function isStale(): boolean {
  if (!existsSync(sources)) return false
  const builtMs = statSync(bundle).mtimeMs
  const { inputs } = JSON.parse(readFileSync(join(dist, 'inputs.json'), 'utf8')) as BuildInputs
  return inputs.some(path => (statSync(join(checkout, path), { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > builtMs)
}

enableCompileCache({ directory: join(dist, 'cache'), portable: true })
createRequire(join(dist, '/'))(isStale() ? sources : bundle)
