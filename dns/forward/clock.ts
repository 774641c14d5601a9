/** Time, as the forwarder needs it; tests have their own. */
export interface Clock {
  /** Milliseconds that only ever grow. */
  now(): number
  /** Calls `act` after `ms`; disposing of the timer calls it off. */
  after(ms: number, act: () => void): Disposable
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}
