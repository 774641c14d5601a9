/** Paths of /proc and /sys that a container does not see, or cannot write: Docker's, from moby daemon/pkg/oci/defaults.go. */

const masked = [
  '/proc/acpi', '/proc/asound', '/proc/interrupts', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/sched_debug',
  '/proc/scsi', '/proc/timer_list', '/proc/timer_stats', '/sys/devices/virtual/powercap', '/sys/firmware',
]

/** Those that do not exist are passed over at start. The throttle counters of each processor are a side channel. */
export function maskedPaths(processors: number): readonly string[] {
  const throttle = Array.from({ length: processors }, (_, n) => `/sys/devices/system/cpu/cpu${n}/thermal_throttle`)
  return [...masked, ...throttle]
}

export const readonlyPaths: readonly string[] = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']
