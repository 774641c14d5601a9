/**
 * Looks, whenever routes of the host change, whether one has come to overlap a network: then the log of events has it.
 *
 * Whatever process of tsnet runs for long does so: the one that answers for names, `tsnet serve`, and `tsnet events` itself.
 */
import { logOverlaps } from '../cnm/overlap-log.ts'
import { readFacts } from '../kernel/facts.ts'
import { openKernel } from '../kernel/kernel.ts'
import { RouteWatch } from '../kernel/netlink/route-watch.ts'
import { openStateStore } from '../store/cnm-state.ts'
import type { Store } from '../store/store.ts'
import { timestamp } from './timestamp.ts'

/** A routing daemon changes thousands of routes at once: one look is enough for all of them. */
const settleMs = 200
/** After a look that failed: the store was busy for too long. */
const againMs = 5000

export class OverlapWatch implements Disposable {
  readonly #kernel = openKernel()
  readonly #routes
  readonly #store
  #timer: NodeJS.Timeout | undefined

  /** The first look is for what came while nobody watched. */
  constructor(store: Store) {
    this.#store = openStateStore(store)
    this.#routes = new RouteWatch(() => this.#later(settleMs))
    this.#look()
  }

  #later(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#look()
    }, ms).unref()
  }

  #look(): void {
    try {
      logOverlaps(this.#store, readFacts(this.#kernel), timestamp)
    } catch {
      this.#later(againMs)
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#routes[Symbol.dispose]()
    this.#kernel.close()
  }
}
