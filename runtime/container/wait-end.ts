/**
 * Waiting for the end of a container that another process started: inotify on its folder, and a heartbeat for a killed shim.
 *
 * With `--rm` the status file lives until the record is deleted, the last thing of all, which takes many times as long as to be
 * woken. A waiter that is nevertheless too late is told `gone`.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from '../../kernel/clock.ts'
import { FolderWatch } from '../logs/folder-watch.ts'
import { containerPaths } from '../paths.ts'
import type { ContainerRecord } from '../types.ts'
import { endOf, type Host, initOf } from './observe.ts'
import type { ContainerRecords } from './records.ts'

const heartbeatMs = 1000
/** Where inotify has no instance left for this user. */
const unwatchedMs = 50

export interface WaitOptions {
  readonly timeoutMs?: number
  /** How long the output may take to be read once the process has ended; without it, for ever. */
  readonly drainMs?: number
}

/**
 * The exit code; or that the time was over first; or that the container was removed before its exit code could be read; or that its
 * process has ended, and the shim is held up by an attached reader that does not read.
 */
export async function waitEnd(
  record: ContainerRecord, records: ContainerRecords, host: Host, { timeoutMs = Infinity, drainMs = Infinity }: WaitOptions = {},
): Promise<number | 'timeout' | 'gone' | 'held-up'> {
  using watch = openWatch(containerPaths(host.roots, record.id).directory)
  const deadline = monotonicMs() + timeoutMs
  let drained = Infinity
  for (;;) {
    const end = endOf(record, host)
    if (end?.error === '') return end.exitCode
    const stored = records.find(record.id)
    if (stored === undefined) return 'gone'
    if (stored.status !== 'running') return stored.exitCode
    if (end !== undefined) return end.exitCode
    if (drained === Infinity && !host.processes.isAlive(initOf(record))) drained = monotonicMs() + drainMs
    if (monotonicMs() >= drained) return 'held-up'
    if (monotonicMs() >= deadline) return 'timeout'
    const pause = Math.min(heartbeatMs, Math.min(deadline, drained) - monotonicMs())
    await (watch?.next(pause) ?? delay(Math.min(pause, unwatchedMs)))
  }
}

function openWatch(directory: string): FolderWatch | undefined {
  try {
    return new FolderWatch(directory)
  } catch {
    return undefined
  }
}
