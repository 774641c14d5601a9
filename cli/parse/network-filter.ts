/** `network ls --filter`: which networks are shown. */
import type { NetworkRecord } from '../../cnm/types.ts'
import { TsnetError } from '../../errors/error.ts'
import { type Filters, fits, fitsLabels, namePattern, parseBoolean, parseFilters } from './filters.ts'

export const networkFilterNames = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'] as const

/** `hasEndpoints` is asked where `dangling` is. @throws invalid-argument */
export function networkFilter(
  words: readonly string[], hasEndpoints: (network: NetworkRecord) => boolean,
): (network: NetworkRecord) => boolean {
  const filters = parseFilters(words, networkFilterNames)
  checkValues(filters)
  return network => fits(filters, 'name', value => namePattern(value).test(network.name))
    && fits(filters, 'id', value => network.id.startsWith(value))
    && fits(filters, 'driver', value => (network.driver === 'none' ? 'null' : network.driver) === value)
    && fits(filters, 'scope', value => value === 'local')
    && fits(filters, 'type', value => (value === 'builtin') === isBuiltin(network))
    && fits(filters, 'dangling', value => parseBoolean('dangling', value) === (!isBuiltin(network) && !hasEndpoints(network)))
    && fitsLabels(filters, network.labels)
}

function checkValues(filters: Filters): void {
  for (const value of filters.get('name') ?? []) namePattern(value)
  for (const value of filters.get('dangling') ?? []) parseBoolean('dangling', value)
  const unknown = (filters.get('type') ?? []).find(value => value !== 'builtin' && value !== 'custom')
  if (unknown !== undefined) throw new TsnetError('invalid-argument', `--filter "type=${unknown}": there are builtin and custom`)
}

/** Those that are there without being made by the user. */
function isBuiltin({ name }: NetworkRecord): boolean {
  return ['bridge', 'host', 'none'].includes(name)
}
