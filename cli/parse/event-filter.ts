/** `events --filter`: which events are shown. */
import type { EventRecord } from '../../cnm/events.ts'
import { TsnetError } from '../../errors/error.ts'
import { type Filters, fits, fitsLabels, parseFilters } from './filters.ts'

export const eventFilterNames = ['container', 'event', 'image', 'label', 'network', 'scope', 'type'] as const

/** Containers and networks by id, its beginning, or name. @throws invalid-argument */
export function eventFilter(words: readonly string[]): (event: EventRecord) => boolean {
  const filters = parseFilters(words, eventFilterNames)
  refuseUnknownTypes(filters)
  return event => fits(filters, 'type', value => event.type === value)
    && fits(filters, 'event', value => event.action === value)
    && fits(filters, 'scope', value => value === 'local')
    && fits(filters, 'image', value => event.attributes['image'] === value)
    && fits(filters, 'network', value => event.type === 'network' && isCalled(value, event.actor, event.attributes['name']))
    && fits(filters, 'container', value => event.type === 'container' ? isCalled(value, event.actor, event.attributes['name'])
      : isCalled(value, event.attributes['container'] ?? '', undefined))
    && fitsLabels(filters, event.type === 'container' ? event.attributes : {})
}

function isCalled(value: string, id: string, name: string | undefined): boolean {
  return value === name || value !== '' && id.startsWith(value)
}

function refuseUnknownTypes(filters: Filters): void {
  const unknown = filters.get('type')?.find(value => value !== 'network' && value !== 'container')
  if (unknown !== undefined) throw new TsnetError('invalid-argument', `--filter "type=${unknown}": there are container and network`)
}
