/**
 * What happened, in Docker's words: kept in the store by the transaction that made it so, hence told exactly once, whoever dies.
 *
 * Networks are created and destroyed, containers connected and disconnected; what was never there for anybody (a creation that failed)
 * is not told of.
 */
import type { EndpointRecord, NetworkRecord } from './types.ts'

export interface EventRecord {
  readonly type: 'network' | 'container'
  /** `create`, `connect`, `disconnect`, `destroy`, `overlap`, `overlap-end`; of containers also `start` and `die`. */
  readonly action: string
  /** Id of the network or container. */
  readonly actor: string
  readonly attributes: Readonly<Record<string, string>>
  /** ISO 8601 with nanoseconds. */
  readonly time: string
}

/** An event as kept: numbers grow, and none is used twice. */
export interface StoredEvent extends EventRecord { readonly number: number }

export interface EventSink {
  append(event: EventRecord): void
}

export interface EventSource {
  /** Events with a greater number, oldest first. */
  after(number: number): readonly StoredEvent[]
  /** The number of the last one that there was; 0 where there was none. */
  last(): number
}

/** A route of the host has come that leads to addresses of a network of ours (`overlap`), or such a one is gone (`overlap-end`). */
export function overlapEvent(
  time: string, action: 'overlap' | 'overlap-end', { id, name, driver }: Named, { subnet, route }: { readonly subnet: string, readonly route: string },
): EventRecord {
  return { type: 'network', action, actor: id, attributes: { name, type: driver, subnet, route }, time }
}

type Named = Pick<NetworkRecord, 'id' | 'name' | 'driver'>

export function networkEvent(time: string, action: 'create' | 'destroy', { id, name, driver }: Named): EventRecord {
  return { type: 'network', action, actor: id, attributes: { name, type: driver }, time }
}

export function endpointEvent(
  time: string, action: 'connect' | 'disconnect', { networkId, sandboxId }: EndpointRecord, network: Named | undefined,
): EventRecord {
  return {
    type: 'network', action, actor: networkId, time,
    attributes: { container: sandboxId, ...network === undefined ? {} : { name: network.name, type: network.driver } },
  }
}
