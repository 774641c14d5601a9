/**
 * One at a time, for each network: the answers after which dockerd counts.
 *
 * A dockerd before 28.1 keeps the number of a network's endpoints in an object that all calls under way share, and changes it, and writes it
 * down, without a lock around both. Two that do so at once lose one change, and `docker network rm` says "has active endpoints" for as long as
 * dockerd lives. It counts up after our answer to CreateEndpoint, before its call of Join, and before it creates another one; and down after our
 * answers to DeleteEndpoint and to the ReleaseAddress that follow, which nothing tells but an event. So the next such answer waits until this
 * one has been counted, or, where nobody tells, for as long as counting takes. Source: libnetwork/endpoint_cnt.go and store.go of moby 20.10 to 28.0.
 */
export interface CountTurnOptions {
  /** How long counting takes, with all that may come between, where nobody tells that it is done. */
  readonly turnMs?: number
  /** How long somebody who tells may take to do so. */
  readonly toldMs?: number
  /** Nobody waits longer than this for others: less than a call may take. */
  readonly patienceMs?: number
}

/** Of an endpoint that is being deleted. */
export interface Leaving {
  /** What dockerd may still give back before it counts. */
  readonly addresses?: readonly string[]
  /** Id of the container, where it is known. */
  readonly container?: string
}

interface Turn {
  readonly kind: 'up' | 'down'
  readonly network: string
  readonly endpoint: string
  readonly leaving: Leaving
  readonly end: () => void
  timer: NodeJS.Timeout | undefined
}

export class CountTurns {
  /** Whether the dockerd that calls is one of those. */
  isNeeded = true
  /** Whether `left` is called for each container that has left a network. */
  isTold = false
  readonly #turnMs: number
  readonly #toldMs: number
  readonly #patienceMs: number
  readonly #current = new Map<string, Turn>()
  readonly #last = new Map<string, Promise<void>>()
  #isClosed = false

  constructor({ turnMs = 50, toldMs = 4000, patienceMs = 15_000 }: CountTurnOptions = {}) {
    this.#turnMs = turnMs
    this.#toldMs = toldMs
    this.#patienceMs = patienceMs
  }

  /** Waits for the endpoint's turn on the network; the answer is to be given at once then. */
  async begin(kind: Turn['kind'], network: string, endpoint: string, leaving: Leaving = {}): Promise<void> {
    if (!this.isNeeded || this.#isClosed) return
    const before = this.#last.get(network)
    const { promise, resolve: end } = Promise.withResolvers<void>()
    this.#last.set(network, promise)
    void promise.then(() => {
      if (this.#last.get(network) === promise) this.#last.delete(network)
    })
    if (before !== undefined) await this.#patiently(before)
    const late = this.#current.get(network)
    if (late !== undefined) this.#end(late)
    if (this.#isClosed) return end()
    const turn: Turn = { kind, network, endpoint, leaving, end, timer: undefined }
    this.#current.set(network, turn)
    this.#await(turn)
  }

  /** dockerd goes on with the endpoint: it has counted. */
  goesOn(network: string, endpoint: string): void {
    const turn = this.#current.get(network)
    if (turn?.endpoint === endpoint) this.#end(turn)
  }

  /** dockerd creates an endpoint, of which it creates one at a time: the one before is counted. */
  creates(network: string): void {
    const turn = this.#current.get(network)
    if (turn?.kind === 'up') this.#end(turn)
  }

  /** dockerd gives an address back, after which it counts. */
  released(address: string): void {
    for (const turn of this.#current.values()) if (turn.leaving.addresses?.includes(address) === true) this.#await(turn)
  }

  /** dockerd says that a container has left the network: it has counted that one. */
  left(network: string, container?: string): void {
    const turn = this.#current.get(network)
    if (turn?.kind !== 'down') return
    const { container: awaited = container } = turn.leaving
    if (container === undefined || container === awaited) this.#end(turn)
  }

  /** Lets everybody go, and nobody wait any more. */
  close(): void {
    this.#isClosed = true
    for (const turn of this.#current.values()) this.#end(turn)
  }

  #await(turn: Turn): void {
    clearTimeout(turn.timer)
    turn.timer = setTimeout(() => this.#end(turn), this.isTold ? this.#toldMs : this.#turnMs)
  }

  #end(turn: Turn): void {
    clearTimeout(turn.timer)
    if (this.#current.get(turn.network) === turn) this.#current.delete(turn.network)
    turn.end()
  }

  async #patiently(before: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await Promise.race([before, new Promise<void>(resolve => { timer = setTimeout(resolve, this.#patienceMs) })])
    clearTimeout(timer)
  }
}
