/** `tsnet`: composes the engine, runs one subcommand, and turns what it throws into one line and an exit status. */
import { type CodeEntry, codes } from '../errors/codes.ts'
import { TsnetError, isTsnetError } from '../errors/error.ts'
import type { Engine } from '../engine/open.ts'
import type { Cli } from './cli.ts'
import { describeError, failuresOf } from './cli.ts'
import { dispatch, parseGlobals } from './dispatch.ts'
import { printable } from './printable.ts'
import { requireUtf8 } from './utf8.ts'

/** Docker's status for a `run` that failed before its command ran; commands other than `run` fail with 1. */
const engineFailure = 125

async function main(args: readonly string[]): Promise<void> {
  // Everything is made with the mode that it is to have: a container's user reads /etc/hosts and reaches its volumes, whatever root's shell has set.
  process.umask(0o022)
  let engine: Engine | undefined
  let status = 0
  let debug = args.includes('--debug')
  let isRun = false
  let isServer = false
  const warn = (line: string): void => void process.stderr.write(`tsnet: ${printable(line)}\n`)
  onWriteError(error => {
    // Whose log nobody can read goes on serving.
    if (isServer) return
    if (error.code === 'EPIPE') process.exit(0)
    warn(`write to standard output: ${describeError(error)}`)
    process.exit(statusOf(error, isRun))
  })
  let tell = async (error: unknown): Promise<void> => warn(describeError(error))
  try {
    const { globals, words, help, version } = parseGlobals(args, process.env)
    debug = globals.debug
    isServer = words[0] === 'serve' && !help
    isRun = words[words[0] === 'container' ? 1 : 0] === 'run'
    requireUtf8(args)
    const cli: Cli = {
      globals, env: process.env, warn,
      tell: async error => warn(await describeWithOwner(error, cli)),
      get cwd() { return currentFolder() },
      engine: async () => engine ??= await openEngine(cli),
      print: line => void process.stdout.write(`${line}\n`),
      exit: code => { status = code },
    }
    ;({ tell } = cli)
    await dispatch(help ? ['help'] : version ? ['version'] : words, cli)
  } catch (error) {
    const [first, ...later] = failuresOf(error)
    await tell(first)
    for (const one of later) warn(`warning: undo: ${describeError(one)}`)
    if (debug) printCauses(error)
    status = statusOf(first, isRun)
  }
  try {
    await engine?.close()
  } catch (error) {
    warn(`warning: close: ${describeError(error)}`)
  }
  process.exitCode = status
  // All is done and, where the reader keeps up, told (a last write that failed is about to be): taking Node down step by step would take 3 ms more.
  if ([process.stdout, process.stderr].every(({ writableLength, errored }) => writableLength === 0 && errored === null)) process.exit()
}

/** @throws invalid-argument */
function currentFolder(): string {
  try {
    return process.cwd()
  } catch (cause) {
    throw new TsnetError('invalid-argument', 'find the current folder: it has been removed; change to another, or give absolute paths', { cause })
  }
}

/** A reader that has seen enough (`| head`) is no failure; a full disk is one. What goes on in the background is finished there. */
function onWriteError(fail: (error: NodeJS.ErrnoException) => void): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', fail)
}

async function openEngine({ globals, warn }: Cli): Promise<Engine> {
  if (process.getuid?.() !== 0) {
    throw new TsnetError('permission-denied', 'tsnet must be run as root: it makes network interfaces, firewall rules and namespaces; try sudo')
  }
  const { openEngine: open } = await import('../engine/open.ts')
  return open({
    root: globals.root, runRoot: globals.runRoot, warn, program: [process.execPath, process.argv[1] ?? ''],
    ...globals.debug ? { observer: (call: string) => void process.stderr.write(`+ ${call}\n`) } : {},
  })
}

/** A container that is not there may be another runtime's, whom `ps` shows, too. */
async function describeWithOwner(error: unknown, cli: Cli): Promise<string> {
  if (!isTsnetError(error, 'container-not-found') || typeof error.data['ref'] !== 'string') return describeError(error)
  const { findElsewhere, whose } = await import('./elsewhere.ts')
  // Whatever keeps us from looking, the failure is to be told.
  const other = await findElsewhere(error.data['ref'], cli).catch(() => undefined)
  return describeError(other === undefined ? error : new TsnetError(error.code, `${error.message}, ${whose(other)}`))
}

/** 126 and 127 also for `exec`: what cannot be run is the same there. */
function statusOf(error: unknown, isRun: boolean): number {
  const entry: CodeEntry | undefined = isTsnetError(error) ? codes[error.code] : undefined
  if (entry?.exit !== undefined) return entry.exit
  return isRun ? engineFailure : 1
}

function printCauses(error: unknown): void {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    process.stderr.write(`${cause.stack ?? cause.message}\n`)
    for (const one of cause instanceof AggregateError ? cause.errors : failuresOf(cause)) if (one !== cause) printCauses(one)
  }
}

// Not awaited: the bundle is CommonJS. `main` throws nothing.
void main(process.argv.slice(2))
