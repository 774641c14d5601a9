/**
 * One resolver per host: who holds the lock on RUN_ROOT/resolver.lock is it, and the file says where it listens.
 *
 * The lock is taken by the command that starts the resolver, and is its watcher's and its own from then on; the kernel frees it with the last
 * of them, however they die. Those who only look take a shared lock for a moment. At its orderly end the file is removed; one that is there
 * without a holder tells of a resolver that was killed together with its watcher.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from '../kernel/clock.ts'
import { isErrno } from '../kernel/error.ts'
import { LOCK_EX, LOCK_NB, LOCK_SH, flock } from '../kernel/syscalls/descriptor.ts'

/** What the resolver says of itself: the addresses it listens on, and those it could not, with the reason. */
export interface Announcement { readonly pid: number, readonly listening: readonly string[], readonly failed: Readonly<Record<string, string>> }

/** `absent`: none, and none was killed; `dead`: killed; `starting`: has not said anything yet. */
export type InstanceState =
  | { readonly state: 'absent' | 'dead' | 'starting' }
  | { readonly state: 'running', readonly announced: Announcement }

export interface Instance {
  announce(announcement: Announcement): void
  /** False where somebody has removed the file: others may have made one of their own by now. */
  isThere(): boolean
  /** Lets the next one begin. The lock itself goes with the process, so that who waits for it waits for the end. */
  remove(): void
}

const pauseMs = 2

/** The lock, free until now, as a descriptor: it is held as long as any process has that open. Undefined where somebody holds it, or looks. */
export function claimInstance(runRoot: string): number | undefined {
  const fd = openSync(pathOf(runRoot), 'a+', 0o600)
  if (flock(fd, LOCK_EX | LOCK_NB) && isStillThere(fd, runRoot)) {
    ftruncateSync(fd)
    return fd
  }
  closeSync(fd)
  return undefined
}

/** The lock as it was handed to this process. Undefined for a descriptor that is not open. */
export function inheritedInstance(runRoot: string, fd: number): Instance | undefined {
  if (!isOpen(fd)) return undefined
  return {
    isThere: () => isStillThere(fd, runRoot),
    announce(announcement) {
      ftruncateSync(fd)
      writeSync(fd, JSON.stringify(announcement))
    },
    remove: () => rmSync(pathOf(runRoot), { force: true }),
  }
}

export function instanceState(runRoot: string): InstanceState {
  using file = openLock(runRoot)
  if (file === undefined) return { state: 'absent' }
  if (flock(file.fd, LOCK_SH | LOCK_NB)) return { state: 'dead' }
  const text = readFileSync(file.fd, 'utf8')
  // Half a text is one that is just being written.
  return text.endsWith('}') ? { state: 'running', announced: JSON.parse(text) as Announcement } : { state: 'starting' }
}

/** Waits until the one that is there has ended, and forgets one that was killed. False where it goes on. */
export async function awaitEnd(runRoot: string, timeoutMs: number): Promise<boolean> {
  using file = openLock(runRoot)
  if (file === undefined) return true
  const deadline = monotonicMs() + timeoutMs
  while (!flock(file.fd, LOCK_SH | LOCK_NB)) {
    if (monotonicMs() > deadline) return false
    await sleep(pauseMs)
  }
  // Under the lock, so that it is nobody else's file by now.
  if (isStillThere(file.fd, runRoot)) rmSync(pathOf(runRoot), { force: true })
  return true
}

function openLock(runRoot: string): (Disposable & { readonly fd: number }) | undefined {
  try {
    const fd = openSync(pathOf(runRoot), 'r')
    return { fd, [Symbol.dispose]: () => closeSync(fd) }
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Not where the file was removed, and perhaps made again, between opening and locking it. */
function isStillThere(fd: number, runRoot: string): boolean {
  const there = statSync(pathOf(runRoot), { throwIfNoEntry: false })
  const ours = fstatSync(fd)
  return there?.dev === ours.dev && there.ino === ours.ino
}

function isOpen(fd: number): boolean {
  try {
    fstatSync(fd)
    return true
  } catch (error) {
    if (isErrno(error, 'EBADF')) return false
    throw error
  }
}

function pathOf(runRoot: string): string {
  return join(runRoot, 'resolver.lock')
}
