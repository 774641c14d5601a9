/** The controller's state in the database: its port `StateStore`, over the record tables and the allocator's. */
import type { NetworkSummary, StateStore, StateTransaction, StateView } from '../cnm/state-store.ts'
import type { EndpointRecord, NetworkRecord, PoolRecord, SandboxRecord } from '../cnm/types.ts'
import type { Connection } from './connection.ts'
import { openIpamStore } from './ipam-store.ts'
import type { ReadTransaction, Store, Transaction } from './store.ts'

export function openStateStore(store: Store): StateStore {
  return {
    read: fn => store.read<unknown>(tx => fn(viewOf(tx))) as ReturnType<typeof fn>,
    write: fn => store.write<unknown>(tx => fn(transactionOf(tx))) as ReturnType<typeof fn>,
  }
}

function viewOf(tx: ReadTransaction): StateView {
  return {
    networks: tx.table<NetworkRecord>('networks'),
    endpoints: tx.table<EndpointRecord>('endpoints'),
    sandboxes: tx.table<SandboxRecord>('sandboxes'),
    pools: tx.table<PoolRecord>('pools'),
    ipam: openIpamStore(tx.connection),
    meta: tx.meta,
    summaries: () => summariesOf(tx.connection),
  }
}

function transactionOf(tx: Transaction): StateTransaction {
  return {
    networks: tx.table<NetworkRecord>('networks'),
    endpoints: tx.table<EndpointRecord>('endpoints'),
    sandboxes: tx.table<SandboxRecord>('sandboxes'),
    pools: tx.table<PoolRecord>('pools'),
    ipam: openIpamStore(tx.connection),
    meta: tx.meta,
    events: tx.events,
    summaries: () => summariesOf(tx.connection),
  }
}

function summariesOf(connection: Connection): readonly NetworkSummary[] {
  return connection.prepare('SELECT name, bridge, subnets FROM network_summaries').all().map(({ name, bridge, subnets }) => ({
    name: String(name), subnets: String(subnets).split(' ').filter(cidr => cidr !== ''),
    ...typeof bridge === 'string' ? { bridgeName: bridge } : {},
  }))
}
