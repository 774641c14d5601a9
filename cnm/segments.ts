/**
 * Which of a network's bridges a new member goes to, and when the network needs one more.
 *
 * How many members each bridge has is counted in the transaction that adds or deletes the member's record, so that the thousandth need not
 * read the records of the others.
 */
import { TsnetError } from '../errors/error.ts'
import type { Growth } from './driver.ts'
import type { StateTransaction, StateView } from './state-store.ts'
import type { EndpointRecord, NetworkId, NetworkRecord } from './types.ts'

/** A network grows while it still has room, so that those who come meanwhile, from other processes, find it. */
const reserve = 24

const key = (id: NetworkId): string => `members/${id}`

/** Members of each bridge, the first bridge's first. */
function membersOf(view: StateView, id: NetworkId): readonly number[] {
  return view.meta.get(key(id))?.split(',').map(Number) ?? []
}

/** True where one more bridge is wanted and can be had. */
export function needsSegment(view: StateView, network: NetworkRecord, growth: Growth): boolean {
  const bridges = (network.segments ?? 0) + 1
  if (bridges >= growth.mostBridges) return false
  const members = membersOf(view, network.id).reduce((sum, count) => sum + count, 0)
  return members + reserve > bridges * growth.membersPerBridge
}

/** Takes a place for a member; gives the segment. @throws bridge-full */
export function addMember(tx: StateTransaction, network: NetworkRecord, growth: Growth | undefined): number {
  if (growth === undefined) return 0
  const members = membersOf(tx, network.id)
  const segment = freeSegment(network, members, growth)
  if (segment === undefined) throw full(network, growth)
  change(tx, network.id, segment, 1)
  return segment
}

export function removeMember(tx: StateTransaction, { networkId, segment = 0 }: EndpointRecord): void {
  if (tx.networks.get(networkId)?.parsed !== undefined) change(tx, networkId, segment, -1)
}

export function forgetMembers(tx: StateTransaction, id: NetworkId): void {
  tx.meta.delete(key(id))
}

function freeSegment(network: NetworkRecord, members: readonly number[], { membersPerBridge }: Growth): number | undefined {
  for (let segment = 0; segment <= (network.segments ?? 0); segment++) {
    if ((members[segment] ?? 0) < membersPerBridge) return segment
  }
  return undefined
}

function change(tx: StateTransaction, id: NetworkId, segment: number, by: 1 | -1): void {
  const before = membersOf(tx, id)
  const after = Array.from({ length: Math.max(before.length, segment + 1) }, (_, i) => Math.max(0, (before[i] ?? 0) + (i === segment ? by : 0)))
  if (after.every(count => count === 0)) forgetMembers(tx, id)
  else tx.meta.set(key(id), after.join())
}

function full({ name, segments = 0 }: NetworkRecord, { mostBridges, membersPerBridge }: Growth): TsnetError {
  const reason = segments + 1 < mostBridges ? 'another process is adding a bridge to it; try again'
    : `${mostBridges} bridges with ${membersPerBridge} members each are what it can have`
  return new TsnetError('bridge-full', `attach to network "${name}": it is full: ${reason}`)
}
