/** A host with an image, a nameserver on its loopback, and eyes inside its containers. */
import { type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { busyboxTar } from '../../helpers/busybox-image.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { Namespace } from '../../helpers/namespace.ts'

const UPSTREAM = fileURLToPath(new URL('./upstream.fixture.ts', import.meta.url))

export class Lab implements AsyncDisposable {
  readonly host: FakeHost
  /** Every name that the nameserver of the host was asked for. */
  readonly asked: string[] = []

  private constructor(host: FakeHost) {
    this.host = host
  }

  /** The servers of the host; the resolver sees it within a second. */
  hostServers(...servers: readonly string[]): void {
    writeFileSync('/etc/resolv.conf', servers.map(server => `nameserver ${server}\n`).join('') + 'search corp.example\n')
  }

  static async create(): Promise<Lab> {
    const host = await FakeHost.create()
    const lab = new Lab(host)
    await listening(lab.#note(host.spawn([process.execPath, UPSTREAM, '127.0.0.53'], { stdio: ['ignore', 'pipe', 'inherit'] })))
    const folder = mkdtempSync('/run/lab-')
    writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.53\nsearch corp.example\n')
    // In this process's own mount namespace.
    await host.run('mount', '--bind', join(folder, 'resolv.conf'), '/etc/resolv.conf')
    await busyboxTar(join(folder, 'busybox.tar'))
    await lab.ok('image', 'import', join(folder, 'busybox.tar'), 'busybox')
    return lab
  }

  /** Runs a command, which has to succeed without a word on standard error; gives what it printed. */
  async ok(...args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.host.tsnet(...args)
    if (status !== 0 || stderr !== '') throw new Error(`tsnet ${args.join(' ')}: status ${status}: ${stderr}`)
    return stdout.trim()
  }

  /** As systemd-resolved leaves it: the host's resolv.conf names a stub on loopback, this file the servers behind it. */
  async realUpstreams(...servers: readonly string[]): Promise<void> {
    await this.host.run('mkdir', '-p', '/run/systemd/resolve')
    writeFileSync('/run/systemd/resolve/resolv.conf', servers.map(server => `nameserver ${server}\nsearch corp.example\n`).join(''))
  }

  /** The container's network, to send questions from. */
  async inside(name: string): Promise<Namespace> {
    return new Namespace(name, await this.ok('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', name))
  }

  resolver(): { readonly pid: number, readonly listening: readonly string[] } {
    const path = join(this.host.roots.runRoot, 'resolver.lock')
    let text = readFileSync(path, 'utf8')
    // It is being written.
    while (!text.endsWith('}')) text = readFileSync(path, 'utf8')
    return JSON.parse(text) as { pid: number, listening: string[] }
  }

  /** The process that starts a resolver that died. */
  watcher(): number {
    return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${this.resolver().pid}/status`, 'utf8'))?.[1])
  }

  killWithWatcher(): void {
    for (const pid of [this.watcher(), this.resolver().pid]) process.kill(pid, 'SIGKILL')
  }

  async gateway(network: string, family: 4 | 6): Promise<string> {
    const [record] = JSON.parse(await this.ok('network', 'inspect', network)) as [{ IPAM: { Config: { Gateway: string }[] } }]
    return record.IPAM.Config.map(({ Gateway }) => Gateway).find(address => address.includes(':') === (family === 6)) ?? ''
  }

  /** Waits until the resolver listens on so many addresses. */
  async listensOn(count: number): Promise<void> {
    for (const deadline = Date.now() + 20_000; this.resolver().listening.length !== count;) {
      if (Date.now() > deadline) throw new Error(`it listens on ${this.resolver().listening.join()}`)
      await setTimeout(20)
    }
  }

  /** Waits for the successor of a resolver that was killed. */
  async resolverOtherThan(pid: number): Promise<void> {
    const isListening = (): boolean => {
      const text = readFileSync(join(this.host.roots.runRoot, 'resolver.lock'), 'utf8')
      return text.endsWith('}') && this.resolver().pid !== pid
    }
    for (const deadline = Date.now() + 20_000; !isListening();) {
      if (Date.now() > deadline) throw new Error('no resolver took over')
      await setTimeout(20)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = (await this.host.tsnet('ps', '-aq')).stdout.split('\n').filter(id => id !== '')
    if (left.length > 0) await this.host.tsnet('rm', '-f', ...left)
    await this.host.try('umount', '-l', '/etc/resolv.conf')
    await this.host[Symbol.asyncDispose]()
  }

  #note(child: ChildProcess): ChildProcess {
    child.stdout?.on('data', (chunk: Buffer) => {
      this.asked.push(...String(chunk).split('\n').flatMap(line => line.startsWith('asked ') ? [line.slice('asked '.length)] : []))
    })
    return child
  }
}

async function listening({ stdout }: ChildProcess): Promise<void> {
  if (stdout !== null) await once(stdout, 'data')
}

/** What `dig` says, short, sorted; `status` in place of nothing. */
export async function dig(from: Namespace, ...args: readonly string[]): Promise<readonly string[]> {
  const text = await from.run('dig', '+tries=1', '+time=5', '+noall', '+answer', '+comments', ...args)
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith(';')).map(line => line.split(/\s+/).slice(4).join(' '))
  return lines.length > 0 ? lines.toSorted() : [/status: (\w+)/.exec(text)?.[1] ?? 'no answer']
}
