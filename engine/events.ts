/**
 * Events as they come: those of the log, then those that other processes append. Nothing runs that could tell of them, so the folder of the
 * database is watched (inotify): each commit writes to a file in it. The log is read again every second all the same, where no watch is to be had.
 */
import type { StoredEvent } from '../cnm/events.ts'
import { FolderWatch } from '../runtime/logs/folder-watch.ts'
import type { Store } from '../store/store.ts'

export interface EventQuery {
  /** Milliseconds since 1970; absent: from now on. */
  readonly sinceMs?: number
  /** Ends then; absent: goes on until the caller leaves. */
  readonly untilMs?: number
}

const lookAgainMs = 1000

export async function* followEvents(store: Store, root: string, { sinceMs, untilMs = Infinity }: EventQuery): AsyncGenerator<StoredEvent> {
  using changes = new FolderWatch(root)
  let seen = sinceMs === undefined ? store.read(tx => tx.events.last()) : 0
  // Not loaded to run a container.
  const { OverlapWatch } = await import('./overlap-watch.ts')
  using _overlaps = new OverlapWatch(store)
  for (;;) {
    const isOver = Date.now() >= untilMs
    for (const event of store.read(tx => tx.events.after(seen))) {
      seen = event.number
      const timeMs = Date.parse(event.time)
      if (timeMs >= (sinceMs ?? 0) && timeMs <= untilMs) yield event
    }
    if (isOver) return
    await changes.next(Math.min(lookAgainMs, untilMs - Date.now()))
  }
}
