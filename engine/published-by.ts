/** Which container of ours has a host port published: the name in "port is taken". */
import type { EndpointRecord } from '../cnm/types.ts'
import type { Protocol } from '../objects/firewall.ts'
import type { Store } from '../store/store.ts'

export function publishedBy(store: Store): (protocol: Protocol, port: number) => string | undefined {
  return (protocol, port) => store.read(tx => tx.table<EndpointRecord>('endpoints').list())
    .find(({ ports }) => ports.some(({ protocol: of, host }) => of === protocol && host.first <= port && port <= host.last))?.name
}
