/** `tsnet serve` beside the benchmark's dockerd, in its network, so that it is dockerd's plugin, and told by it what its containers do. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { residentKilobytes } from './docker-peer.ts'
import type { World } from './world.ts'

const SOCKET = '/run/docker/plugins/tsnet.sock'

export class PluginPeer implements AsyncDisposable {
  readonly #process: ChildProcess

  private constructor(process: ChildProcess) {
    this.#process = process
  }

  static async start(world: World): Promise<PluginPeer> {
    const root = join(world.folder, 'plugin')
    mkdirSync(root)
    const child = spawn('nsenter', [`--net=/proc/${world.docker.pid}/ns/net`, '--', world.launcher, 'serve',
      '--socket', SOCKET, '--docker-host', world.docker.socket], {
      stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, TSNET_ROOT: root, TSNET_RUN_ROOT: '/run/tsnet-plugin' },
    })
    let log = ''
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (part: Buffer) => {
        log += part.toString('utf8')
        if (log.includes('listening on')) resolve()
      })
      child.once('exit', () => reject(new Error(log)))
    })
    return new PluginPeer(child)
  }

  /** What it has in memory of its own and of files, in kB. */
  get kilobytes(): number {
    return residentKilobytes(this.#process.pid ?? 0)
  }

  async call(name: string, body: object): Promise<void> {
    const answer = await new Promise<string>((resolve, reject) => {
      const message = request({ socketPath: SOCKET, method: 'POST', path: `/${name}` }, response => {
        let text = ''
        response.on('data', (part: Buffer) => { text += part.toString('utf8') })
        response.on('end', () => response.statusCode === 200 ? resolve(text) : reject(new Error(`${name}: ${text}`)))
      })
      message.on('error', reject).end(JSON.stringify(body))
    })
    if (answer.includes('"Err"')) throw new Error(answer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGTERM')
    await ended
  }
}
