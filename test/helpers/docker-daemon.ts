/**
 * A real dockerd on the fake host: in the host's network, with a mount and a pid namespace of its own, its own folders, socket and cgroups.
 * The first process of the pid namespace is not dockerd, so that dockerd can die and come back while its containers go on; when that first
 * process is ended, the kernel ends everything there ever was.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { busyboxTar } from './busybox-image.ts'
import { type CommandOptions, type CommandResult, Namespace, runCommand } from './namespace.ts'

/** Debian's client, not another one that may come earlier on PATH. */
const CLIENT = '/usr/bin/docker'
const START_TIMEOUT_MS = 60_000
/** Some packages put it where an ordinary user's PATH does not lead. */
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`

export class DockerDaemon implements AsyncDisposable {
  readonly folder: string
  readonly #init: ChildProcess
  readonly #initPid: number
  readonly #flags: readonly string[]
  #daemon: ChildProcess | undefined

  private constructor(folder: string, init: ChildProcess, initPid: number, flags: readonly string[]) {
    this.folder = folder
    this.#init = init
    this.#initPid = initPid
    this.#flags = flags
  }

  /** Starts dockerd, waits until it answers, and gives it the image `busybox`. */
  static async start(flags: readonly string[] = []): Promise<DockerDaemon> {
    const folder = mkdtempSync('/var/tmp/tsnet-docker-')
    const init = spawn('unshare', ['-m', '-p', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private', 'sh', '-c', 'echo ready; sleep infinity & wait'],
      { stdio: ['ignore', 'pipe', 'inherit'] })
    if (init.stdout === null) throw new Error('no pipe')
    await once(init.stdout, 'data')
    const initPid = Number(readFileSync(`/proc/${init.pid}/task/${init.pid}/children`, 'utf8').trim())
    const daemon = new DockerDaemon(folder, init, initPid, flags)
    try {
      await daemon.launch()
      const archive = join(folder, 'busybox.tar')
      await busyboxTar(archive)
      await daemon.docker('import', archive, 'busybox')
      rmSync(archive)
      return daemon
    } catch (error) {
      await daemon[Symbol.asyncDispose]()
      throw error
    }
  }

  get socket(): string {
    return join(this.folder, 'docker.sock')
  }

  get execRoot(): string {
    return join(this.folder, 'exec')
  }

  /** What dockerd has warned of, and failed at. */
  log(): string {
    return readFileSync(join(this.folder, 'dockerd.log'), 'utf8').split('\n').filter(line => !/level=(info|debug)/.test(line)).join('\n')
  }

  /** Starts dockerd (again) and waits until it answers. */
  async launch(): Promise<void> {
    mkdirSync(this.folder, { recursive: true })
    const log = openSync(join(this.folder, 'dockerd.log'), 'a')
    rmSync(join(this.folder, 'docker.pid'), { force: true })
    const daemon = this.#daemon = spawn('nsenter', ['-t', String(this.#initPid), '-m', '-p', '--', 'dockerd', '--data-root', join(this.folder, 'data'),
      '--exec-root', this.execRoot, '--pidfile', join(this.folder, 'docker.pid'), '--host', `unix://${this.socket}`,
      '--cgroup-parent', `/${this.#cgroup}`, ...this.#flags], { stdio: ['ignore', log, log], env: { ...process.env, PATH } })
    closeSync(log)
    const end = Date.now() + START_TIMEOUT_MS
    while ((await this.try('version')).status !== 0) {
      if (daemon.exitCode !== null || Date.now() > end) throw new Error(`dockerd does not start: ${this.log().slice(-2000)}`)
      await sleep(50)
    }
  }

  /** Ends dockerd alone: SIGTERM is a stop, SIGKILL a crash. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const daemon = this.#daemon
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return
    const ended = once(daemon, 'exit')
    // nsenter waits for dockerd, which is its only child.
    const child = Number(readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8').trim())
    process.kill(child, signal)
    await ended
  }

  /** A docker command, whatever becomes of it. */
  try(...args: readonly string[]): Promise<CommandResult> {
    return this.tryWith({}, ...args)
  }

  tryWith(options: CommandOptions, ...args: readonly string[]): Promise<CommandResult> {
    return runCommand([CLIENT, '--host', `unix://${this.socket}`, ...args], { timeoutMs: 120_000, ...options, env: { DOCKER_CONFIG: this.folder, ...options.env } })
  }

  /** A docker command that succeeds; its output without the last line's end. */
  async docker(...args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.try(...args)
    if (status !== 0) throw new Error(`docker ${args.join(' ')}: status ${status}: ${stderr}\n${this.log().slice(-1500)}`)
    return stdout.trimEnd()
  }

  /** The network namespace of a running container, for programs that its image does not have. */
  async namespace(container: string): Promise<Namespace> {
    // Docker's numbers are those of its own pid namespace; ours are found by its id among our processes.
    const [id, pid] = (await this.docker('inspect', '-f', '{{.Id}} {{.State.Pid}}', container)).split(' ')
    const own = readdirSync('/proc').filter(name => /^\d+$/.test(name)).find(name => {
      try {
        const inner = /^NSpid:\s+(.*)$/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]?.split(/\s+/) ?? []
        return inner.includes(pid ?? '') && readFileSync(`/proc/${name}/cgroup`, 'utf8').includes(id ?? ' ')
      } catch {
        return false
      }
    })
    if (own === undefined) throw new Error(`${container} does not run`)
    return new Namespace(container, `/proc/${own}/ns/net`)
  }

  /** Ends dockerd and all that it started, and removes its folders and cgroups. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#init, 'exit')
    this.#init.kill('SIGKILL')
    await ended
    for (let attempt = 0; attempt < 100 && !this.#removeCgroups(); attempt += 1) await sleep(50)
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }

  get #cgroup(): string {
    return this.folder.slice(this.folder.lastIndexOf('/') + 1)
  }

  #removeCgroups(): boolean {
    return readdirSync('/sys/fs/cgroup').map(name => removeTree(join('/sys/fs/cgroup', name, this.#cgroup))).every(Boolean)
  }
}

function removeTree(folder: string): boolean {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) removeTree(join(folder, entry.name))
    rmdirSync(folder)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
  }
}
