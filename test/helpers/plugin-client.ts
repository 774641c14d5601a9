/** The plugin as dockerd talks to it: its app over an engine of this process, on a socket. */
import { request } from 'node:http'
import { join } from 'node:path'
import { type Engine, openEngine } from '../../engine/open.ts'
import type { KernelObserver } from '../../objects/family.ts'
import { pluginApp } from '../../plugin-api/app.ts'
import { CountTurns } from '../../plugin-api/count-turns.ts'
import { type Listening, listenUnix } from '../../plugin-api/listen.ts'
import { createRoots, type Roots } from './tsnet.ts'

export interface Answer { readonly status: number, readonly body: Readonly<Record<string, unknown>> }

export class PluginClient implements AsyncDisposable {
  readonly roots: Roots
  readonly warnings: string[] = []
  observer: KernelObserver = () => {}
  #engine: Engine | undefined
  #listening: Listening | undefined
  readonly #ownRoots: boolean

  private constructor(roots: Roots | undefined) {
    this.#ownRoots = roots === undefined
    this.roots = roots ?? createRoots()
  }

  static async open(roots?: Roots): Promise<PluginClient> {
    const client = new PluginClient(roots)
    await client.start()
    return client
  }

  get engine(): Engine {
    if (this.#engine === undefined) throw new Error('not started')
    return this.#engine
  }

  get socket(): string {
    return join(this.roots.runRoot, 'plugin.sock')
  }

  /** A new process, as it were. */
  async start(): Promise<void> {
    this.#engine = await openEngine({ root: this.roots.root, runRoot: this.roots.runRoot, observer: call => this.observer(call) })
    const app = pluginApp({ runtime: this.#engine.foreign, turns: new CountTurns(), version: 'test', warn: line => void this.warnings.push(line), changed: () => undefined })
    this.#listening = await listenUnix(app, this.socket)
  }

  async stop(): Promise<void> {
    await this.#listening?.close()
    await this.#engine?.close()
    this.#engine = undefined
  }

  /** Sends what is given: an object as JSON, text as it is. */
  post(call: string, body?: unknown): Promise<Answer> {
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const message = request({ socketPath: this.socket, agent: false, method: 'POST', path: `/${call}`, headers: { Accept: 'application/vnd.docker.plugins.v1.2+json' } }, response => {
        let answer = ''
        response.setEncoding('utf8').on('data', (part: string) => { answer += part })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(answer) as Answer['body'] }))
      })
      message.on('error', reject).end(text)
    })
  }

  /** What must be answered with 200. */
  async call(call: string, body?: unknown): Promise<Answer['body']> {
    const answer = await this.post(call, body)
    if (answer.status !== 200) throw new Error(`${call}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    if (this.#ownRoots) this.roots[Symbol.dispose]()
  }
}
