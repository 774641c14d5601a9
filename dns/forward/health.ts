/** Which servers have lately not answered: they are asked last for a while, so that a dead first server costs one question, not every one. */
import type { Clock } from './clock.ts'

const penaltyMs = 30_000

export class Health {
  readonly #clock: Clock
  /** Server to the time until which it is avoided. */
  readonly #avoided = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The servers in their order, those that failed lately behind the others. */
  order(servers: readonly string[]): readonly string[] {
    const now = this.#clock.now()
    const isAvoided = (server: string): boolean => (this.#avoided.get(server) ?? -Infinity) > now
    return [...servers.filter(server => !isAvoided(server)), ...servers.filter(isAvoided)]
  }

  failed(server: string): void {
    this.#avoided.set(server, this.#clock.now() + penaltyMs)
  }

  answered(server: string): void {
    this.#avoided.delete(server)
  }
}
