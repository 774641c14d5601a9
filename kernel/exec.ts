/**
 * Running another program (iptables-restore, modprobe): an argument list, never a shell.
 *
 * System tools are found in the sbin folders also where PATH lacks them, as under cron or a bare `env -i`. The environment is
 * LC_ALL=C besides the caller's, so that messages can be read by machines.
 */
import { accessSync, constants, fstatSync, readSync, statSync, writeSync } from 'node:fs'
import { delimiter } from 'node:path'
import { errnoNumber } from './errno.ts'
import { kernelError } from './error.ts'
import { spawn } from './spawn.ts'
import { MFD_NOEXEC_SEAL, close, memfdCreate, pipe } from './syscalls/descriptor.ts'
import { WNOHANG, waitPid } from './syscalls/process.ts'

export interface ExecOptions {
  readonly stdin?: string | Uint8Array
  readonly env?: Readonly<Record<string, string | undefined>>
}

export interface ExecResult {
  /** The exit status; 128 + the signal's number where a signal ended it. */
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. @throws kernel-error ENOENT where it is not found; a failure status is no error */
export async function run(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  using program = new RunningProgram(argv, options)
  return program.result(await ended(program.pid))
}

/** As `run`, blocking: for code inside `inNetns`, whose child then starts in that namespace. */
export function runSync(argv: readonly string[], options: ExecOptions = {}): ExecResult {
  using program = new RunningProgram(argv, options)
  return program.result(waitPid(program.pid))
}

/** A program that has started, as far as it goes without its standard input. Not wanted after all, it is killed before it has any. */
export interface WaitingProgram extends Disposable {
  /** What fits here, it is given without waiting for it. */
  readonly capacity: number
  /** Gives it all of its input. Once only. @throws kernel-error EPIPE where it has ended by itself */
  finish(stdin: string): Promise<ExecResult>
}

/** @throws kernel-error ENOENT where it is not found */
export function startWaiting(argv: readonly string[]): WaitingProgram {
  using stack = new DisposableStack()
  const [input, end] = pipe()
  const program = (() => {
    try {
      return stack.use(new RunningProgram(argv, {}, input))
    } catch (error) {
      close(end)
      throw error
    } finally {
      close(input)
    }
  })()
  const files = stack.move()
  let isOpen = true
  const endInput = (): void => {
    if (isOpen) close(end)
    isOpen = false
  }
  return {
    capacity: pipeCapacity,
    async finish(stdin) {
      using _files = files
      try {
        writeSync(end, stdin)
      } finally {
        endInput()
      }
      return program.result(await ended(program.pid))
    },
    [Symbol.dispose]() {
      if (!isOpen) return
      using _files = files
      process.kill(program.pid, 'SIGKILL')
      endInput()
      waitPid(program.pid)
    },
  }
}

/** Bytes; of a pipe that nobody has asked for another size. */
const pipeCapacity = 65_536

/** A program with files in memory as its standard streams: it never waits for us to read, nor we for it to write. */
class RunningProgram implements Disposable {
  readonly pid: number
  readonly #files = new DisposableStack()
  readonly #stdout: number
  readonly #stderr: number

  /** @param from its standard input, in place of a file */
  constructor(argv: readonly string[], { stdin = '', env }: ExecOptions, from?: number) {
    using files = new DisposableStack()
    const [path, args] = resolve(argv)
    const file = (name: string): number => files.adopt(memfdCreate(name, MFD_NOEXEC_SEAL), close)
    const input = from ?? file('stdin')
    this.#stdout = file('stdout')
    this.#stderr = file('stderr')
    // At a position of its own, so that the program begins to read at the start.
    if (stdin.length > 0) writeSync(input, Buffer.from(stdin), 0, undefined, 0)
    const environment = Object.entries({ ...process.env, LC_ALL: 'C', ...env }).filter(([, value]) => value !== undefined)
    this.pid = spawn({
      path, argv: [argv[0] ?? '', ...args], env: environment.map(([name, value]) => `${name}=${value}`),
      descriptors: new Map([[0, input], [1, this.#stdout], [2, this.#stderr]]),
    })
    this.#files = files.move()
  }

  result(waitStatus: number): ExecResult {
    const signal = waitStatus & 0x7f
    return { status: signal === 0 ? waitStatus >> 8 & 0xff : 128 + signal, stdout: contentOf(this.#stdout), stderr: contentOf(this.#stderr) }
  }

  [Symbol.dispose](): void {
    this.#files.dispose()
  }
}

function contentOf(fd: number): string {
  const bytes = Buffer.alloc(fstatSync(fd).size)
  if (bytes.length > 0) readSync(fd, bytes, 0, bytes.length, 0)
  return bytes.toString()
}

/** The wait status, asked for at every SIGCHLD; the timer keeps the process alive meanwhile, which a signal's listener does not. */
function ended(pid: number): Promise<number> {
  const { promise, resolve: done } = Promise.withResolvers<number>()
  const look = (): void => {
    const status = waitPid(pid, WNOHANG)
    if (status === undefined) return
    process.off('SIGCHLD', look)
    clearInterval(timer)
    done(status)
  }
  const timer = setInterval(look, heartbeatMs)
  process.on('SIGCHLD', look)
  look()
  return promise
}

/** Should a signal be lost. */
const heartbeatMs = 1000

/** The path of a program in PATH or the system's folders; undefined where there is none. `path` stands in for $PATH. */
export function findExecutable(name: string, path: string | undefined = process.env['PATH']): string | undefined {
  if (name.includes('/')) return isExecutable(name) ? name : undefined
  const folders = [...(path ?? '').split(delimiter).filter(folder => folder.startsWith('/')), ...systemFolders]
  return folders.map(folder => `${folder}/${name}`).find(isExecutable)
}

const systemFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

function resolve(argv: readonly string[]): readonly [string, readonly string[]] {
  const [name = '', ...args] = argv
  const program = findExecutable(name)
  if (program === undefined) throw kernelError('execve', errnoNumber('ENOENT'), { detail: `"${name}"` })
  return [program, args]
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
