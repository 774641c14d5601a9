/**
 * A network namespace of a test's little world: the host itself, or a neighbour of it made with `ip netns add`.
 *
 * Commands run in it as ordinary processes (`nsenter --net`), so what a test sees, it sees with foreign eyes. Processes
 * started here are ended by `close`, by their own id.
 */
import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

export interface CommandResult { readonly status: number, readonly stdout: string, readonly stderr: string }

export interface CommandOptions {
  readonly input?: string | Buffer
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly timeoutMs?: number
  readonly cwd?: string
}

/** A server that answers every client with the address it sees it under; `close` ends it. */
export interface PeerServer extends AsyncDisposable { readonly port: number, close(): Promise<void> }

const PEER_ECHO = fileURLToPath(new URL('./peer-echo.ts', import.meta.url))

/** Runs a program to its end; never throws for its exit status, which is 128 + n after signal n, and 127 for what cannot be started. */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [file = '', ...args] = argv
  return new Promise(resolve => {
    const child = execFile(file, args, {
      encoding: 'utf8', maxBuffer: 64 << 20, timeout: options.timeoutMs ?? 60_000, killSignal: 'SIGKILL',
      env: { ...process.env, ...options.env }, ...options.cwd === undefined ? {} : { cwd: options.cwd },
    }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : error.signal ? 128 + constants.signals[error.signal] : 127
      resolve({ status, stdout, stderr: stderr === '' && status === 127 && error !== null ? error.message : stderr })
    })
    child.stdin?.on('error', () => { /* the program ended without reading its input */ })
    child.stdin?.end(options.input)
  })
}

export class Namespace implements AsyncDisposable {
  readonly name: string
  /** The file to enter it by; the test's own namespace has none. */
  readonly path: string | undefined
  readonly #prefix: readonly string[]
  readonly #children = new Set<ChildProcess>()

  /** `path` is the namespace file to enter; without it, the commands run where the test process is: on the host. */
  constructor(name: string, path?: string) {
    this.name = name
    this.path = path
    this.#prefix = path === undefined ? [] : ['nsenter', `--net=${path}`, '--']
  }

  /** Runs a command to its end, whatever its exit status. */
  try(...argv: readonly string[]): Promise<CommandResult> {
    return runCommand([...this.#prefix, ...argv])
  }

  /** Runs a command that must succeed, and gives its standard output. */
  async run(...argv: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.try(...argv)
    if (status !== 0) throw new Error(`${this.name}: \`${argv.join(' ')}\` ended with status ${status}: ${stderr.trim() || stdout.trim()}`)
    return stdout
  }

  /** The output of a command with `-j`, parsed. */
  async json<T = readonly Record<string, unknown>[]>(...argv: readonly string[]): Promise<T> {
    const text = await this.run(...argv)
    return JSON.parse(text === '' ? '[]' : text) as T
  }

  /** True when `address` answers one ping within two seconds. */
  async reaches(address: string): Promise<boolean> {
    const { status } = await this.try('ping', address.includes(':') ? '-6' : '-4', '-c', '1', '-W', '2', address)
    return status === 0
  }

  /** Starts a process that runs until it ends by itself or the namespace is closed. */
  spawn(argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const [file = '', ...args] = [...this.#prefix, ...argv]
    const child = spawn(file, args, options)
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    return child
  }

  /** A TCP server that tells each client the address it comes from; with `http`, as the body of an HTTP answer. */
  serveTcp(port: number, options: { readonly address?: string, readonly http?: boolean } = {}): Promise<PeerServer> {
    return this.#serve(options.http === true ? 'http' : 'tcp', port, options.address ?? '::')
  }

  /** A UDP server that answers each datagram with the address it comes from. */
  serveUdp(port: number, options: { readonly address?: string } = {}): Promise<PeerServer> {
    return this.#serve('udp', port, options.address ?? '::')
  }

  async #serve(protocol: 'tcp' | 'udp' | 'http', port: number, address: string): Promise<PeerServer> {
    const child = this.spawn([process.execPath, PEER_ECHO, protocol, address, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
    if (child.stdout === null) throw new Error('no pipe')
    const ready = once(child.stdout, 'data').then(([line]) => String(line))
    const ended = once(child, 'exit').then(() => 'ended')
    const first = await Promise.race([ready, ended])
    if (!first.startsWith('listening ')) throw new Error(`${this.name}: no ${protocol} server on [${address}]:${port}`)
    const close = (): Promise<void> => endProcess(child)
    return { port: Number(first.slice('listening '.length)), close, [Symbol.asyncDispose]: close }
  }

  /** Ends every process started here that still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#children].map(endProcess))
  }
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
