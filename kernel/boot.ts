/** Which boot, and which process: what makes a pid and a record comparable over time. */
import { readFileSync } from 'node:fs'
import { isErrno } from './error.ts'

/** The id of the running kernel's boot: after a reboot nothing of the kernel's objects is left. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

/**
 * When a process started, in clock ticks since boot (field 22 of /proc/PID/stat); undefined where there is none.
 * Together with the pid it names a process for good: pids are used again.
 */
export function processStartTime(pid: number): number | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return undefined
    throw error
  }
  // The command's name, in parentheses, may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[19])
}
