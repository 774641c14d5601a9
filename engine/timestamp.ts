/** Now, as Docker writes it: ISO 8601 in UTC, with nanoseconds (of which Node knows microseconds at best). */
export function timestamp(): string {
  const micros = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000))
  const seconds = new Date(Number(micros / 1000n)).toISOString().slice(0, 19)
  return `${seconds}.${String(micros % 1_000_000n).padStart(6, '0')}000Z`
}
