/**
 * `npm run build`: the command line as one bundle in dist/, which is what an installed package runs.
 *
 *     dist/tsnet.js     turns the compile cache on and loads main.js (cli/start.ts)
 *     dist/main.js      cli/main.ts and everything it imports; native addons are found in node_modules when they are needed
 *     dist/inputs.json  the files it was made of, for cli/start.ts to see in a checkout whether they have changed
 *     dist/cache/       compiled code, filled by Node at the first start
 *     dist/package.json says that they are CommonJS
 *
 * One file and no chunks: a `tsnet run` in the foreground must not miss a part because the package was upgraded meanwhile. Modules
 * behind `import()` are in it too, and are evaluated when they are asked for. Every file is replaced by a rename.
 */
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, type BuildResult, build } from 'esbuild'

const checkout = fileURLToPath(new URL('../', import.meta.url))

const shared = {
  absWorkingDir: checkout,
  bundle: true,
  platform: 'node',
  // Not ES modules: their imports of Node's own modules would all be loaded at the start, 20 ms of them, needed or not.
  format: 'cjs',
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
  target: 'node24',
  write: false,
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions

/** Writes the bundle to `outdir`. */
export async function buildTsnet(outdir: string): Promise<void> {
  const startedAt = new Date()
  const [start, main] = await Promise.all([
    build({ ...shared, entryPoints: ['cli/start.ts'] }),
    build({ ...shared, entryPoints: ['cli/main.ts'], minifySyntax: true, minifyWhitespace: true, keepNames: true }),
  ])
  const inputs = [...new Set([start, main].flatMap(({ metafile }) => Object.keys(metafile.inputs)))]
    .filter(path => !path.startsWith('node_modules/')).concat('package-lock.json').toSorted()
  mkdirSync(outdir, { recursive: true })
  rmSync(join(outdir, 'cache'), { recursive: true, force: true })
  replaceFile(join(outdir, 'inputs.json'), JSON.stringify({ inputs }), startedAt)
  replaceFile(join(outdir, 'package.json'), JSON.stringify({ type: 'commonjs' }), startedAt)
  replaceFile(join(outdir, 'main.js'), textOf(main), startedAt)
  replaceFile(join(outdir, 'tsnet.js'), textOf(start), startedAt)
}

function textOf({ outputFiles }: BuildResult<{ write: false }>): string {
  const [file] = outputFiles
  if (file === undefined) throw new Error('esbuild made no file')
  return file.text
}

/** Dated back to when the sources began to be read: what is saved during the build counts as newer. */
function replaceFile(path: string, text: string, date: Date): void {
  const temporary = join(dirname(path), `.${process.pid}-new`)
  writeFileSync(temporary, text)
  utimesSync(temporary, date, date)
  renameSync(temporary, path)
}

if (import.meta.main) await buildTsnet(join(checkout, 'dist'))
