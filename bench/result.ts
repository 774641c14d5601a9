/** One line of the table: two medians, their ratio, and the ratio that is wanted. */
export interface Result {
  readonly what: string
  readonly peer: string
  readonly ours: number
  readonly theirs: number
  readonly unit: 'ms' | 'µs' | 'kB'
  /** `ours / theirs` must not be more than one part in this many. */
  readonly wantedPart: number
}

export const isGood = (result: Result): boolean => result.ours * result.wantedPart <= result.theirs

const number = (value: number): string => value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)

/** The table in Markdown, one row per result. */
export function resultTable(results: readonly Result[]): string {
  const rows = results.map(({ what, peer, ours, theirs, unit, wantedPart }, index) =>
    `| ${what} | ${number(ours)} ${unit} | ${number(theirs)} ${unit} (${peer}) | 1/${number(theirs / ours)} | ≤ 1/${Number(wantedPart.toFixed(2))} | ${
      isGood(results[index]!) ? 'yes' : '**no**'} |`)
  return ['| what | tsnet | peer | ratio | wanted | reached |', '|---|---|---|---|---|---|', ...rows, ''].join('\n')
}
