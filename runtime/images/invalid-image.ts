/** The one way to say that an image is bad: what is wrong where it is found, which file further out. */
import { TsnetError, isTsnetError } from '../../errors/error.ts'

/** `reason` is a clause such as `entry "../x": leads out of the root`. */
export function invalidImage(reason: string, options: { readonly cause?: unknown } = {}): TsnetError {
  return new TsnetError('invalid-image', reason, options)
}

/**
 * Runs `fn`; what it throws about the image gets `subject` (`load image "x.tar"`) in front. A failed call of Node's (no space left, a
 * file that cannot be read) becomes a kernel-error with the same subject.
 */
export async function withSubject<T>(subject: string, fn: () => Promise<T>): Promise<T> {
  try {
    return await fn()
  } catch (cause) {
    if (isTsnetError(cause, 'invalid-image')) throw new TsnetError('invalid-image', `${subject}: ${cause.message}`, { cause, data: cause.data })
    if (!isSystemError(cause)) throw cause
    throw new TsnetError('kernel-error', `${subject}: ${cause.message}`, { cause, data: { call: cause.syscall, errno: cause.code } })
  }
}

function isSystemError(error: unknown): error is Error & { readonly syscall: string, readonly code: string } {
  return error instanceof Error && 'syscall' in error && typeof error.syscall === 'string' && 'code' in error && typeof error.code === 'string'
}
