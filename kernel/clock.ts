/** The kernel's clocks, without loading perf_hooks (2 ms), which is what the global `performance` does. */
import { syscall } from './syscall.ts'

/** Milliseconds, with fractions, that only ever grow: for deadlines and durations. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Nanoseconds since 1970, exact where Node's own clock knows microseconds at best. Twin: date +%s%N. */
export function realTime(): bigint {
  const timespec = Buffer.alloc(16)
  syscall('clock_gettime', [CLOCK_REALTIME, timespec])
  return timespec.readBigInt64LE(0) * 1_000_000_000n + timespec.readBigInt64LE(8)
}

const CLOCK_REALTIME = 0
