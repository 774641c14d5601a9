/** What an object is made of: chains of its own, which are emptied and filled again at will, and elements in the shared maps. */
import type { MapName } from './layout.ts'
import type { Element } from './message.ts'
import type { NftRule } from './statement.ts'

export interface OwnChain {
  readonly name: string
  readonly rules: readonly NftRule[]
  /** The one rule of a chain that has words of the user's, which only the program `nft` understands: verbatim.ts makes it, before the others. */
  readonly verbatim?: string
}
export interface MapElements { readonly map: MapName, readonly elements: readonly Element[] }

export interface Pieces { readonly chains: readonly OwnChain[], readonly maps: readonly MapElements[] }

/** The two elements of an interval of numbers or addresses; the second is left out at the end of the number space. */
export function interval(first: Buffer, afterLast: Buffer | undefined, value: NonNullable<Element['value']>): readonly Element[] {
  return [{ key: first, value }, ...afterLast === undefined ? [] : [{ key: afterLast, end: true }]]
}
