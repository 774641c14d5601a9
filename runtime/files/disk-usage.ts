/** How many bytes of disk a folder takes, hard links counted once: what its removal gives back. Absence is 0. */
import { type Stats, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isErrno } from '../../kernel/error.ts'

const blockBytes = 512

export function diskUsage(path: string, seen = new Set<string>()): number {
  const status = statusOf(path)
  if (status === undefined) return 0
  const identity = `${status.dev}:${status.ino}`
  if (status.nlink > 1 && !status.isDirectory()) {
    if (seen.has(identity)) return 0
    seen.add(identity)
  }
  const own = status.isDirectory() ? 0 : status.blocks * blockBytes
  return status.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + diskUsage(join(path, name), seen), own) : own
}

/** What another process removes meanwhile counts nothing. */
function statusOf(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}
