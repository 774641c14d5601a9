/** One thing after another for each key: calls of this process that concern the same record do not meet. */
export class Queues {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Runs `fn` once everything that was asked for before, for the same key, has ended. */
  async run<T>(key: string, fn: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const run = (before ?? Promise.resolve()).then(fn)
    // What failed is told to its own caller alone.
    const settled = run.then(() => undefined, () => undefined)
    this.#last.set(key, settled)
    try {
      return await run
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key)
    }
  }
}
