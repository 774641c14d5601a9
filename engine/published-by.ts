/** Which container of ours has a host port published: the name in "port is taken". */
import type { EndpointRecord } from '../cnm/types.ts'
import type { Protocol } from '../objects/firewall.ts'
import type { ReadTransaction, Store } from '../store/store.ts'

export function publishedBy(store: Store): (protocol: Protocol, port: number) => string | undefined {
  return (protocol, port) => store.read(tx => findPublisher(tx, protocol, port))
}

/** The same for who is in a transaction already. */
export function findPublisher(tx: ReadTransaction, protocol: Protocol, port: number): string | undefined {
  return tx.table<EndpointRecord>('endpoints').list()
    .find(({ ports }) => ports.some(({ protocol: of, host }) => of === protocol && host.first <= port && port <= host.last))?.name
}
