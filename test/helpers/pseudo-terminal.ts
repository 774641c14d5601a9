/**
 * A person at a terminal: a pseudo terminal with a program on it, what is typed, and what is shown.
 *
 * The program is in a session of its own whose controlling terminal this is (`setsid --ctty`), so that ^C comes to it as SIGINT
 * until it makes the terminal raw.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, read, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { ioctl } from '../../kernel/syscalls/descriptor.ts'

const TIOCSPTLCK = 0x40045431
const TIOCGPTPEER = 0x5441
const TIOCSWINSZ = 0x5414
const TCGETS = 0x5401
const O_RDWR_NOCTTY = 0o402

export class PseudoTerminal implements Disposable {
  readonly child: ChildProcess
  /** Everything shown so far. */
  shown = ''
  readonly #master: number
  readonly #peer: number
  readonly #ended: Promise<unknown>
  #changed = Promise.withResolvers<void>()
  #isOver = false

  constructor(argv: readonly string[], env: Readonly<Record<string, string | undefined>>, size = { rows: 24, columns: 80 }) {
    this.#master = openSync('/dev/ptmx', O_RDWR_NOCTTY)
    ioctl(this.#master, TIOCSPTLCK, Buffer.alloc(4))
    this.#peer = ioctl(this.#master, TIOCGPTPEER, O_RDWR_NOCTTY)
    this.resize(size)
    this.child = spawn('setsid', ['--ctty', '--wait', ...argv], { stdio: [this.#peer, this.#peer, this.#peer], env: { ...process.env, ...env } })
    this.#ended = once(this.child, 'exit')
    void this.#show()
  }

  resize({ rows, columns }: { readonly rows: number, readonly columns: number }): void {
    ioctl(this.#master, TIOCSWINSZ, Buffer.from(Uint16Array.of(rows, columns, 0, 0).buffer))
  }

  type(text: string): void {
    writeSync(this.#master, text)
  }

  /** Resolves when `text` is shown after what was shown when this was called last. @throws after 20 s, or at the end */
  async sees(text: string): Promise<void> {
    const deadline = AbortSignal.timeout(20_000)
    const expired = once(deadline, 'abort')
    while (!this.shown.slice(this.#seen).includes(text)) {
      if (this.#isOver || deadline.aborted) throw new Error(`"${text}" is not shown: ${JSON.stringify(this.shown.slice(this.#seen))}`)
      await Promise.race([this.#changed.promise, expired])
    }
    this.#seen = this.shown.indexOf(text, this.#seen) + text.length
  }
  #seen = 0

  /** The terminal's modes, comparable. */
  modes(): string {
    const termios = Buffer.alloc(64)
    ioctl(this.#peer, TCGETS, termios)
    return termios.toString('hex')
  }

  /** The program's exit status; 128 + n for signal n, as the shell has it. */
  async status(): Promise<number> {
    await this.#ended
    return this.child.exitCode ?? -1
  }

  async #show(): Promise<void> {
    const buffer = Buffer.alloc(65_536)
    try {
      for (;;) {
        const { bytesRead } = await readSome(this.#master, buffer)
        if (bytesRead === 0) break
        this.shown += buffer.toString('utf8', 0, bytesRead)
        this.#changed.resolve()
        this.#changed = Promise.withResolvers()
      }
    } catch {
      // EIO: nobody has the other end open any more.
    }
    closeSync(this.#master)
    this.#isOver = true
    this.#changed.resolve()
  }

  /** Lets go of the terminal: its reader ends with the last program on it. */
  [Symbol.dispose](): void {
    closeSync(this.#peer)
    this.child.kill('SIGKILL')
  }
}

const readSome = promisify(read) as unknown as (fd: number, buffer: Buffer) => Promise<{ readonly bytesRead: number }>
