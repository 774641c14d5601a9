/** A failed start as an error: which step, and why. */
import { TsnetError } from '../../errors/error.ts'
import { errnoOf } from '../../kernel/errno.ts'
import type { LinkedProgram } from './link.ts'
import { executeStep } from './sandbox/command.ts'

export interface Failure { readonly record: number, readonly errno: number }

const notFound = new Set(['ENOENT', 'ENOTDIR'])

/** `operation`: "start container", "exec". `command`: what was to be executed. */
export function startError(operation: string, { record, errno }: Failure, linked: LinkedProgram, command: string): TsnetError {
  const { name, text } = errnoOf(errno)
  const failed = linked.recordAt(record)
  const data = { step: failed?.step ?? 'unknown', call: failed?.call ?? 'unknown', errno: name }
  if (failed?.step === executeStep) {
    const code = notFound.has(name) ? 'command-not-found' : 'command-not-executable'
    return new TsnetError(code, `${operation}: execute "${command}": ${text} (${name})`, { data })
  }
  return new TsnetError('container-start-failed', `${operation}: ${data.step}: ${text} (${name})${hint(data.step, name)}`, { data })
}

/** The usual reason, where errno does not tell it. */
function hint(step: string, errno: string): string {
  return step.startsWith('bind ') && errno === 'EINVAL' ? '; a folder goes over a folder only, and a file over a file' : ''
}
