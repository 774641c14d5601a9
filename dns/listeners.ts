/** The listeners of all networks, kept in step with what there is: new ones opened, old ones closed, failed ones tried again at the next look. */
import { DatagramBatch } from '../kernel/syscalls/datagram-batch.ts'
import { type Handler, Listener, type Service } from './listener.ts'
import { type Place, type Sockets, closeSockets, labelOf } from './sockets.ts'
import { Vault } from './vault.ts'

export class Listeners implements AsyncDisposable {
  readonly #service: Service
  readonly #vault: Vault | undefined
  /** Of a predecessor that was killed, by their keys in the vault, until the first look. */
  readonly #inherited = new Map<string, Sockets>()
  readonly #open = new Map<string, Listener>()
  /** Key of a place to what stood in its way. */
  readonly #failed = new Map<string, { readonly place: Place, readonly reason: string }>()
  #work: Promise<void> = Promise.resolve()

  /** With a vault, the sockets outlive this process. */
  constructor(handle: Handler, vault?: Vault) {
    this.#service = { handle, batch: new DatagramBatch() }
    this.#vault = vault
    if (vault === undefined) return
    for (const [key, sockets] of vault.copies()) this.#inherited.set(key, sockets)
  }

  /** The addresses that are listened on, and those that could not be. */
  get report(): { readonly listening: readonly string[], readonly failed: Readonly<Record<string, string>> } {
    return {
      listening: [...this.#open.values()].map(({ place }) => labelOf(place)),
      failed: Object.fromEntries([...this.#failed.values()].map(({ place, reason }) => [labelOf(place), reason])),
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
    const before = new Set(this.#open.keys())
    for (const [key, listener] of this.#open) {
      if (byKey.has(key)) continue
      this.#open.delete(key)
      await listener[Symbol.asyncDispose]()
    }
    const isLess = this.#inherited.size > 0 || this.#open.size < before.size
    for (const key of this.#failed.keys()) if (!byKey.has(key)) this.#failed.delete(key)
    for (const [key, place] of byKey) if (!this.#open.has(key)) await this.#try(key, place)
    for (const sockets of this.#inherited.values()) closeSockets(sockets)
    this.#inherited.clear()
    const open = [...this.#open].map(([key, { sockets }]) => [key, sockets] as const)
    if (isLess) this.#vault?.keep(open)
    else this.#vault?.add(open.filter(([key]) => !before.has(key)))
  }

  async #try(key: string, place: Place): Promise<void> {
    const kept = this.#inherited.size === 0 ? '' : Vault.keyOf(key)
    const inherited = this.#inherited.get(kept)
    this.#inherited.delete(kept)
    try {
      this.#open.set(key, await Listener.open(place, this.#service, inherited))
      this.#failed.delete(key)
    } catch (error) {
      this.#failed.set(key, { place, reason: error instanceof Error ? error.message : String(error) })
    }
  }
}

/** A bridge that was made again has lost the sockets' address for a moment only: they go on. */
function keyOf({ networkId, address, port, inside }: Place): string {
  return `${networkId} ${address} ${port} ${inside?.netns ?? ''}`
}
