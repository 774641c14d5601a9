/** What the shim and its caller have between them: descriptors by number, and messages of four words on the control socket. */

/** Descriptors of the shim at its start; 0, 1 and 2 are the null device. */
export const descriptors = {
  /** To the caller: the messages below. From it: one byte, "I clean up"; end of file: it died or has let go. */
  control: 3,
  /** Read end of the container's stdin, or, with a terminal, of what the caller types. */
  stdin: 4,
  /** Towards the attached caller. */
  stdout: 5,
  stderr: 6,
  /** Window sizes (struct winsize) from the caller. */
  resize: 7,
  /** The first of those that are only held open. */
  kept: 8,
} as const

export const messageSize = 32
export const STARTED = 1
export const FAILED = 2
export const EXITED = 3

export type ShimMessage =
  | { readonly kind: 'started', readonly pid: number, readonly shimPid: number }
  /** Address of the failed record and errno. */
  | { readonly kind: 'failed', readonly record: number, readonly errno: number }
  | { readonly kind: 'exited', readonly status: number, readonly seconds: number, readonly nanoseconds: number }

/** One message of 32 bytes; undefined if it is none. */
export function decodeMessage(bytes: Buffer): ShimMessage | undefined {
  const [kind = 0, a = 0, b = 0, c = 0] = [0, 8, 16, 24].map(offset => Number(bytes.readBigInt64LE(offset)))
  if (kind === STARTED) return { kind: 'started', pid: a, shimPid: b }
  if (kind === FAILED) return { kind: 'failed', record: a, errno: -b }
  if (kind === EXITED) return { kind: 'exited', status: a, seconds: b, nanoseconds: c }
  return undefined
}
