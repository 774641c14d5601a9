/**
 * Folders that processes agree about by flock on the folder itself: the kernel frees the lock at death, and a rename keeps it.
 *
 * A lock counts only while the path still leads to the folder that was locked, as another process may have moved it in between.
 */
import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { isErrno } from '../../kernel/error.ts'
import { LOCK_EX, LOCK_NB, LOCK_SH, flock } from '../../kernel/syscalls/descriptor.ts'

export interface FolderLock extends Disposable {
  /** Gives up the exclusive lock for a shared one. The folder may have been taken in between: see `stillAt`. */
  share(): void
  /** True while `path` is the locked folder. */
  stillAt(path: string): boolean
}

/** How often a folder that another process holds is asked for again: the kernel reports no event when a lock becomes free. */
const retryMs = 20

/** Undefined where the folder is missing, or held by another process in a way that excludes `mode`. */
export function tryLockFolder(path: string, mode: 'shared' | 'exclusive'): FolderLock | undefined {
  const fd = openFolder(path)
  if (fd === undefined) return undefined
  const lock = lockOf(fd)
  if (flock(fd, (mode === 'shared' ? LOCK_SH : LOCK_EX) | LOCK_NB) && lock.stillAt(path)) return lock
  lock[Symbol.dispose]()
  return undefined
}

/** Resolves after a moment, for another try. @throws AbortError when `signal` is aborted */
export async function waitForFolder(signal: AbortSignal | undefined): Promise<void> {
  await delay(retryMs, undefined, signal === undefined ? {} : { signal })
}

function lockOf(fd: number): FolderLock {
  const { dev, ino } = fstatSync(fd)
  return {
    share: () => { flock(fd, LOCK_SH) },
    stillAt(path) {
      const stat = statSync(path, { throwIfNoEntry: false })
      return stat !== undefined && stat.ino === ino && stat.dev === dev
    },
    [Symbol.dispose]: () => closeSync(fd),
  }
}

function openFolder(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}
