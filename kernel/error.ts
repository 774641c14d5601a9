/**
 * Failed kernel calls as errors, and the one test for "was it EEXIST?" that works for them and for Node's own.
 *
 * The kernel's extended ACK, where there is one, is the sentence a person needs; errno's text is only the fallback.
 */
import { TsnetError, isTsnetError } from '../errors/error.ts'
import { type ErrnoName, errnoOf } from './errno.ts'

export interface KernelErrorDetail {
  /** The kernel's own text (NLMSGERR_ATTR_MSG), or the attribute it points at. */
  readonly extAck?: string
  /** What the call was about: a path, a link's name. */
  readonly detail?: string
}

/** `mount /run/x: Device or resource busy (EBUSY)`, code `kernel-error`, data {call, errno, extAck}. `errno` is positive. */
export function kernelError(call: string, errno: number, { extAck, detail }: KernelErrorDetail = {}): TsnetError {
  const { name, text } = errnoOf(errno)
  const subject = detail === undefined ? call : `${call} ${detail}`
  const data = { call, errno: name, ...extAck === undefined ? {} : { extAck } }
  return new TsnetError('kernel-error', `${subject}: ${extAck ?? text} (${name})`, { data })
}

/** True for a kernelError or an error of Node's with one of these errnos. */
export function isErrno(error: unknown, ...names: readonly ErrnoName[]): boolean {
  const found = errnoNameOf(error)
  return found !== undefined && names.some(name => name === found)
}

function errnoNameOf(error: unknown): unknown {
  if (isTsnetError(error, 'kernel-error')) return error.data['errno']
  return error instanceof Error && 'code' in error ? error.code : undefined
}
