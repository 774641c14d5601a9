/**
 * What `dist/tsnet-cni.js` is made of: as start.ts, for the bundle of the CNI plugins. Each plugin and command has compiled code of its own.
 */
import { basename, join } from 'node:path'
import { runBundle } from './code-cache.ts'
import { isStale } from './stale.ts'

const dist = import.meta.dirname
const sources = join(dist, '../cni/main.ts')
const word = (text: string | undefined): string => /^[A-Za-z-]{1,20}$/.exec(text ?? '')?.[0] ?? 'other'

if (isStale(dist, 'cni-main.js', sources)) {
  const { createRequire, enableCompileCache } = process.getBuiltinModule('node:module')
  enableCompileCache({ directory: join(dist, 'cache'), portable: true })
  createRequire(join(dist, '/'))(sources)
} else {
  runBundle(dist, `cni-${word(basename(process.argv[2] ?? ''))}-${word(process.env['CNI_COMMAND'])}`, require, 'cni-main.js')
}
