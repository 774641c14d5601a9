/**
 * Rules of iptables as data: where they stand, and their text exactly as `iptables-save` prints it, so that what is wanted and what
 * is there can be compared. The text is the same from iptables-nft 1.8 and iptables-legacy (test/integration/nat).
 */
export const tables = ['raw', 'filter', 'nat'] as const
export type Table = typeof tables[number]

export interface Rule {
  readonly table: Table
  readonly chain: string
  /** Everything after `-A CHAIN `. */
  readonly spec: string
  /** Position to insert at, from 1; absent: at the end. */
  readonly position?: number
  /** Follows the rule before it in the list, or is the first of its chain: so a chain of which rules were lost is mended in order. */
  readonly ordered?: boolean
  /** A jump that several objects need: it goes when the chain it leads to is empty, not with one object. */
  readonly shared?: boolean
  /**
   * Has words of the user's, which `iptables-save` may print in another way: told from others by where it jumps to, which nothing else does. Its
   * text is still right to delete it by.
   */
  readonly verbatim?: boolean
  /** Done without where the kernel or the tool does not know it. */
  readonly optional?: boolean
}

/** True where a chain of these specs has the rule. */
export function isAmong({ spec, verbatim }: Rule, specs: readonly string[]): boolean {
  return verbatim === true ? specs.some(other => targetOf(other) === targetOf(spec)) : specs.includes(spec)
}

/** The chain that a rule jumps to; undefined for a verdict. */
export function targetOf(spec: string): string | undefined {
  const target = /(?:^| )-j (\S+)$/.exec(spec)?.[1]
  return target?.startsWith('TSNET') === true ? target : undefined
}
