/** Numbers with a meaning: memory sizes, CPUs, counts, seconds, points in time. */
import { TsnetError } from '../../errors/error.ts'

const factors: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }
const periodUs = 100_000

/** `512m`, `1.5g`, `1073741824`. @returns bytes @throws invalid-argument */
export function parseMemory(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text)
  const bytes = match === null ? Number.NaN : Math.floor(Number(match[1]) * (factors[(match[2] ?? '').toLowerCase()] ?? Number.NaN))
  if (!Number.isSafeInteger(bytes)) throw invalid('--memory', text, 'it is no size', '512m, 2g')
  return bytes
}

/** `1.5` → 150 000 µs of each 100 000. @throws invalid-argument */
export function parseCpus(text: string): number {
  const cpus = /^\d+(\.\d+)?$|^\.\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(cpus)) throw invalid('--cpus', text, 'it is no number of CPUs', '0.5, 2')
  return Math.round(cpus * periodUs)
}

/** @throws invalid-argument */
export function parseCount(flag: string, text: string, minimum = 0): number {
  const count = /^-?\d+$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(count) || count < minimum) throw invalid(flag, text, `it is no whole number from ${minimum} upward`, '10')
  return count
}

/** RFC 3339, a date, seconds since 1970, or how long ago (`90s`, `1h30m`). @returns milliseconds since 1970 @throws invalid-argument */
export function parseTime(flag: string, text: string, nowMs: number): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const ago = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(text)
  if (text !== '' && ago !== null) {
    const [, hours = '0', minutes = '0', seconds = '0'] = ago
    return nowMs - (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
  }
  const date = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(date)) throw invalid(flag, text, 'it is no point in time', '2026-01-31T12:00:00Z, 10m, 1767225600')
  return date
}

function invalid(flag: string, text: string, reason: string, examples: string): TsnetError {
  return new TsnetError('invalid-argument', `${flag} "${text}": ${reason}; examples: ${examples}`, { data: { flag, value: text } })
}
