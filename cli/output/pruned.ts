/** What `prune` prints: Docker's heading with a line each, and the disk space that became free. */
import { formatSize } from './size.ts'

export function prunedLines(heading: string, lines: readonly string[], reclaimedBytes?: number): readonly string[] {
  return [
    ...lines.length === 0 ? [] : [`Deleted ${heading}:`, ...lines, ''],
    ...reclaimedBytes === undefined ? [] : [`Total reclaimed space: ${formatSize(reclaimedBytes)}`],
  ]
}
