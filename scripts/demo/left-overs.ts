/**
 * The last resort of the demonstration: ends what its containers left running when tsnet itself could not.
 *
 * The demonstration has a mount namespace of its own, so every process in it is its own: shims, whose children are the containers.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Kills containers, then shims, by their ids. */
export function endLeftOvers(): void {
  const own = mountNamespace('self')
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  const shims = pids.filter(pid => pid !== String(process.pid) && mountNamespace(pid) === own)
  const containers = pids.filter(pid => !shims.includes(pid) && shims.includes(parentOf(pid)))
  for (const pid of [...containers, ...shims]) kill(Number(pid))
}

function mountNamespace(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`)
  } catch {
    return undefined
  }
}

function parentOf(pid: string): string {
  try {
    return /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''
  } catch {
    return ''
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
