/**
 * `tsnet logs`: the lines of a container's framed log, from the beginning or the last N, and on until the container has ended.
 *
 * The log is read while the shim appends to it, so the last frame may be incomplete: it is left for the next look. Following
 * waits for inotify events of the container's folder; a slow heartbeat notices the one end that leaves no event (a killed
 * shim).
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { LogEntry, LogOptions } from '../container-service-api.ts'
import { decodeLogFrames } from '../init/log-format.ts'
import { FolderWatch } from './folder-watch.ts'
import { LineAssembler } from './lines.ts'

export interface LogSource {
  readonly directory: string
  readonly path: string
  /** True once nothing more will be written. */
  readonly hasEnded: () => boolean
}

const chunkBytes = 256 * 1024
const heartbeatMs = 1000

export async function* readLog(source: LogSource, options: LogOptions): AsyncGenerator<LogEntry> {
  using watch = openWatch(source.directory, options.follow)
  using log = openLog(source)
  if (log === undefined) return
  const wanted = timeFilter(options)
  yield* lastLines(options.follow ? log.read() : wholeLog(log), wanted, options.tail)
  if (!options.follow) return
  for (;;) {
    // Asked before reading: what was written before the end is read after it.
    const last = watch === undefined || source.hasEnded() || isPast(options.untilMs)
    for (const line of log.read()) if (wanted(line)) yield line
    if (last) break
    await watch.next(Math.min(heartbeatMs, remaining(options.untilMs)))
  }
  for (const line of log.flush()) if (wanted(line)) yield line
}

function* wholeLog(log: OpenLog): Generator<LogEntry> {
  yield* log.read()
  yield* log.flush()
}

/** All lines, or the last `tail` of them; only the last ones are kept in memory. */
function* lastLines(
  lines: Iterable<LogEntry>, wanted: (line: LogEntry) => boolean, tail: number | undefined,
): Generator<LogEntry> {
  const kept: LogEntry[] = []
  for (const line of lines) {
    if (!wanted(line)) continue
    if (tail === undefined) yield line
    else if (kept.push(line) > 2 * tail + slack) kept.splice(0, kept.length - tail)
  }
  if (tail !== undefined && tail > 0) yield* kept.slice(-tail)
}

/** So that dropping old lines is rare also for a small tail. */
const slack = 1024

function timeFilter({ sinceMs, untilMs }: LogOptions): (line: LogEntry) => boolean {
  const toNs = (ms: number): bigint => BigInt(Math.round(ms * 1000)) * 1000n
  const since = sinceMs === undefined ? undefined : toNs(sinceMs)
  const until = untilMs === undefined ? undefined : toNs(untilMs)
  return ({ timeNs }) => (since === undefined || timeNs >= since) && (until === undefined || timeNs <= until)
}

function isPast(untilMs: number | undefined): boolean {
  return remaining(untilMs) <= 0
}

function remaining(untilMs: number | undefined): number {
  return untilMs === undefined ? Infinity : untilMs - Date.now()
}

function openWatch(directory: string, follow: boolean): FolderWatch | undefined {
  if (!follow) return undefined
  try {
    return new FolderWatch(directory)
  } catch {
    return undefined
  }
}

interface OpenLog extends Disposable {
  /** The lines that are new since the last call. */
  read(): Generator<LogEntry>
  flush(): readonly LogEntry[]
}

/** Undefined where there is no log (any more). */
function openLog(source: LogSource): OpenLog | undefined {
  let fd: number
  try {
    fd = openSync(source.path, 'r')
  } catch {
    return undefined
  }
  const lines = new LineAssembler()
  let rest: Buffer = Buffer.alloc(0)
  let position = 0
  function* read(): Generator<LogEntry> {
    const chunk = Buffer.allocUnsafe(chunkBytes)
    // No further than it goes now: a container that writes faster than it is read would keep its reader for ever.
    for (let left = fstatSync(fd).size - position; left > 0;) {
      const length = readSync(fd, chunk, 0, Math.min(left, chunkBytes), position)
      if (length === 0) return
      position += length
      left -= length
      // Copied: the lines handed out are views of these bytes, and the chunk is used again.
      const bytes = Buffer.concat([rest, chunk.subarray(0, length)])
      const { frames, consumed } = decodeLogFrames(bytes)
      rest = bytes.subarray(consumed)
      for (const { seconds, nanoseconds, stream, data } of frames) {
        yield* lines.push({ stream, timeNs: BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds), data })
      }
    }
  }
  return { read, flush: () => lines.flush(), [Symbol.dispose]: () => closeSync(fd) }
}
