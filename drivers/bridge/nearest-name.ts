import { editDistance } from '../../errors/nearest.ts'

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
