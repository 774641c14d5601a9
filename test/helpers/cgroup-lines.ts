/**
 * The cgroups called tsnet*, as far as they are this host's.
 *
 * Cgroups have no namespace here: every fake host, and a tsnet of the machine itself, has its containers in the same folders. A
 * container of another host is told by its processes: neither they nor their parent, the shim, are in our mount namespace. An empty
 * folder could be anybody's, and is reported.
 */
import { type Dirent, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

const MAX_DEPTH = 3

/** Paths of the folders. */
export function cgroupLines(folder = '/sys/fs/cgroup', depth = MAX_DEPTH): readonly string[] {
  return childFolders(folder).flatMap(path => {
    if (/\/tsnet[^/]*$/.test(path)) return ownFolders(path)
    return depth > 0 ? cgroupLines(path, depth - 1) : []
  })
}

/** The folder and those below it, without the ones that only others use. */
function ownFolders(path: string): readonly string[] {
  const children = childFolders(path)
  const own = children.flatMap(ownFolders)
  const pids = read(join(path, 'cgroup.procs')).split('\n').filter(line => line !== '')
  const usedByOthers = pids.length > 0 ? !pids.some(isOwn) : children.length > 0 && own.length === 0
  return usedByOthers ? own : [path, ...own]
}

function isOwn(pid: string): boolean {
  const parent = /^PPid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]
  const ours = mountNamespace('self')
  return mountNamespace(pid) === ours || (parent !== undefined && mountNamespace(parent) === ours)
}

function childFolders(folder: string): readonly string[] {
  return entries(folder).filter(entry => entry.isDirectory()).map(entry => join(folder, entry.name))
}

function entries(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function mountNamespace(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`)
  } catch {
    return undefined
  }
}
