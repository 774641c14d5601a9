/**
 * What `dist/tsnet.js` is made of: it runs the bundle beside it with the code that V8 compiled in earlier runs (code-cache.ts).
 *
 * The code lies beside the bundle: whoever may write there may change the program itself, so it adds no new way in (Node's own
 * default is a folder in /tmp that another user may have made).
 */
import { join } from 'node:path'
import { runBundle } from './code-cache.ts'
import { isStale } from './stale.ts'

const dist = import.meta.dirname
const sources = join(dist, '../cli/main.ts')

if (isStale(dist, 'main.js', sources)) {
  const { createRequire, enableCompileCache } = process.getBuiltinModule('node:module')
  enableCompileCache({ directory: join(dist, 'cache'), portable: true })
  createRequire(join(dist, '/'))(sources)
} else {
  runBundle(dist, process.argv.slice(2).find(word => /^[a-z]+$/.test(word)) ?? 'help', require)
}
