/** Now, as Docker writes it: ISO 8601 in UTC, with nanoseconds. */
import { realTime } from '../kernel/clock.ts'

export function timestamp(): string {
  const now = realTime()
  const seconds = new Date(Number(now / 1_000_000n)).toISOString().slice(0, 19)
  return `${seconds}.${String(now % 1_000_000_000n).padStart(9, '0')}Z`
}
