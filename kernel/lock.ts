/**
 * Who is alive: each process at work holds a lock file of its own under RUN_ROOT/owners, which the kernel frees when it dies.
 *
 * A pid could be used again and means nothing in another pid namespace; an flock is freed by the kernel alone and seen everywhere.
 * The file gets its name only after it is locked (rename keeps the lock), so nobody ever meets the unlocked file of a living
 * owner. Those who ask take a shared lock, so that they do not mistake each other for the owner. Names are never used again.
 */
import { closeSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { TsnetError } from '../errors/error.ts'
import { folderReason } from '../errors/file-reason.ts'
import { isErrno } from './error.ts'
import { makeFolder } from './folder.ts'
import { randomHex } from './random.ts'
import { LOCK_EX, LOCK_NB, LOCK_SH, flock } from './syscalls/descriptor.ts'

export interface OwnerLock {
  /** The file's name: what a record's `owner` holds. */
  readonly name: string
  /** Gives the lock back and removes the file; a second call does nothing. */
  release(): void
}

/** Marks this process as alive until `release` or its death. @throws store-error where there can be no such folder */
export function acquireOwnerLock(runRoot: string): OwnerLock {
  const folder = ownersFolder(runRoot)
  try {
    makeFolder(runRoot, 0o711)
    makeFolder(folder, 0o700)
  } catch (cause) {
    throw new TsnetError('store-error', `open run folder "${runRoot}": ${folderReason(cause)}`, { cause, data: { path: runRoot } })
  }
  const name = `${process.pid}-${randomHex(8)}`
  const fd = createLocked(folder, name)
  let held = true
  return {
    name,
    release() {
      if (!held) return
      held = false
      rmSync(join(folder, name), { force: true })
      closeSync(fd)
    },
  }
}

/** True while the process that holds the lock `name` lives; the file of a dead one is removed. */
export function isOwnerAlive(runRoot: string, name: string): boolean {
  const path = join(ownersFolder(runRoot), name)
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false
    throw error
  }
  try {
    if (!flock(fd, LOCK_SH | LOCK_NB)) return true
    rmSync(path, { force: true })
    return false
  } finally {
    closeSync(fd)
  }
}

/** Removes the files of all dead owners. */
export function removeDeadOwners(runRoot: string): void {
  let names: readonly string[]
  try {
    names = readdirSync(ownersFolder(runRoot))
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return
    throw error
  }
  for (const name of names) isOwnerAlive(runRoot, name)
}

/** Creates the file unnamed, as it were, and locks it first; begins again where `removeDeadOwners` of another process took it for dead. */
function createLocked(folder: string, name: string): number {
  const unnamed = join(folder, `.new-${name}`)
  for (;;) {
    const fd = openSync(unnamed, 'wx', 0o600)
    try {
      if (flock(fd, LOCK_EX | LOCK_NB)) {
        renameSync(unnamed, join(folder, name))
        return fd
      }
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error
    }
    rmSync(unnamed, { force: true })
    closeSync(fd)
  }
}

function ownersFolder(runRoot: string): string {
  return join(runRoot, 'owners')
}
