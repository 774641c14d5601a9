/**
 * Removals that another runtime has asked for and that failed. It goes on as if they were done and does not ask again, so they are tried
 * again: before whatever it asks for next, so that none meets what came after it, and from time to time.
 */
import { codes } from '../errors/codes.ts'
import { isTsnetError } from '../errors/error.ts'

export class Owed {
  readonly #removals = new Map<string, () => Promise<void>>()
  #paying: Promise<void> | undefined

  /** Does it now; what fails is remembered under `key`, unless it was asked for in the wrong words, and thrown all the same. */
  async attempt(key: string, remove: () => Promise<void>): Promise<void> {
    try {
      await remove()
      this.#removals.delete(key)
    } catch (error) {
      if (!isTsnetError(error) || codes[error.code].kind !== 'invalid') this.#removals.set(key, remove)
      throw error
    }
  }

  /** What was to be removed is somebody's again. */
  forget(key: string): void {
    this.#removals.delete(key)
  }

  /** Tries again, in the order in which they failed; what fails again stays. */
  async pay(): Promise<void> {
    if (this.#removals.size > 0) await (this.#paying ??= this.#payAll().finally(() => { this.#paying = undefined }))
  }

  async #payAll(): Promise<void> {
    for (const [key, remove] of this.#removals) {
      try {
        await remove()
        if (this.#removals.get(key) === remove) this.#removals.delete(key)
      } catch (error) {
        // Where nothing can be written down, the next one fares no better.
        if (isTsnetError(error, 'store-error')) return
      }
    }
  }
}
