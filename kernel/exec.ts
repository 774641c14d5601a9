/**
 * Running another program (iptables-restore, modprobe): an argument list, never a shell.
 *
 * System tools are found in the sbin folders also where PATH lacks them, as under cron or a bare `env -i`. The environment is
 * LC_ALL=C besides the caller's, so that messages can be read by machines.
 */
import { accessSync, closeSync, constants, openSync, statSync } from 'node:fs'
import { constants as os } from 'node:os'
import { delimiter, join } from 'node:path'
import { errnoNumber } from './errno.ts'
import { kernelError } from './error.ts'

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
  const [program, args] = resolve(argv)
  const { promise, resolve: done, reject } = Promise.withResolvers<ExecResult>()
  const child = processes().spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: environment(options) })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  child.stdin.on('error', error => { if (!('code' in error) || error.code !== 'EPIPE') reject(error) })
  child.on('error', reject)
  child.on('close', (code, signal) => done({
    status: statusOf(code, signal), stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString(),
  }))
  child.stdin.end(options.stdin ?? '')
  return await promise
}

/** As `run`, blocking: for code inside `inNetns`, whose child then starts in that namespace. */
export function runSync(argv: readonly string[], options: ExecOptions = {}): ExecResult {
  const [program, args] = resolve(argv)
  const result = processes().spawnSync(program, args, { input: options.stdin ?? '', env: environment(options), maxBuffer: 256 * 1024 * 1024 })
  if (result.error !== undefined && !('code' in result.error && result.error.code === 'EPIPE')) throw result.error
  return { status: statusOf(result.status, result.signal), stdout: result.stdout.toString(), stderr: result.stderr.toString() }
}

/**
 * Starts a program that outlives this one: in a session of its own, at /, with nothing of ours but PATH; what it says goes to the end of the
 * file `log`. Not waited for: whether it runs is seen by what it does. @throws kernel-error ENOENT where it is not found
 */
export function startDetached(argv: readonly string[], log: string): void {
  const [program, args] = resolve(argv)
  const fd = openSync(log, 'a', 0o600)
  try {
    const child = processes().spawn(program, args, { detached: true, cwd: '/', stdio: ['ignore', fd, fd], env: { PATH: process.env['PATH'], LC_ALL: 'C' } })
    child.on('error', () => undefined)
    child.unref()
  } finally {
    closeSync(fd)
  }
}

/** Loaded by the first program that is run: most commands run none. */
const processes = () => process.getBuiltinModule('node:child_process')

/** The path of a program in PATH or the system's folders; undefined where there is none. `path` stands in for $PATH. */
export function findExecutable(name: string, path: string | undefined = process.env['PATH']): string | undefined {
  if (name.includes('/')) return isExecutable(name) ? name : undefined
  const folders = [...(path ?? '').split(delimiter).filter(folder => folder.startsWith('/')), ...systemFolders]
  return folders.map(folder => join(folder, name)).find(isExecutable)
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

function environment(options: ExecOptions): Record<string, string | undefined> {
  return { ...process.env, LC_ALL: 'C', ...options.env }
}

function statusOf(code: number | null, signal: NodeJS.Signals | null): number {
  if (code !== null) return code
  return signal === null ? 1 : 128 + os.signals[signal]
}
