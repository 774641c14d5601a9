/**
 * A container as it is, not as it was last written: the store is the intent, the status file and the processes are the truth.
 *
 * A stored `running` holds until the shim's status file says otherwise, or the shim is gone (killed, or the host was restarted).
 */
import { containerPaths } from '../paths.ts'
import type { ContainerRecord } from '../types.ts'
import type { ContainerDependencies } from './dependencies.ts'
import type { ProcessName } from './processes.ts'
import { readEndStatus, type EndStatus } from './status-file.ts'

export type Host = Pick<ContainerDependencies, 'roots' | 'processes' | 'bootId' | 'now'>

/** 128 + SIGKILL. */
export const killedExitCode = 137
/** Docker's, for what ended without anybody there to see. */
const lostExitCode = 255

/** How the container ended; undefined while it runs, and for one that never ran. */
export function endOf(record: ContainerRecord, host: Host): EndStatus & { readonly error: string } | undefined {
  const status = readEndStatus(containerPaths(host.roots, record.id).status)
  if (status !== undefined) return { ...status, error: '' }
  if (record.bootId !== host.bootId) {
    return { exitCode: lostExitCode, finishedAt: host.now(), error: 'the host was restarted while the container ran' }
  }
  if (host.processes.isAlive(shimOf(record))) return undefined
  return { exitCode: killedExitCode, finishedAt: host.now(), error: 'the shim of the container was killed' }
}

/** The record with the end that nobody has written down yet. */
export function observe(record: ContainerRecord, host: Host): ContainerRecord {
  if (record.status !== 'running') return record
  const end = endOf(record, host)
  return end === undefined ? record : { ...record, ...end, status: 'exited', pid: 0 }
}

export function isRunning(record: ContainerRecord, host: Host): boolean {
  return observe(record, host).status === 'running'
}

export function shimOf(record: ContainerRecord): ProcessName {
  return { pid: record.shimPid, startTime: record.shimStartTime }
}

export function initOf(record: ContainerRecord): ProcessName {
  return { pid: record.pid, startTime: record.pidStartTime }
}
