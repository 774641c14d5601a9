/** A pause of so many milliseconds. Without node:timers/promises, which a process that ends soon would load for a third of one. */
export function sleep(ms: number): Promise<void> {
  return new Promise(resolve => { setTimeout(resolve, ms) })
}
