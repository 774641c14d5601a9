/**
 * One cgroup directory: made top-down, removed bottom-up. Plain file operations on a cgroup file system; unit tests give it a
 * folder.
 *
 * Any number of processes do this at once, and empty parents are removed by whoever is last: what vanishes between two steps is
 * made again.
 */
import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { makeFolder } from '../../kernel/folder.ts'

const maxAttempts = 20

/** Makes MOUNTPOINT/PARTS…; `prepare` is called for every level that is now there, from the top. */
export function createDirectory(mountpoint: string, parts: readonly string[], prepare: (path: string) => void): string {
  for (let attempt = 1; ; attempt++) {
    try {
      let path = mountpoint
      for (const part of parts) {
        path = `${path}/${part}`
        makeFolder(path, 0o755)
        prepare(path)
      }
      return path
    } catch (error) {
      if (!isErrno(error, 'ENOENT') || attempt >= maxAttempts) throw error
    }
  }
}

/** cpuset (v1) lets no task in before both files are filled: copies them from the parent where they are empty. */
export function fillCpuset(path: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (readFileSync(`${path}/${file}`, 'utf8').trim() !== '') continue
    writeFileSync(`${path}/${file}`, readFileSync(`${path}/../${file}`, 'utf8').trim())
  }
}

/** v2: lets the children of `path` have those of `wanted` that it has itself; one that the kernel refuses is left out. */
export function enableControllers(path: string, wanted: readonly string[]): void {
  const file = `${path}/cgroup.subtree_control`
  const available = wordsOf(`${path}/cgroup.controllers`)
  const enabled = wordsOf(file)
  for (const controller of wanted.filter(name => available.includes(name) && !enabled.includes(name))) {
    try {
      writeFileSync(file, `+${controller}`)
    } catch (error) {
      // EBUSY: processes in an inner group of a nested host. What needs the controller says so when it sets its limit.
      if (isErrno(error, 'ENOENT')) throw error
    }
  }
}

function wordsOf(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split(/\s+/) : []
}

/**
 * The last task of a group may still be dying: the kernel gives EBUSY and tells no event, so it is tried again for some two
 * seconds.
 */
const removeDelaysMs = [1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]

/** Removes a group and the groups in it; absence is success. Throws the last EBUSY where tasks stay in it. */
export async function removeDirectory(path: string): Promise<void> {
  for (const child of childrenOf(path)) await removeDirectory(`${path}/${child}`)
  for (const wait of [...removeDelaysMs, undefined]) {
    try {
      rmdirSync(path)
      return
    } catch (error) {
      if (isAbsence(error, path)) return
      if (!isErrno(error, 'EBUSY') || wait === undefined) throw error
      await delay(wait)
    }
  }
}

/** Removes a group if nothing is in it; says nothing otherwise. */
export function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path)
  } catch (error) {
    if (!['ENOENT', 'EBUSY', 'ENOTEMPTY', 'EROFS'].some(code => isErrno(error, code))) throw error
  }
}

/** Where nothing can be written, the kernel says that before it looks whether there is anything. */
function isAbsence(error: unknown, path: string): boolean {
  return isErrno(error, 'ENOENT') || isErrno(error, 'EROFS') && !existsSync(path)
}

function childrenOf(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return []
    throw error
  }
}

/** The processes of a group as this process sees them; one of a foreign pid namespace reads as 0 and is left out. */
export function processesOf(path: string): readonly number[] {
  try {
    return readFileSync(`${path}/cgroup.procs`, 'utf8').split('\n').map(Number).filter(pid => pid > 0)
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENODEV')) return []
    throw error
  }
}

export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
