/**
 * A process in the foreground (`run`, `exec`): streams passed on unchanged, signals too, and its exit status becomes ours.
 *
 * Until the process runs, Ctrl-C aborts the start, which undoes all. Afterwards signals go to the process, as Docker does it, and the
 * third Ctrl-C kills it. With a terminal, Ctrl-C is the byte 0x03 and reaches whatever runs in the foreground there.
 * When the terminal itself goes away (SIGHUP), the process is told, and we leave: its shim sees to it from then on, as after `-d`.
 */
import { once } from 'node:events'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { isTsnetError } from '../errors/error.ts'
import type { Attached, TerminalSize } from '../runtime/types.ts'
import type { Cli } from './cli.ts'
import { rawTerminal, terminalSize } from './terminal.ts'

export interface ForegroundProcess {
  readonly attached?: Attached
  readonly finished: Promise<number>
  /** Sends a signal by name. @throws container-not-running, container-not-found when it is gone already */
  kill(signal: NodeJS.Signals): void
}

export interface ForegroundOptions {
  readonly tty: boolean
  readonly interactive: boolean
  readonly size: TerminalSize | undefined
}

type Start = (signal: AbortSignal, size: TerminalSize | undefined) => Promise<ForegroundProcess | undefined>

const forwarded: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT', 'SIGALRM']
const interruptsUntilKill = 3

/** `start` gives undefined for a process that goes on in the background. */
export async function foreground(cli: Cli, start: Start, options: ForegroundOptions): Promise<void> {
  const abort = new AbortController()
  let deliver = (signal: NodeJS.Signals): void => abort.abort(new Interrupted(signal))
  const onSignal = (signal: NodeJS.Signals): void => deliver(signal)
  for (const signal of forwarded) process.on(signal, onSignal)
  try {
    const running = await start(abort.signal, options.size)
    if (running === undefined) return
    deliver = forwardTo(running, options.tty)
    if (abort.signal.aborted) deliver('SIGINT')
    cli.exit(await attend(running, options))
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error
    cli.exit(128 + error.number)
  } finally {
    for (const signal of forwarded) process.off(signal, onSignal)
  }
}

class Interrupted extends Error {
  readonly number: number
  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`)
    this.number = constants.signals[signal]
  }
}

function forwardTo(running: ForegroundProcess, isTerminal: boolean): (signal: NodeJS.Signals) => void {
  let interrupts = 0
  return signal => {
    if (signal === 'SIGINT' || signal === 'SIGTERM') interrupts += 1
    tryKill(running, interrupts >= interruptsUntilKill ? 'SIGKILL' : signal)
    if (signal === 'SIGHUP' && isTerminal) process.exit(128 + constants.signals.SIGHUP)
  }
}

function tryKill(running: ForegroundProcess, signal: NodeJS.Signals): void {
  try {
    running.kill(signal)
  } catch (error) {
    // It has just ended, and is being cleaned up.
    if (!isTsnetError(error, 'container-not-running') && !isTsnetError(error, 'container-not-found')) throw error
  }
}

async function attend(running: ForegroundProcess, { tty, interactive, size: sizeAtStart }: ForegroundOptions): Promise<number> {
  const { attached } = running
  using _raw = tty && interactive ? rawTerminal() : undefined
  let shown = sizeAtStart
  const onResize = (): void => {
    const size = terminalSize()
    if (size === undefined || (size.rows === shown?.rows && size.columns === shown.columns)) return
    attached?.resize(size)
    shown = size
  }
  if (tty) {
    process.on('SIGWINCH', onResize)
    // The window may have changed while the process was started.
    onResize()
  }
  const outputs = [passOn(attached?.stdout, process.stdout), passOn(attached?.stderr, process.stderr)]
  if (interactive && attached?.stdin !== undefined) passInput(attached)
  try {
    const status = await running.finished
    await Promise.all(outputs)
    return status
  } finally {
    if (tty) process.off('SIGWINCH', onResize)
    // Not touched otherwise: the stream and all it needs take 2 ms to load.
    if (interactive) process.stdin.destroy()
  }
}

function passInput({ stdin }: Attached): void {
  if (stdin === undefined) return
  // The process may end, or close its input, before all was read.
  stdin.on('error', () => process.stdin.unpipe(stdin))
  process.stdin.on('error', () => stdin.end())
  process.stdin.pipe(stdin)
}

async function passOn(from: Readable | undefined, to: NodeJS.WriteStream): Promise<void> {
  if (from === undefined) return
  from.pipe(to, { end: false })
  if (!from.readableEnded && !from.destroyed) await once(from, 'close')
}
