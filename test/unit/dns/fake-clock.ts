/** Time that passes when the test says so. */
import type { Clock } from '../../../dns/forward/clock.ts'

export class FakeClock implements Clock {
  #now = 0
  readonly #timers = new Set<{ readonly at: number, readonly act: () => void }>()

  now(): number {
    return this.#now
  }

  after(ms: number, act: () => void): Disposable {
    const timer = { at: this.#now + ms, act }
    this.#timers.add(timer)
    return { [Symbol.dispose]: () => { this.#timers.delete(timer) } }
  }

  /** Lets `ms` pass, timer by timer, each with what it sets off. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await settle()
      const [next] = [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#timers.delete(next)
      this.#now = next.at
      next.act()
    }
    this.#now = end
    await settle()
  }
}

/** Every promise that can go on has gone on. */
function settle(): Promise<void> {
  return new Promise(resolve => { setImmediate(resolve) })
}
