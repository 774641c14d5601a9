/** What the shim writes when the container has ended: `<wait status> <seconds> <nanoseconds>\n`, in one write. */
import { readFileSync } from 'node:fs'

export interface EndStatus {
  /** Docker's: the program's own, or 128 + the signal that ended it. */
  readonly exitCode: number
  /** ISO 8601 with nanoseconds. */
  readonly finishedAt: string
}

/** Undefined while the container runs: no file, or an empty one. */
export function readEndStatus(path: string | number): EndStatus | undefined {
  try {
    return parseEndStatus(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

export function parseEndStatus(text: string): EndStatus | undefined {
  const [, status, seconds, nanoseconds] = /^(\d+) (\d+) (\d+)\n/.exec(text) ?? []
  if (status === undefined || seconds === undefined || nanoseconds === undefined) return undefined
  return { exitCode: exitCodeOf(Number(status)), finishedAt: formatTime(Number(seconds), Number(nanoseconds)) }
}

/** wait(2): the low seven bits are the signal, else the next eight the exit status. */
export function exitCodeOf(waitStatus: number): number {
  const signal = waitStatus & 0x7f
  return signal === 0 ? waitStatus >> 8 & 0xff : 128 + signal
}

function formatTime(seconds: number, nanoseconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, `.${String(nanoseconds).padStart(9, '0')}Z`)
}
