/**
 * `npm run build`: the command line as a bundle in dist/, which is what an installed package runs.
 *
 *     dist/tsnet.js     runs main.js with the code compiled in earlier runs (cli/start.ts)
 *     dist/main.js      cli/main.ts and all it imports; native addons are found in node_modules when they are needed
 *     dist/tsnet-cni.js, dist/cni-main.js   the same of the CNI plugins: cni/main.ts alone, which is a third of it
 *     dist/express.js   the HTTP library of `serve`: no other command reads it
 *     dist/inputs.json  the files each was made of, for cli/stale.ts to see in a checkout whether they have changed
 *     dist/cache/       compiled code, filled by the first runs of each subcommand (cli/code-cache.ts)
 *
 * One file, so that a `tsnet run` in the foreground misses no part when the package is upgraded meanwhile. CommonJS, because there
 * what stands behind an `import()` asks for its parts of Node only when it is evaluated: `version` loads neither SQLite nor
 * crypto (ES modules: 20 ms more). Every file is replaced by a rename.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Plugin, build } from 'esbuild'
import { hashLength, wrapper } from '../cli/code-cache.ts'

const checkout = fileURLToPath(new URL('../', import.meta.url))

/** Makes the bundle in `outdir`, which holds nothing else. @throws what esbuild says of the sources */
export async function buildTsnet(outdir: string): Promise<void> {
  const startedAt = new Date()
  const { metafile, outputFiles } = await build({
    absWorkingDir: checkout, outdir,
    entryPoints: { 'main': 'cli/main.ts', 'tsnet': 'cli/start.ts', 'cni-main': 'cni/main.ts', 'tsnet-cni': 'cli/start-cni.ts', 'express': 'node_modules/express/index.js' },
    bundle: true, format: 'cjs', platform: 'node', target: 'node24', define: { 'import.meta.dirname': '__dirname' },
    plugins: [commanderAlone, expressApart, expressAlone],
    minifySyntax: true, minifyWhitespace: true, legalComments: 'none',
    write: false, metafile: true, logLevel: 'warning',
  })
  const inputs = Object.fromEntries(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), sourcesOf(Object.keys(output.inputs))]))
  const files = new Map([
    ['package.json', JSON.stringify({ type: 'commonjs' })], ['inputs.json', JSON.stringify(inputs)],
    ...outputFiles.map(({ path, text }): [string, string] => [basename(path), path.endsWith('main.js') ? wrapper.before + text + wrapper.after + hashLine(text) : text]),
  ])
  mkdirSync(outdir, { recursive: true })
  for (const [name, text] of files) replaceFile(outdir, name, text, startedAt)
  for (const name of readdirSync(outdir)) if (!files.has(name)) rmSync(join(outdir, name), { recursive: true, force: true, maxRetries: 5 })
}

/** What a plugin of the build stands in for is no file. */
function sourcesOf(paths: readonly string[]): readonly string[] {
  return paths.filter(path => !/^(node_modules\/|absent:)/.test(path)).concat('package-lock.json').toSorted()
}

/** Commander's subcommands that are programs of their own, which tsnet has none of, would load Node's child_process at every start. */
const commanderAlone: Plugin = {
  name: 'commander-alone',
  setup(bundling) {
    bundling.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('/node_modules/commander/') ? { path: 'child_process', namespace: 'absent' } : undefined)
    bundling.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: '' }))
  },
}

/** Tables that express has for servers of files and texts, three quarters of it: the charsets of the world, the types of all files' names. */
const expressAlone: Plugin = {
  name: 'express-alone',
  setup(bundling) {
    bundling.onResolve({ filter: /^(iconv-lite|mime-db)$/ }, ({ path }) => ({ path, namespace: 'absent' }))
  },
}

const expressApart: Plugin = {
  name: 'express-apart',
  setup(bundling) {
    bundling.onResolve({ filter: /^express$/ }, () => ({ path: './express.js', external: true }))
  },
}

/** What code compiled of the bundle is kept by: cli/code-cache.ts. */
function hashLine(text: string): string {
  return `//${createHash('sha256').update(text).digest('hex').slice(0, hashLength)}`
}

/** Dated back to when the sources began to be read: what is saved during the build counts as newer. */
function replaceFile(folder: string, name: string, text: string, date: Date): void {
  const temporary = join(folder, `.${process.pid}-new`)
  writeFileSync(temporary, text)
  utimesSync(temporary, date, date)
  renameSync(temporary, join(folder, name))
}

if (import.meta.main) await buildTsnet(join(checkout, 'dist'))
