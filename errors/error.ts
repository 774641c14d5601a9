/**
 * The one error class of tsnet: a stable code, one sentence, data for machines and the cause.
 *
 * Message grammar: `<operation> <object>: <reason>`, lower case, no full stop, user input in double quotes, and, where
 * there is one, what to do. Callers match on `code`, never on the text, and never with `instanceof` across packages.
 */
import { codes, type ErrorCode } from './codes.ts'

export interface TsnetErrorOptions {
  readonly cause?: unknown
  readonly data?: Readonly<Record<string, unknown>>
}

export class TsnetError extends Error {
  readonly code: ErrorCode
  readonly data: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: TsnetErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'TsnetError'
    this.code = code
    this.data = options.data ?? {}
  }
}

/** True for any TsnetError, also one that came from another copy of this module; with `code`, only for that code. */
export function isTsnetError(error: unknown, code?: ErrorCode): error is TsnetError {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false
  return error.code in codes && (code === undefined || error.code === code)
}
