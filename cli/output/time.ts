/** Times as people and Docker read them. */

/** RFC 3339 with nanoseconds. */
export function formatTime(timeNs: bigint): string {
  const seconds = new Date(Number(timeNs / 1_000_000n)).toISOString().slice(0, 19)
  return `${seconds}.${String(timeNs % 1_000_000_000n).padStart(9, '0')}Z`
}

const units = [['year', 31_536_000], ['month', 2_592_000], ['week', 604_800], ['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1]] as const

/** `5 seconds`, `About a minute`, `3 weeks`: Docker's wording. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 1) return 'Less than a second'
  if (seconds >= 60 && seconds < 120) return 'About a minute'
  if (seconds >= 3600 && seconds < 7200) return 'About an hour'
  const [name, length] = units.find(([, size]) => seconds >= size) ?? ['second', 1]
  const count = Math.floor(seconds / length)
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

/** How long ago an ISO 8601 time was. */
export function formatAge(time: string, nowMs: number): string {
  return formatDuration(nowMs - Date.parse(time))
}

/** An ISO 8601 time in UTC as Docker's lists have it: `2026-01-31 12:00:00.123456789 +0000 UTC`, without zeros at its end. */
export function dockerTime(time: string): string {
  const [, day = '', clock = '', fraction = ''] = /^([^T]+)T([^.Z]+)(?:\.(\d+))?Z$/.exec(time) ?? []
  const digits = fraction.replace(/0+$/, '')
  return `${day} ${clock}${digits === '' ? '' : `.${digits}`} +0000 UTC`
}
