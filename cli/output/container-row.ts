/** A container as `ps` shows it, in the fields of Docker's `--format json`. */
import type { ContainerDetails } from '../../runtime/container-service-api.ts'
import type { ContainerRecord } from '../../runtime/types.ts'
import { printable } from '../printable.ts'
import { networkModeText } from './container-json.ts'
import { formatPorts } from './port-text.ts'
import { formatAge } from './time.ts'

export interface ContainerRow {
  readonly Command: string
  readonly CreatedAt: string
  readonly ID: string
  readonly Image: string
  readonly Labels: string
  readonly LocalVolumes: string
  readonly Mounts: string
  readonly Names: string
  readonly Networks: string
  readonly Platform: null
  readonly Ports: string
  readonly RunningFor: string
  readonly Size: string
  readonly State: string
  readonly Status: string
}

export interface RowOptions { readonly nowMs: number, readonly truncate: boolean }

export function containerRow({ record, image, mounts, endpoints }: ContainerDetails, { nowMs, truncate }: RowOptions): ContainerRow {
  const cut = (text: string, length: number): string => truncate && text.length > length ? `${text.slice(0, length - 1)}…` : text
  const labels = { ...image?.defaults.labels, ...record.spec.labels }
  const isExposed = record.status === 'running' && record.spec.network.mode === 'bridge'
  return {
    Command: `"${printable(cut([record.path, ...record.args].join(' '), 20).replaceAll(/["\\]/g, '\\$&'))}"`,
    CreatedAt: `${record.created.slice(0, 10)} ${record.created.slice(11, 19)} +0000 UTC`,
    ID: truncate ? record.id.slice(0, 12) : record.id,
    Image: record.spec.image ?? record.spec.rootfs ?? '',
    Labels: Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(','),
    LocalVolumes: String(mounts.filter(({ kind }) => kind === 'volume').length),
    Mounts: mounts.map(({ kind, source, hostPath }) => cut(kind === 'volume' ? source ?? '' : hostPath, 15)).join(','),
    Names: record.name,
    Networks: endpoints.length > 0 ? endpoints.map(({ network }) => network.name).join(',') : networkModeText(record.spec.network),
    Platform: null,
    Ports: formatPorts(endpoints, isExposed ? record.exposedPorts : []),
    RunningFor: `${formatAge(record.created, nowMs)} ago`,
    Size: '0B',
    State: record.status,
    Status: statusText(record, nowMs),
  }
}

/** `Up 5 seconds`, `Exited (0) 2 minutes ago`, `Created`. */
function statusText(record: ContainerRecord, nowMs: number): string {
  switch (record.status) {
    case 'running': return `Up ${formatAge(record.startedAt, nowMs)}`
    case 'exited': return `Exited (${record.exitCode}) ${formatAge(record.finishedAt || record.created, nowMs)} ago`
    case 'created': return 'Created'
    case 'dead': return 'Dead'
  }
}
