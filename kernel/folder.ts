/** Folders for tsnet's own state. */
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { isErrno } from './error.ts'

/**
 * Makes a folder and those above it; one that is there is left as it is. Twin: `mkdir -p`. Node's own `recursive` never returns where
 * the kernel makes no folders at all, as in /proc.
 * @throws what mkdir(2) says: EEXIST for a file of that name, ENOTDIR for one above it
 */
export function makeFolder(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    if (isErrno(error, 'ENOENT') && !isFolder(dirname(path))) {
      makeFolder(dirname(path), mode)
      makeFolder(path, mode)
    } else if (!isErrno(error, 'EEXIST', 'EROFS') || !isFolder(path)) throw error
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
