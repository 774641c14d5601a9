/** Processes of the host by pid and start time, which together name one for good. A zombie counts as ended. */
import { closeSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from '../../kernel/clock.ts'
import { pidfdOpen, pidfdSendSignal } from '../../kernel/syscalls/process.ts'

export interface ProcessName { readonly pid: number, readonly startTime: number }

export interface Processes {
  /** In clock ticks since boot; 0 where there is no such process. */
  startTimeOf(pid: number): number
  isAlive(process: ProcessName): boolean
  /** False where it has ended. */
  signal(process: ProcessName, signal: number): boolean
  /** Resolves when the process has ended, or after the time: false then. */
  waitEnd(process: ProcessName, timeoutMs: number): Promise<boolean>
}

export const hostProcesses: Processes = {
  startTimeOf: pid => readStat(pid)?.startTime ?? 0,
  isAlive,

  signal(process, signal) {
    const pidfd = pidfdOpen(process.pid)
    if (pidfd === undefined) return false
    try {
      // Checked after opening: from here on the descriptor means that process, whatever becomes of the pid.
      return isAlive(process) && pidfdSendSignal(pidfd, signal)
    } finally {
      closeSync(pidfd)
    }
  },

  /** Node cannot wait for a pidfd; a process that is about to end is looked at with growing pauses instead. */
  async waitEnd(process, timeoutMs) {
    const deadline = monotonicMs() + timeoutMs
    for (let pause = 1; isAlive(process); pause = Math.min(pause * 2, maxPauseMs)) {
      if (monotonicMs() >= deadline) return false
      await delay(pause)
    }
    return true
  },
}

const maxPauseMs = 50

function isAlive({ pid, startTime }: ProcessName): boolean {
  if (pid <= 0) return false
  const stat = readStat(pid)
  return stat !== undefined && stat.startTime === startTime && stat.state !== 'Z' && stat.state !== 'X'
}

interface Stat { readonly state: string, readonly startTime: number }

/** Fields 3 and 22 of /proc/PID/stat; the name in field 2 may hold anything, its closing parenthesis is the last one. */
function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? 'X', startTime: Number(fields[19]) }
  } catch {
    return undefined
  }
}
