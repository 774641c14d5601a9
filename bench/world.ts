/** What the cases share: tsnet with a state of its own, a dockerd of its own, and one image that both have imported. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { busyboxTar } from '../test/helpers/busybox-image.ts'
import { CHECKOUT } from '../test/helpers/tsnet.ts'
import { DockerPeer } from './docker-peer.ts'
import { execute } from './sample.ts'

export const IMAGE = 'busybox'

export class World implements AsyncDisposable {
  readonly folder: string
  readonly docker: DockerPeer
  readonly env: NodeJS.ProcessEnv

  private constructor(folder: string, docker: DockerPeer) {
    this.folder = folder
    this.docker = docker
    this.env = { ...process.env, TSNET_ROOT: join(folder, 'tsnet'), TSNET_RUN_ROOT: '/run/tsnet' }
  }

  /** On disk, both of them: /var/lib is a tmpfs here. */
  static async create(): Promise<World> {
    const folder = mkdtempSync('/var/tmp/tsnet-bench-')
    const archive = join(folder, 'busybox.tar')
    await busyboxTar(archive)
    mkdirSync(join(folder, 'docker'))
    const world = new World(folder, await DockerPeer.start(join(folder, 'docker')))
    world.docker.docker('import', archive, IMAGE)
    world.tsnet('image', 'import', archive, IMAGE)
    return world
  }

  argv(...args: readonly string[]): readonly string[] {
    return [join(CHECKOUT, 'bin/tsnet'), ...args]
  }

  tsnet(...args: readonly string[]): string {
    return execute(this.argv(...args), { env: this.env })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ids = this.tsnet('ps', '-aq').split('\n').filter(id => id !== '')
    if (ids.length > 0) this.tsnet('rm', '-f', ...ids)
    await this.docker[Symbol.asyncDispose]()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Starts a program `count` times at once; resolves when all have ended. @throws when one fails. */
export async function inParallel(count: number, argv: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const [file = '', ...args] = argv
  await Promise.all(Array.from({ length: count }, () => new Promise<void>((resolve, reject) => {
    const child = spawn(file, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', chunk => { stderr += String(chunk) })
    child.on('error', reject)
    child.on('exit', status => status === 0 ? resolve() : reject(new Error(`${argv.join(' ')}: status ${status}: ${stderr}`)))
  })))
}
