/**
 * The requests that make or remove the pieces of a group, for one family. Pure.
 *
 * Chains and elements are made so that making them again changes nothing. For removal, and where an element stands in the way with another value,
 * `present` says what is there; without it everything is taken to be as it should, which is nearly always true and saves reading.
 */
import type { NetlinkRequest } from '../../kernel/netlink/socket.ts'
import type { Family } from '../../objects/firewall.ts'
import { type ElementTable, elementId, verdictId } from './decode.ts'
import { verdictCodes } from './expression.ts'
import { GUARD_CHAIN, type MapName, chainOf, mapShapes, tableOf } from './layout.ts'
import { type Element, deleteChain, deleteElements, deleteRules, newChain, newElements, newRule } from './message.ts'
import type { Pieces } from './piece.ts'

export interface Present {
  readonly chains: ReadonlySet<string>
  readonly maps: ReadonlyMap<MapName, ElementTable>
}

/** @param old names of the chains that are there, whose rules are replaced: what deletes nothing need not wait for the kernel to let go of it */
export function creationRequests(
  family: Family, { chains, maps }: Pieces, { old, present }: { readonly old: ReadonlySet<string>, readonly present?: Present },
): readonly NetlinkRequest[] {
  return [
    ...chains.filter(({ verbatim }) => verbatim === undefined).flatMap(({ name, rules }) => {
      const chain = chainOf(family, name)
      return [newChain(chain), ...old.has(name) ? [deleteRules(chain)] : [], ...rules.map(rule => newRule(chain, rule))]
    }),
    ...maps.flatMap(({ map, elements }) => {
      const there = present?.maps.get(map)
      const other = elements.filter(element => (there?.get(idOf(element)) ?? valueId(element)) !== valueId(element))
      const wanted = elements.filter(element => there?.get(idOf(element)) !== valueId(element))
      return [...deleteElements(tableOf(family), map, other), ...newElements(tableOf(family), map, wanted)]
    }),
  ]
}

export function removalRequests(family: Family, { chains, maps }: Pieces, present?: Present): readonly NetlinkRequest[] {
  return [
    ...maps.flatMap(({ map, elements }) => {
      return deleteElements(tableOf(family), map, present === undefined ? elements : elementsThere(map, elements, present.maps.get(map)))
    }),
    ...chains.filter(({ name }) => name !== GUARD_CHAIN && (present?.chains.has(name) ?? true)).flatMap(({ name }) => {
      const chain = chainOf(family, name)
      return [deleteRules(chain), deleteChain(chain)]
    }),
  ]
}

/** What is there once the elements of `pieces` are removed. */
export function withoutElements(present: Present, { maps }: Pieces): Present {
  const gone = new Map(maps.map(({ map, elements }) => [map, new Set(elementsThere(map, elements, present.maps.get(map)).map(idOf))]))
  const left = [...present.maps].map(([map, there]) => [map, new Map([...there].filter(([id]) => gone.get(map)?.has(id) !== true))] as const)
  return { ...present, maps: new Map(left) }
}

const intervalMaps: ReadonlySet<MapName> = new Set(mapShapes(4).filter(({ interval }) => interval).map(({ name }) => name))

/** Those that are there; of an interval map, those of intervals that are there undivided, as the kernel removes no other. */
function elementsThere(map: MapName, elements: readonly Element[], there: ElementTable = new Map()): readonly Element[] {
  if (!intervalMaps.has(map)) return elements.filter(element => there.has(idOf(element)))
  // Where one ends and the next begins, the end comes first.
  const order = (id: string): string => id.endsWith('!') ? id : `${id}~`
  const ids = [...there.keys()].toSorted((a, b) => order(a) < order(b) ? -1 : 1)
  const following = new Map(ids.map((id, i) => [id, ids[i + 1]]))
  return intervalsOf(elements).filter(([start, end]) =>
    there.has(idOf(start)) && following.get(idOf(start)) === (end === undefined ? undefined : idOf(end))).flat()
}

/** Each with its end, but for those that have none. */
function intervalsOf(elements: readonly Element[]): readonly (readonly [Element] | readonly [Element, Element])[] {
  return elements.flatMap((start, i) => {
    const end = elements[i + 1]
    return start.end === true ? [] : [end?.end === true ? [start, end] as const : [start] as const]
  })
}

/** True where every piece is there as it should be. */
export function isComplete({ chains, maps }: Pieces, ruleCounts: ReadonlyMap<string, number>, present: Present): boolean {
  return chains.every(({ name, rules, verbatim }) => ruleCounts.get(name) === (verbatim === undefined ? rules.length : 1))
    && maps.every(({ map, elements }) => elements.every(element => present.maps.get(map)?.get(idOf(element)) === valueId(element)))
}

/** True where the map holds more than the elements given. */
export function holdsMore(there: ElementTable | undefined, elements: readonly Element[]): boolean {
  if (there === undefined || there.size === 0) return false
  const ids = new Set(elements.map(idOf))
  return [...there.keys()].some(id => !ids.has(id))
}

function idOf({ key, end }: Element): string {
  return elementId(key, end === true)
}

function valueId({ value }: Element): string {
  if (value === undefined) return ''
  if ('code' in value) return verdictId(verdictCodes[value.code], 'chain' in value ? value.chain : '')
  return Buffer.from(value).toString('hex')
}
