/**
 * The name that was probably meant: the one whose last part contains the given one's, else the one with the smallest edit
 * distance.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const tail = (text: string): string => text.slice(text.lastIndexOf('.') + 1)
  const distance = (candidate: string): number => tail(candidate).includes(tail(name)) ? editDistance(name, candidate) / 100
    : Math.min(editDistance(name, candidate), editDistance(tail(name), tail(candidate)) + 0.5)
  return known.toSorted((a, b) => distance(a) - distance(b))[0]
}

/** Levenshtein distance: insertions, deletions and replacements, each 1; long input is cut, the rest cannot be near anyway. */
function editDistance(a: string, b: string): number {
  const [from, to] = [a.slice(0, 100), b.slice(0, 100)]
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
