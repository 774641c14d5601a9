/** The user's own terminal: its size, raw mode, and the promise to put it back on every way out. */
import { TsnetError } from '../errors/error.ts'
import { makeRaw } from '../runtime/terminal.ts'
import type { TerminalSize } from '../runtime/types.ts'

/** Docker's refusal, in Docker's words. @throws invalid-argument */
export function requireTerminal({ tty, interactive, detach }: { readonly tty: boolean, readonly interactive: boolean, readonly detach: boolean }): void {
  if (tty && interactive && !detach && process.stdin.isTTY !== true) {
    throw new TsnetError('invalid-argument', 'the input device is not a TTY; leave out -t, or give it a terminal')
  }
}

export function terminalSize(): TerminalSize | undefined {
  const { columns, rows } = process.stdout.isTTY === true ? process.stdout : process.stderr
  return columns > 0 && rows > 0 ? { columns, rows } : undefined
}

/** Raw mode until disposal or the process's exit: what is typed goes to the container byte by byte, ^C as 0x03. */
export function rawTerminal(): Disposable {
  if (process.stdin.isTTY !== true) return { [Symbol.dispose]: () => { /* nothing was changed */ } }
  const restore = (): void => {
    try {
      process.stdin.setRawMode(false)
    } catch (error) {
      // The terminal itself is gone (its window was closed): there is nothing left to put back.
      if (!(error instanceof Error && 'code' in error && error.code === 'EIO')) throw error
    }
  }
  makeRaw(process.stdin)
  process.once('exit', restore)
  return {
    [Symbol.dispose]() {
      process.off('exit', restore)
      restore()
    },
  }
}
