/** What the cases share: tsnet with a state of its own, a dockerd of its own, and one image that both have imported. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { busyboxTar } from '../test/helpers/busybox-image.ts'
import { DockerPeer } from './docker-peer.ts'
import { install } from './installed.ts'
import { execute } from './sample.ts'

export const IMAGE = 'busybox'
const RUN_ROOT = '/run/tsnet'

export class World implements AsyncDisposable {
  readonly folder: string
  /** The command `tsnet`. */
  readonly launcher: string
  /** State folders of tsnet. */
  readonly root: string
  readonly runRoot = RUN_ROOT
  readonly docker: DockerPeer
  readonly env: NodeJS.ProcessEnv
  readonly #stack: AsyncDisposableStack

  private constructor(folder: string, launcher: string, docker: DockerPeer, stack: AsyncDisposableStack) {
    this.folder = folder
    this.launcher = launcher
    this.root = rootIn(folder)
    this.env = tsnetEnv(this.root)
    this.docker = docker
    this.#stack = stack
  }

  /** On disk, both of them: /var/lib is a tmpfs here. */
  static async create(): Promise<World> {
    await using stack = new AsyncDisposableStack()
    const folder = stack.adopt(mkdtempSync('/var/tmp/tsnet-bench-'), path => rmSync(path, { recursive: true, force: true }))
    const archive = join(folder, 'busybox.tar')
    await busyboxTar(archive)
    mkdirSync(join(folder, 'docker'))
    const docker = stack.use(await DockerPeer.start(join(folder, 'docker')))
    docker.docker('import', archive, IMAGE)
    const launcher = install(join(folder, 'installed'))
    execute([launcher, 'image', 'import', archive, IMAGE], { env: tsnetEnv(rootIn(folder)) })
    return new World(folder, launcher, docker, stack.move())
  }

  argv(...args: readonly string[]): readonly string[] {
    return [this.launcher, ...args]
  }

  tsnet(...args: readonly string[]): string {
    return execute(this.argv(...args), { env: this.env })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ids = this.tsnet('ps', '-aq').split('\n').filter(id => id !== '')
    if (ids.length > 0) this.tsnet('rm', '-f', ...ids)
    await this.#stack.disposeAsync()
  }
}

function rootIn(folder: string): string {
  return join(folder, 'tsnet')
}

function tsnetEnv(root: string): NodeJS.ProcessEnv {
  return { ...process.env, TSNET_ROOT: root, TSNET_RUN_ROOT: RUN_ROOT }
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
