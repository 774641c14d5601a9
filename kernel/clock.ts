/** The wall clock from the kernel: exact where Node's own knows microseconds at best, and there without loading perf_hooks (2 ms). */
import { syscall } from './syscall.ts'

/** Nanoseconds since 1970. Twin: date +%s%N. */
export function realTime(): bigint {
  const timespec = Buffer.alloc(16)
  syscall('clock_gettime', [CLOCK_REALTIME, timespec])
  return timespec.readBigInt64LE(0) * 1_000_000_000n + timespec.readBigInt64LE(8)
}

const CLOCK_REALTIME = 0
