/**
 * What the plugin does by itself, beside its answers: endpoints that were forgotten are collected, and the containers' names learned.
 * Nothing of it is in anybody's way, and what fails is tried again.
 */
import type { ForeignRuntime } from '../cnm/foreign-api.ts'
import { listContainers, listNetworkNames } from '../plugin-api/docker-names.ts'

export interface WatchOptions {
  readonly log: (line: string) => void
  /** Of dockerd's API; absent: names are not asked for. */
  readonly socket?: string
}

const collectEveryMs = 10_000
/** After a container has been joined: dockerd knows its endpoints only once it has started it. */
const namesAfterMs: readonly number[] = [300, 1000, 3000]

export class DockerWatch {
  readonly #runtime: ForeignRuntime
  readonly #options: WatchOptions
  readonly #timers = new Set<NodeJS.Timeout>()
  #looking: Promise<void> | undefined
  #stopped = false

  constructor(runtime: ForeignRuntime, options: WatchOptions) {
    this.#runtime = runtime
    this.#options = options
  }

  start(): void {
    this.#later(0, async () => this.#collect())
  }

  /** A network was made, or an endpoint has joined a container. */
  changed(): void {
    for (const ms of namesAfterMs) this.#later(ms, () => this.#look())
  }

  /** Ends when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const timer of this.#timers) clearTimeout(timer)
    await this.#looking
  }

  async #collect(): Promise<void> {
    try {
      const collected = await this.#runtime.collect()
      if (collected > 0) this.#options.log(`removed ${collected} endpoint${collected === 1 ? '' : 's'} that Docker has forgotten`)
      await this.#look()
    } finally {
      this.#later(collectEveryMs, async () => this.#collect())
    }
  }

  #look(): Promise<void> {
    this.#looking ??= this.#ask().finally(() => { this.#looking = undefined })
    return this.#looking
  }

  async #ask(): Promise<void> {
    const { socket } = this.#options
    if (socket === undefined || !this.#runtime.areNamesMissing()) return
    // dockerd may be away; names are a courtesy.
    const [containers, networks] = await Promise.allSettled([listContainers(socket), listNetworkNames(socket)])
    if (containers.status === 'fulfilled') this.#runtime.noteContainers(containers.value)
    if (networks.status === 'fulfilled') this.#runtime.noteNetworks(networks.value)
  }

  #later(ms: number, act: () => Promise<void>): void {
    if (this.#stopped) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act().catch((error: unknown) => this.#options.log(`warning: ${error instanceof Error ? error.message : String(error)}`))
    }, ms)
    this.#timers.add(timer)
  }
}
