/** A container of Docker's that uses a network of tsnet, as `ps` shows it: Docker itself shows no ports of other drivers. */
import type { ForeignContainer } from '../../cnm/foreign-api.ts'
import type { ContainerRow, RowOptions } from './container-row.ts'
import { formatPorts } from './port-text.ts'
import { formatAge } from './time.ts'

export function foreignRow({ id, name, image, since, endpoints }: ForeignContainer, { nowMs, truncate }: RowOptions): ContainerRow {
  const started = new Date(since).toISOString()
  return {
    Command: '(Docker)', CreatedAt: `${started.slice(0, 10)} ${started.slice(11, 19)} +0000 UTC`,
    ID: truncate ? id.slice(0, 12) : id, Image: image, Labels: '', LocalVolumes: '0', Mounts: '', Names: name,
    Networks: endpoints.map(({ network }) => network.name).join(','), Platform: null, Ports: formatPorts(endpoints, []),
    RunningFor: `${formatAge(started, nowMs)} ago`, Size: '0B', State: 'running', Status: `Up ${formatAge(started, nowMs)}`,
  }
}
