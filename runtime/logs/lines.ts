/**
 * Frames of output put together to lines, per stream: what `--tail` counts and `--timestamps` marks. Concatenated, the lines of
 * a stream are the bytes it wrote. A line longer than 16 KiB comes in pieces, as with Docker. Pure.
 */
import type { LogEntry } from '../container-service-api.ts'

const maxLineBytes = 16 * 1024
const newline = 0x0a

type Stream = LogEntry['stream']

export class LineAssembler {
  readonly #partial = new Map<Stream, LogEntry>()

  /** The lines that this frame completes. */
  push(frame: LogEntry): readonly LogEntry[] {
    const begun = this.#partial.get(frame.stream)
    this.#partial.delete(frame.stream)
    const lines: LogEntry[] = []
    let timeNs = begun?.timeNs ?? frame.timeNs
    let rest = begun === undefined ? frame.data : Buffer.concat([begun.data, frame.data])
    while (rest.length > 0) {
      const end = endOfLine(rest)
      if (end === undefined) {
        this.#partial.set(frame.stream, { stream: frame.stream, timeNs, data: rest })
        break
      }
      lines.push({ stream: frame.stream, timeNs, data: rest.subarray(0, end) })
      rest = rest.subarray(end)
      timeNs = frame.timeNs
    }
    return lines
  }

  /** What was written after the last end of a line. */
  flush(): readonly LogEntry[] {
    const rest = [...this.#partial.values()]
    this.#partial.clear()
    return rest
  }
}

function endOfLine(bytes: Buffer): number | undefined {
  const at = bytes.indexOf(newline)
  if (at >= 0 && at < maxLineBytes) return at + 1
  return bytes.length >= maxLineBytes ? maxLineBytes : undefined
}
