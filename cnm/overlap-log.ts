/**
 * The log of events has each route that came to overlap a network, and its end, once, however many processes look. Pure.
 *
 * What was told of is remembered beside the log, in the same transaction; of a network that is removed, its removal is the end.
 */
import { overlaps, parseCidr } from '../address/cidr.ts'
import type { Facts } from '../objects/facts.ts'
import { overlapEvent } from './events.ts'
import { foreignRoutes } from './overlaps.ts'
import type { StateStore, StateView } from './state-store.ts'
import type { NetworkRecord } from './types.ts'

const key = 'overlaps'

interface Overlap { readonly subnet: string, readonly route: string }
/** Of the networks that have some, by id. */
type Overlaps = Readonly<Record<string, readonly Overlap[]>>

export function logOverlaps(store: StateStore, facts: Pick<Facts, 'routes'>, now: () => string): void {
  if (JSON.stringify(store.read(view => presentOverlaps(view, facts))) === store.read(known)) return
  store.write(tx => {
    const before = JSON.parse(known(tx)) as Overlaps
    const after = presentOverlaps(tx, facts)
    for (const network of tx.networks.list()) {
      const [was, is] = [before[network.id] ?? [], after[network.id] ?? []]
      for (const overlap of without(is, was)) tx.events.append(overlapEvent(now(), 'overlap', network, overlap))
      for (const overlap of without(was, is)) tx.events.append(overlapEvent(now(), 'overlap-end', network, overlap))
    }
    if (Object.keys(after).length === 0) tx.meta.delete(key)
    else tx.meta.set(key, JSON.stringify(after))
  })
}

function known(view: StateView): string {
  return view.meta.get(key) ?? '{}'
}

/** In an order that depends on what there is alone, so that two looks at the same are the same text. */
function presentOverlaps(view: StateView, facts: Pick<Facts, 'routes'>): Overlaps {
  const routes = foreignRoutes(view.summaries(), facts).map(({ cidr, text }) => ({ cidr, text }))
  if (routes.length === 0) return {}
  const found = view.networks.list({ state: 'ready' }).map(network => [network.id, overlapsOf(network, routes)] as const)
  return Object.fromEntries(found.filter(([, list]) => list.length > 0).toSorted(([a], [b]) => a < b ? -1 : 1))
}

function overlapsOf({ subnets }: NetworkRecord, routes: readonly { readonly cidr: ReturnType<typeof parseCidr>, readonly text: string }[]): readonly Overlap[] {
  return subnets.flatMap(({ cidr: subnet }) => {
    const own = parseCidr(subnet)
    return routes.filter(({ cidr }) => cidr.family === own.family && overlaps(own, cidr)).map(({ text }) => ({ subnet, route: text }))
      .toSorted((a, b) => a.route < b.route ? -1 : 1)
  })
}

function without(list: readonly Overlap[], others: readonly Overlap[]): readonly Overlap[] {
  return list.filter(({ subnet, route }) => !others.some(other => other.subnet === subnet && other.route === route))
}
