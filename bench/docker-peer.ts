/**
 * A dockerd of the benchmark's own: in network, mount and pid namespaces of its own, with its own folders, socket, cgroup parent and
 * containerd. The machine's Docker, if there is one, does not notice. dockerd is the first process of its pid namespace, so the kernel
 * ends, and reaps, everything it ever started when it dies: containers, shims, proxies.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { type IncomingMessage, request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { execute } from './sample.ts'

const CGROUP_PARENT = 'tsnet-bench-docker'
const START_TIMEOUT_MS = 60_000
/** Debian's client, not another one that may come earlier on PATH. */
const CLIENT = '/usr/bin/docker'

export class DockerPeer implements AsyncDisposable {
  readonly #daemon: ChildProcess
  readonly #folder: string
  /** `unix://PATH` */
  readonly socket: string

  private constructor(daemon: ChildProcess, folder: string) {
    this.#daemon = daemon
    this.#folder = folder
    this.socket = `unix://${folder}/docker.sock`
  }

  /** Starts dockerd with its state in `folder` and waits until it answers. */
  static async start(folder: string, options: readonly string[] = []): Promise<DockerPeer> {
    const log = openSync(join(folder, 'dockerd.log'), 'w')
    const daemon = spawn('unshare', ['-n', '-m', '-p', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private', 'sh', '-c', 'ip link set lo up && exec dockerd "$@"', 'sh',
      '--data-root', `${folder}/data`, '--exec-root', `${folder}/exec`, '--pidfile', `${folder}/docker.pid`,
      '--host', `unix://${folder}/docker.sock`, '--cgroup-parent', `/${CGROUP_PARENT}`, ...options], { stdio: ['ignore', log, log], detached: true })
    closeSync(log)
    const peer = new DockerPeer(daemon, folder)
    const end = Date.now() + START_TIMEOUT_MS
    for (;;) {
      try {
        peer.docker('version')
        return peer
      } catch (error) {
        if (daemon.exitCode !== null || Date.now() > end) {
          await peer[Symbol.asyncDispose]()
          throw new Error(`dockerd does not start; see ${folder}/dockerd.log`, { cause: error })
        }
        await new Promise(resolve => setTimeout(resolve, 200))
      }
    }
  }

  /** The arguments of a docker command, to be timed. */
  argv(...args: readonly string[]): readonly string[] {
    return [CLIENT, '--host', this.socket, ...args]
  }

  docker(...args: readonly string[]): string {
    return execute(this.argv(...args))
  }

  /** By the API, without a client's start. */
  async createNetwork(name: string): Promise<void> {
    const request = httpRequest({ socketPath: this.socket.slice('unix://'.length), path: '/networks/create', method: 'POST', headers: { 'Content-Type': 'application/json' } })
    request.end(JSON.stringify({ Name: name }))
    const [response] = await once(request, 'response') as [IncomingMessage]
    const text = Buffer.concat(await response.toArray() as Buffer[]).toString()
    if (response.statusCode !== 201) throw new Error(`docker network create ${name}: ${text}`)
  }

  /** Resident kilobytes of the parent of a container's first process: its shim. */
  shimKilobytes(container: string): number {
    return residentKilobytes(parentOf(this.#pidOf(container), this.#proc), this.#proc)
  }

  /** The network of a container, to enter it. */
  netnsOf(container: string): string {
    return `${this.#proc}/${this.#pidOf(container)}/ns/net`
  }

  #pidOf(container: string): number {
    return Number(this.docker('inspect', '--format', '{{.State.Pid}}', container))
  }

  /** Docker's numbers are those of its own pid namespace, which its /proc shows. */
  get #proc(): string {
    return `/proc/${this.pid}/root/proc`
  }

  /** dockerd's process, by our numbers: whose network plugins have to be in. */
  get pid(): number {
    const unshare = this.#daemon.pid
    return Number(readFileSync(`/proc/${unshare}/task/${unshare}/children`, 'utf8').trim())
  }

  /** Ends dockerd and all it started, containers included, and removes its folders. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#daemon.exitCode === null && this.#daemon.signalCode === null) {
      const ended = once(this.#daemon, 'exit')
      this.#daemon.kill('SIGKILL')
      await ended
    }
    await removeCgroups()
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

/** Resident memory of a process in kilobytes. */
export function residentKilobytes(pid: number, proc = '/proc'): number {
  return statusNumber(pid, proc, 'VmRSS')
}

export function parentOf(pid: number, proc = '/proc'): number {
  return statusNumber(pid, proc, 'PPid')
}

function statusNumber(pid: number, proc: string, field: string): number {
  const line = readFileSync(`${proc}/${pid}/status`, 'utf8').split('\n').find(text => text.startsWith(`${field}:`))
  return Number(/\d+/.exec(line ?? '')?.[0])
}

/** Cgroups empty themselves a moment after their last process has died. */
async function removeCgroups(): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const left = readdirSync('/sys/fs/cgroup').map(name => join('/sys/fs/cgroup', name, CGROUP_PARENT)).filter(folder => !removeTree(folder))
    if (left.length === 0) return
    await new Promise(resolve => setTimeout(resolve, 100))
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
