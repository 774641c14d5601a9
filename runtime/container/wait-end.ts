/**
 * Waiting for the end of a container that another process started: inotify on its folder, and a heartbeat for a killed shim.
 *
 * With `--rm` the status file lives until the record is deleted, the last thing of all, which takes many times as long as to be
 * woken. A waiter that is nevertheless too late is told `gone`.
 */
import { FolderWatch } from '../logs/folder-watch.ts'
import { containerPaths } from '../paths.ts'
import type { ContainerRecord } from '../types.ts'
import { endOf, type Host } from './observe.ts'
import type { ContainerRecords } from './records.ts'

const heartbeatMs = 1000

/** The exit code; or that the time was over first; or that the container was removed before its exit code could be read. */
export async function waitEnd(
  record: ContainerRecord, records: ContainerRecords, host: Host, timeoutMs = Infinity,
): Promise<number | 'timeout' | 'gone'> {
  using watch = openWatch(containerPaths(host.roots, record.id).directory)
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const end = endOf(record, host)
    if (end?.error === '') return end.exitCode
    const stored = records.find(record.id)
    if (stored === undefined) return 'gone'
    if (stored.status !== 'running') return stored.exitCode
    if (end !== undefined) return end.exitCode
    const remaining = deadline - Date.now()
    if (remaining <= 0) return 'timeout'
    await watch?.next(Math.min(heartbeatMs, remaining))
  }
}

function openWatch(directory: string): FolderWatch | undefined {
  try {
    return new FolderWatch(directory)
  } catch {
    return undefined
  }
}
