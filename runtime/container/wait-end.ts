/**
 * Waiting for the end of a container that another process started: inotify on its folder, and a heartbeat for a killed shim.
 *
 * The status file is held open from the beginning: with `--rm` it is gone moments after it was written.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { FolderWatch } from '../logs/folder-watch.ts'
import { containerPaths } from '../paths.ts'
import type { ContainerRecord } from '../types.ts'
import { endOf, type Host } from './observe.ts'
import { parseEndStatus } from './status-file.ts'

const heartbeatMs = 1000

/** The exit code; undefined when the time was over first. */
export async function waitEnd(record: ContainerRecord, host: Host, timeoutMs = Infinity): Promise<number | undefined> {
  const { directory, status } = containerPaths(host.roots, record.id)
  using file = openStatus(status)
  using watch = openWatch(directory)
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const end = file.read() ?? endOf(record, host)
    if (end !== undefined) return end.exitCode
    const remaining = deadline - Date.now()
    if (remaining <= 0) return undefined
    await watch?.next(Math.min(heartbeatMs, remaining))
  }
}

interface StatusFile extends Disposable { read(): { readonly exitCode: number } | undefined }

/** Also while it is not written yet, or not there at all. */
function openStatus(path: string): StatusFile {
  let fd: number | undefined
  const open = (): number | undefined => {
    try {
      return openSync(path, 'r')
    } catch {
      return undefined
    }
  }
  const text = Buffer.alloc(64)
  return {
    read() {
      fd ??= open()
      return fd === undefined ? undefined : parseEndStatus(text.toString('latin1', 0, readSync(fd, text, 0, text.length, 0)))
    },
    [Symbol.dispose]() {
      if (fd !== undefined) closeSync(fd)
    },
  }
}

function openWatch(directory: string): FolderWatch | undefined {
  try {
    return new FolderWatch(directory)
  } catch {
    return undefined
  }
}
