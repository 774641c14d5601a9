/**
 * `--filter KEY=VALUE`: Docker's words. Values of one key are alternatives, but labels, which must all be there; keys must all fit.
 */
import { TsnetError } from '../../errors/error.ts'
import { parseTime } from './quantities.ts'

export type Filters = ReadonlyMap<string, readonly string[]>

/** @throws invalid-argument for a key that is not in `known`; `label!` is known wherever `label` is */
export function parseFilters(words: readonly string[], known: readonly string[]): Filters {
  const filters = new Map<string, readonly string[]>()
  for (const word of words) {
    const [, key = '', value] = /^([^=]*?)=(.*)$/s.exec(word) ?? []
    if (value === undefined) throw new TsnetError('invalid-argument', `--filter "${word}": needs the form KEY=VALUE`)
    const plain = key === 'label!' ? 'label' : key
    if (!known.includes(plain)) {
      throw new TsnetError('invalid-argument', `--filter "${word}": there is no filter "${key}"; there are ${known.join(', ')}`)
    }
    filters.set(key, [...filters.get(key) ?? [], value])
  }
  return filters
}

/** True where there is no such filter, or one of its values fits. */
export function fits(filters: Filters, key: string, matches: (value: string) => boolean): boolean {
  return filters.get(key)?.some(matches) ?? true
}

/** `name=…`: a part of the name, or a regular expression such as `^web$`. @throws invalid-argument where it is no regular expression */
export function namePattern(value: string): RegExp {
  try {
    return new RegExp(value)
  } catch {
    throw new TsnetError('invalid-argument', `--filter "name=${value}": it is no regular expression`)
  }
}

/** `label=KEY`, `label=KEY=VALUE`: all of them; `label!=…`: none of them. */
export function fitsLabels(filters: Filters, labels: Readonly<Record<string, string>>): boolean {
  const has = (wanted: string): boolean => {
    const [, key = '', , value] = /^([^=]*)(=(.*))?$/s.exec(wanted) ?? []
    return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value)
  }
  return (filters.get('label') ?? []).every(has) && !(filters.get('label!') ?? []).some(has)
}

/** What `prune --filter` takes: labels, and `until=TIME` for what was made before. @throws invalid-argument */
export function pruneFilter(
  words: readonly string[], nowMs: number,
): (labels: Readonly<Record<string, string>>, created: string) => boolean {
  const filters = parseFilters(words, ['label', 'until'])
  const times = (filters.get('until') ?? []).map(until => parseTime('--filter until', until, nowMs))
  return (labels, created) => fitsLabels(filters, labels) && times.every(time => Date.parse(created) < time)
}

/** @throws invalid-argument */
export function parseBoolean(key: string, value: string): boolean {
  if (['true', '1'].includes(value)) return true
  if (['false', '0'].includes(value)) return false
  throw new TsnetError('invalid-argument', `--filter "${key}=${value}": it is neither true nor false`)
}
