/** The listeners of all networks, kept in step with what there is: new ones opened, old ones closed, failed ones tried again at the next look. */
import { DatagramBatch } from '../kernel/syscalls/datagram-batch.ts'
import { type Handler, Listener, type Service } from './listener.ts'
import type { Place } from './sockets.ts'

export class Listeners implements AsyncDisposable {
  readonly #service: Service
  readonly #open = new Map<string, Listener>()
  /** Key of a place to what stood in its way. */
  readonly #failed = new Map<string, { readonly place: Place, readonly reason: string }>()
  #work: Promise<void> = Promise.resolve()

  constructor(handle: Handler) {
    this.#service = { handle, batch: new DatagramBatch() }
  }

  /** The addresses that are listened on, and those that could not be. */
  get report(): { readonly listening: readonly string[], readonly failed: Readonly<Record<string, string>> } {
    return {
      listening: [...this.#open.values()].map(({ place }) => place.address),
      failed: Object.fromEntries([...this.#failed.values()].map(({ place, reason }) => [place.address, reason])),
    }
  }

  /** Done when everything wanted listens, or has been tried. Calls follow one another. */
  sync(wanted: readonly Place[]): Promise<void> {
    this.#work = this.#work.then(() => this.#sync(wanted))
    return this.#work
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.sync([])
  }

  async #sync(wanted: readonly Place[]): Promise<void> {
    const byKey = new Map(wanted.map(place => [keyOf(place), place]))
    for (const [key, listener] of this.#open) {
      if (byKey.has(key)) continue
      this.#open.delete(key)
      await listener[Symbol.asyncDispose]()
    }
    for (const key of this.#failed.keys()) if (!byKey.has(key)) this.#failed.delete(key)
    for (const [key, place] of byKey) if (!this.#open.has(key)) await this.#try(key, place)
  }

  async #try(key: string, place: Place): Promise<void> {
    try {
      this.#open.set(key, await Listener.open(place, this.#service))
      this.#failed.delete(key)
    } catch (error) {
      this.#failed.set(key, { place, reason: error instanceof Error ? error.message : String(error) })
    }
  }
}

/** A bridge that was made again has lost the sockets' address for a moment only: they go on. */
function keyOf({ networkId, address, port }: Place): string {
  return `${networkId} ${address} ${port}`
}
