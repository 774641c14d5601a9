/**
 * What the plugin does by itself, beside its answers: endpoints that were forgotten are collected, and the containers' names learned, when
 * dockerd says that there are some. Nothing of it is in anybody's way, and what fails is tried again.
 */
import type { ForeignRuntime } from '../cnm/foreign-api.ts'
import type { CountTurns } from '../plugin-api/count-turns.ts'
import { type DockerEvent, followEvents } from '../plugin-api/docker-events.ts'
import { listContainers, listNetworkNames } from '../plugin-api/docker-names.ts'

export interface WatchOptions {
  readonly log: (line: string) => void
  readonly turns: CountTurns
  /** Of dockerd's API; absent: names are not asked for. */
  readonly socket?: string
}

const collectEveryMs = 10_000
/** dockerd says that a container has started some milliseconds before it lists it. In between, others may be said to have started. */
const namesAfterMs: readonly number[] = [50, 250, 700, 2000]
/** A dockerd that is away is not looked for at every call. */
const followAgainMs = 1000

export class DockerWatch {
  readonly #runtime: ForeignRuntime
  readonly #options: WatchOptions
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #stop = new AbortController()
  #looking: Promise<void> | undefined
  #following: Promise<void> | undefined
  /** Whether dockerd has called since it was looked for. */
  #isCalled = false
  /** Which of `namesAfterMs` comes next; undefined: none. */
  #nextLook: number | undefined

  constructor(runtime: ForeignRuntime, options: WatchOptions) {
    this.#runtime = runtime
    this.#options = options
  }

  start(): void {
    this.#later(0, async () => this.#collect())
  }

  /** A network was made, or an endpoint has joined a container: dockerd lives, and says more when it has come to it. */
  changed(): void {
    this.#isCalled = true
    this.#follow()
  }

  /** Ends when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stop.abort()
    for (const timer of this.#timers) clearTimeout(timer)
    await Promise.all([this.#looking, this.#following])
  }

  async #collect(): Promise<void> {
    try {
      const collected = await this.#runtime.collect()
      if (collected > 0) this.#options.log(`removed ${collected} endpoint${collected === 1 ? '' : 's'} that Docker has forgotten`)
      this.#follow()
      if (this.#runtime.areNamesMissing()) await this.#look()
    } finally {
      this.#later(collectEveryMs, async () => this.#collect())
    }
  }

  /** Has dockerd tell what it does, unless it does already, or is away. */
  #follow(): void {
    const { socket } = this.#options
    if (socket === undefined || this.#stop.signal.aborted) return
    if (this.#following !== undefined) return
    this.#isCalled = false
    this.#following = followEvents(socket, { opened: server => this.#opened(server), event: event => this.#told(event) }, this.#stop.signal)
      .catch(() => undefined).finally(() => {
        this.#options.turns.isTold = false
        this.#later(followAgainMs, () => {
          this.#following = undefined
          if (this.#isCalled) this.#follow()
        })
      })
  }

  #opened(server: string): void {
    this.#options.turns.isNeeded = countsWithoutLock(server)
    this.#options.turns.isTold = true
    this.#lookLater()
  }

  #told({ type, action, id, name, container }: DockerEvent): void {
    if (type === 'network' && action === 'create') this.#runtime.noteNetworks(new Map([[id, name]]))
    else if (type === 'network' && action === 'disconnect') this.#options.turns.left(id, container)
    else if (action === 'rename') this.#later(namesAfterMs[0] ?? 0, () => this.#look())
    else if (action === 'start' || action === 'connect') this.#lookLater()
  }

  #lookLater(): void {
    const isWaiting = this.#nextLook !== undefined
    this.#nextLook = 0
    if (!isWaiting) this.#lookAfter(0)
  }

  #lookAfter(index: number): void {
    const ms = namesAfterMs[index]
    this.#nextLook = ms === undefined ? undefined : index + 1
    if (ms === undefined) return
    this.#later(ms, async () => {
      const next = this.#nextLook ?? 0
      this.#lookAfter(next)
      if (this.#runtime.areNamesMissing()) await this.#look()
    })
  }

  #look(): Promise<void> {
    this.#looking ??= this.#ask().finally(() => { this.#looking = undefined })
    return this.#looking
  }

  async #ask(): Promise<void> {
    const { socket } = this.#options
    if (socket === undefined) return
    // dockerd may be away; names are a courtesy.
    const [containers, networks] = await Promise.allSettled([listContainers(socket), listNetworkNames(socket)])
    if (containers.status === 'fulfilled') this.#runtime.noteContainers(containers.value)
    if (networks.status === 'fulfilled') this.#runtime.noteNetworks(networks.value)
  }

  #later(ms: number, act: () => Promise<void> | void): void {
    if (this.#stop.signal.aborted) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      Promise.try(act).catch((error: unknown) => this.#options.log(`warning: ${error instanceof Error ? error.message : String(error)}`))
    }, ms)
    this.#timers.add(timer)
  }
}

/** Whether this dockerd has to be kept from counting twice at once; true where it does not say which it is. */
function countsWithoutLock(server: string): boolean {
  const [, major, minor] = /^Docker\/(\d+)\.(\d+)/.exec(server) ?? []
  return major === undefined || Number(major) < 28 || Number(major) === 28 && Number(minor) < 1
}
