/** A fake host with a dockerd and a `tsnet serve` that is its plugin. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { DockerDaemon } from '../../helpers/docker-daemon.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import type { Snapshot } from '../../helpers/snapshot.ts'

export class DockerLab implements AsyncDisposable {
  readonly host: FakeHost
  readonly daemon: DockerDaemon
  readonly #stack: AsyncDisposableStack
  #serve: ChildProcess | undefined
  /** What `tsnet serve` has said. */
  log = ''

  private constructor(host: FakeHost, daemon: DockerDaemon, stack: AsyncDisposableStack) {
    this.host = host
    this.daemon = daemon
    this.#stack = stack
  }

  static async create(options: { readonly dockerd?: readonly string[], readonly backend?: 'iptables' | 'nftables', readonly serve?: false } = {}): Promise<DockerLab> {
    await using stack = new AsyncDisposableStack()
    const host = stack.use(await FakeHost.create())
    if (options.backend !== undefined) await mustSucceed(host.tsnet('firewall', 'use', options.backend))
    const daemon = stack.use(await DockerDaemon.start(options.dockerd))
    const lab = new DockerLab(host, daemon, stack.move())
    if (options.serve !== false) await lab.startServe()
    return lab
  }

  /** Starts `tsnet serve` and waits until it listens. */
  async startServe(...flags: readonly string[]): Promise<void> {
    const serve = this.#serve = this.host.startTsnet('serve', '--docker-host', `unix://${this.daemon.socket}`, ...flags)
    const listening = new Promise<void>((resolve, reject) => {
      serve.stderr?.on('data', (chunk: Buffer) => {
        this.log += chunk.toString('utf8')
        if (this.log.includes('listening on')) resolve()
      })
      serve.once('exit', status => reject(new Error(`tsnet serve ended with status ${status}: ${this.log}`)))
    })
    await listening
  }

  async endServe(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#serve === undefined || this.#serve.exitCode !== null || this.#serve.signalCode !== null) return
    const ended = once(this.#serve, 'exit')
    this.#serve.kill(signal)
    await ended
    this.log = ''
  }

  docker(...args: readonly string[]): Promise<string> {
    return this.daemon.docker(...args)
  }

  /** A network on tsnet's two drivers. */
  async network(name: string, ...flags: readonly string[]): Promise<string> {
    return await this.docker('network', 'create', '-d', 'tsnet', '--ipam-driver', 'tsnet', ...flags, name)
  }

  /** A container that waits. */
  async container(name: string, network: string, ...flags: readonly string[]): Promise<string> {
    return await this.docker('run', '-d', '--name', name, '--network', network, ...flags, 'busybox', 'sleep', '600')
  }

  /** A container that answers HTTP on port 80 with its own name. */
  async web(name: string, network: string, ...flags: readonly string[]): Promise<string> {
    return await this.docker('run', '-d', '--name', name, '--network', network, ...flags, 'busybox', 'sh', '-c',
      `mkdir -p /www && echo ${name} >/www/index.html && exec httpd -f -p 80 -h /www`)
  }

  /** An HTTP answer to a container; busybox' wget needs a resolver even for addresses. */
  async get(container: string, address: string, port: number): Promise<string> {
    const { stdout } = await this.daemon.try('exec', container, 'sh', '-c', `printf 'GET / HTTP/1.0\r\n\r\n' | nc -w 3 ${address} ${port}`)
    return stdout
  }

  /** dockerd's cgroups come with its first container, docker0's link-local address too, and locks of tsnet with their first use; a
   * `tsnet serve` that has come back has another one. */
  async assertAsBefore(before: Snapshot): Promise<void> {
    await this.host.assertAsBefore(before, { except: [/ cgroups: /, / files: .*(\.lock|\/owners\/.*)$/, /docker0.*fe80::|fe80::.*docker0/] })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ids = (await this.daemon.try('ps', '-aq')).stdout.split('\n').filter(id => id !== '')
    if (ids.length > 0) await this.daemon.try('rm', '-f', ...ids)
    await this.endServe('SIGTERM')
    await this.#stack.disposeAsync()
  }
}

async function mustSucceed(result: Promise<{ readonly status: number, readonly stderr: string }>): Promise<void> {
  const { status, stderr } = await result
  if (status !== 0) throw new Error(stderr)
}
