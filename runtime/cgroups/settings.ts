/** Limits as the files of a cgroup, v1 and v2 side by side. Pure. Source: kernel Documentation/admin-guide/cgroup-v1 and -v2. */
import type { OciResources } from '../oci-spec.ts'

export interface CgroupSetting {
  readonly controller: string
  readonly file: string
  readonly value: string
  /** A file that a kernel without swap accounting does not have. */
  readonly optional: boolean
}

function setting(controller: string, file: string, value: number | string, optional = false): CgroupSetting {
  return { controller, file, value: String(value), optional }
}

/** In the order in which they must be written: memory before memory with swap, period before quota, deny before allow. */
export function settingsV1(resources: OciResources): readonly CgroupSetting[] {
  const { memory, cpu, pids, devices = [] } = resources
  return [
    ...memory?.limit === undefined ? [] : [setting('memory', 'memory.limit_in_bytes', memory.limit)],
    ...memory?.swap === undefined ? [] : [setting('memory', 'memory.memsw.limit_in_bytes', memory.swap, true)],
    ...cpu?.period === undefined ? [] : [setting('cpu', 'cpu.cfs_period_us', cpu.period)],
    ...cpu?.quota === undefined ? [] : [setting('cpu', 'cpu.cfs_quota_us', cpu.quota)],
    ...pids === undefined ? [] : [setting('pids', 'pids.max', pids.limit > 0 ? pids.limit : 'max')],
    ...devices.map(rule => setting('devices', rule.allow ? 'devices.allow' : 'devices.deny', formatDeviceRule(rule))),
  ]
}

/**
 * v2 counts swap alone. It has no files for devices, only BPF programs, which tsnet does not load yet: there a container goes
 * without CAP_MKNOD instead (see `confinesDevices`).
 */
export function settingsV2(resources: OciResources): readonly CgroupSetting[] {
  const { memory, cpu, pids } = resources
  const swap = memory?.swap === undefined || memory.limit === undefined ? undefined : memory.swap - memory.limit
  return [
    ...memory?.limit === undefined ? [] : [setting('memory', 'memory.max', memory.limit)],
    ...swap === undefined ? [] : [setting('memory', 'memory.swap.max', swap, true)],
    ...cpu?.quota === undefined ? [] : [setting('cpu', 'cpu.max', `${cpu.quota} ${cpu.period ?? 100_000}`)],
    ...pids === undefined ? [] : [setting('pids', 'pids.max', pids.limit > 0 ? pids.limit : 'max')],
  ]
}

type DeviceRule = NonNullable<OciResources['devices']>[number]

function formatDeviceRule(rule: DeviceRule): string {
  return `${rule.type ?? 'a'} ${rule.major ?? '*'}:${rule.minor ?? '*'} ${rule.access ?? 'rwm'}`
}

/** The count after `oom_kill` in memory.oom_control (v1) or memory.events (v2). */
export function oomKillsOf(text: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0)
}
