/** The listeners of all networks, kept in step with what there is: new ones opened, old ones closed, failed ones tried again at the next look. */
import { DatagramBatch } from '../kernel/syscalls/datagram-batch.ts'
import { type Handler, Listener, type Service } from './listener.ts'
import { type Place, type Sockets, closeSockets, labelOf } from './sockets.ts'
import { Vault } from './vault.ts'

export class Listeners implements AsyncDisposable {
  readonly #service: Service
  #vault: Vault | undefined
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

  /** As disposing, but the vault stays as it is: a successor has it. */
  leave(): Promise<void> {
    this.#vault = undefined
    return this.sync([])
  }

  async #sync(wanted: readonly Place[]): Promise<void> {
    const byKey = new Map(wanted.map(place => [keyOf(place), place]))
    const isLess = await this.#closeAllBut(byKey)
    const kept = [...this.#open].map(([key, { sockets }]) => [key, sockets] as const).concat(this.#inheritedOf(byKey))
    // Before others are opened: what is in the vault holds its address and port.
    if (isLess) this.#vault?.keep(kept)
    for (const key of this.#failed.keys()) if (!byKey.has(key)) this.#failed.delete(key)
    for (const [key, place] of byKey) if (!this.#open.has(key)) await this.#try(key, place)
    const inVault = new Set(kept.map(([key]) => key))
    this.#vault?.add([...this.#open].filter(([key]) => !inVault.has(key)).map(([key, { sockets }]) => [key, sockets]))
  }

  /** Whether there were others. */
  async #closeAllBut(wanted: ReadonlyMap<string, Place>): Promise<boolean> {
    const inherited = new Set(this.#inheritedOf(wanted).map(([key]) => Vault.keyOf(key)))
    const surplus = [...this.#inherited].filter(([key]) => !inherited.has(key))
    for (const [key, sockets] of surplus) {
      this.#inherited.delete(key)
      closeSockets(sockets)
    }
    const unwanted = [...this.#open].filter(([key]) => !wanted.has(key))
    for (const [key, listener] of unwanted) {
      this.#open.delete(key)
      await listener[Symbol.asyncDispose]()
    }
    return surplus.length + unwanted.length > 0
  }

  #inheritedOf(wanted: ReadonlyMap<string, Place>): readonly (readonly [key: string, Sockets])[] {
    if (this.#inherited.size === 0) return []
    return [...wanted.keys()].flatMap(key => {
      const sockets = this.#inherited.get(Vault.keyOf(key))
      return sockets === undefined ? [] : [[key, sockets] as const]
    })
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

/** A bridge that was made again has lost the sockets' address for a moment only: they go on. Those inside a container are of all its networks. */
function keyOf({ networkId, address, port, inside }: Place): string {
  return inside === undefined ? `${networkId} ${address} ${port}` : `${inside.netns} ${address} ${port}`
}
