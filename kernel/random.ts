/** Random identifiers straight from the kernel: loading node:crypto for them would take 5 ms of every command. */
import { syscall } from './syscall.ts'

/** `bytes` random bytes (at most 256, which getrandom(2) never cuts short) as twice as many hexadecimal digits. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}

/** A random integer from 0 to `limit` - 1, for limits of at most 2^32: names and numbers that may collide, not keys. */
export function randomBelow(limit: number): number {
  return Math.floor(randomBytes(4).readUInt32LE(0) / 2 ** 32 * limit)
}

function randomBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  syscall('getrandom', [bytes, length, 0])
  return bytes
}
