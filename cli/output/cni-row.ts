/** Containers of other runtimes that CNI plugins of ours have attached, in the fields of `ps` and `network ls`. */
import type { CniContainer, CniNetwork } from '../../cni/list.ts'
import { formatCniPorts } from './cni-ports.ts'
import type { ContainerRow, RowOptions } from './container-row.ts'
import { dockerTime, formatAge } from './time.ts'

export function cniContainerRow({ id, created, networks, ports }: CniContainer, { nowMs, truncate }: RowOptions): ContainerRow {
  return {
    Command: '""', CreatedAt: `${created.slice(0, 10)} ${created.slice(11, 19)} +0000 UTC`, ID: truncate ? id.slice(0, 12) : id, Image: '(cni)', Labels: '',
    LocalVolumes: '0', Mounts: '', Names: id, Networks: networks.join(','), Platform: null, Ports: formatCniPorts(ports),
    RunningFor: `${formatAge(created, nowMs)} ago`, Size: '0B', State: 'attached', Status: `Attached ${formatAge(created, nowMs)}`,
  }
}

export function cniNetworkRow({ name, created }: CniNetwork) {
  return { CreatedAt: dockerTime(created), Driver: 'cni', ID: '-', IPv4: '', IPv6: '', Internal: '', Labels: '', Name: name, Scope: 'local' }
}
