/**
 * Runs the bundle with the code that V8 compiled in earlier runs of the same subcommand.
 *
 * Node's own compile cache keeps what is compiled while a module is loaded, which of the functions of a bundle is none: parsing and
 * compiling those that one `run` needs takes 25 ms. So the code is taken at the end of a run, when everything that it needed has been
 * compiled. Each of the first runs of a subcommand adds what the ones before did not need (another option, another network mode).
 *
 * A file is for one subcommand, one Node.js and one content of the bundle: V8 itself compares only its own version, its flags
 * and the source's length. Invariant: code that is missing, unreadable or refused by V8 costs time, and nothing else.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script, constants } from 'node:vm'

/** How many runs of a subcommand add to its code: saving it takes some 10 ms. */
const learningRuns = 6

/** What scripts/build.ts puts around the bundle, as Node does in memory: joined there, each run would touch a megabyte more. */
export const wrapper = { before: '(function (exports, require, module, __filename, __dirname) {', after: '\n})' } as const

/** Hexadecimal digits of the content's hash, which end the bundle: `//HASH` (scripts/build.ts). */
export const hashLength = 16

type Wrapped = (...parts: readonly unknown[]) => void

/**
 * Runs a bundle of DIST, a CommonJS module in the function that Node would put around it; the code is kept in DIST/cache. `load` is the `require` of a
 * module in DIST: to make another one takes a millisecond.
 */
export function runBundle(dist: string, subcommand: string, load: NodeJS.Require, bundle = 'main.js'): void {
  const filename = join(dist, bundle)
  // Latin-1: esbuild escapes everything beyond ASCII, and reading it so is faster.
  const source = readOrDie(filename)
  const folder = join(dist, 'cache')
  const path = join(folder, `${subcommand}-${process.version}-${process.arch}-${source.slice(-hashLength)}`)
  const known = readIfThere(path)
  const script = new Script(source, {
    filename, columnOffset: -wrapper.before.length, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...known === undefined ? {} : { cachedData: known.code },
  })
  const runs = known === undefined || script.cachedDataRejected === true ? 0 : known.runs
  if (runs < learningRuns) {
    process.once('exit', status => {
      if (status === 0) save(folder, path, Buffer.concat([script.createCachedData(), Buffer.of(runs + 1)]))
    })
  }
  const wrapped = script.runInThisContext() as Wrapped
  const module = { exports: {} }
  wrapped.call(module.exports, module.exports, load, module, filename, dist)
}

/** An installation that was cut short is told as bin/tsnet tells it, in one sentence. */
function readOrDie(filename: string): string {
  let reason = 'is cut short'
  try {
    const source = readFileSync(filename, 'latin1')
    if (ending.test(source.slice(-hashLength - 2))) return source
  } catch (cause) {
    reason = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' ? 'is not there' : 'cannot be read'
  }
  process.stderr.write(`tsnet: ${filename} ${reason}: install the package again, or run \`npm run build\` in a checkout (platform-unsupported)\n`)
  process.exit(125)
}

const ending = new RegExp(`^//[0-9a-f]{${hashLength}}$`)

/** The code, and in the last byte of its file the number of runs it is from. */
function readIfThere(path: string): { readonly code: Buffer, readonly runs: number } | undefined {
  try {
    const bytes = readFileSync(path)
    return { code: bytes.subarray(0, -1), runs: bytes.at(-1) ?? 0 }
  } catch {
    return undefined
  }
}

function save(folder: string, path: string, bytes: Uint8Array): void {
  const unfinished = `${path}.${process.pid}`
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    writeFileSync(unfinished, bytes, { mode: 0o644 })
    renameSync(unfinished, path)
  } catch {
    // A folder that this user may not write to, or a full disk: the next run compiles again.
  }
}
