/**
 * What happens when a container has ended, whoever notices first: its CLI, its shim's last exec, `stop`, or the next tsnet
 * command.
 *
 * The store decides between them: one claims the record, the others wait and find the work done.
 */
import type { ContainerRecord } from '../types.ts'
import type { ContainerDependencies } from './dependencies.ts'
import { keepConnected } from './keep-connected.ts'
import { endOf } from './observe.ts'
import { keepPublished } from './publish.ts'
import type { Claim, ContainerRecords } from './records.ts'
import type { EndStatus } from './status-file.ts'
import { discard, releaseResources } from './teardown.ts'

/**
 * Writes down how the container ended, releases what it used, and removes it where `--rm` or a begun removal says so. A
 * container that still runs is left alone.
 * @param known how it ended, where the caller was told by the shim itself
 * @returns the record as it was last seen; undefined where there is none
 */
export async function conclude(
  id: string, records: ContainerRecords, on: ContainerDependencies, known?: EndStatus,
): Promise<ContainerRecord | undefined> {
  const claim = await records.claim(id)
  if (claim === undefined) return undefined
  try {
    const ended = claim.record.status === 'running' ? recordEnd(claim, on, known) : !claim.wasAtRest
    if (ended) await finish(claim, on)
    // Who was at work on a container that runs was changing its ports or networks; what is kept beside the controller's records follows those.
    else if (!claim.wasAtRest) {
      keepPublished(claim.record, on)
      keepConnected(claim, on)
    }
    claim.release()
    return claim.record
  } catch (error) {
    claim.abandon()
    throw error
  }
}

/** `created` and unclaimed: whoever was making it is dead. */
async function finish(claim: Claim, on: ContainerDependencies): Promise<void> {
  const { id, status } = claim.record
  if (status === 'dead' || status === 'created') await discard(claim, on)
  else await releaseResources(id, on)
}

/** False while it runs. With `--rm` the state becomes `dead`: removal has begun, and is finished after a crash. */
function recordEnd(claim: Claim, on: ContainerDependencies, known: EndStatus | undefined): boolean {
  const { record } = claim
  const end = endOf(record, on) ?? known
  if (end === undefined) return false
  const oomKilled = record.bootId === on.bootId && on.cgroups.wasOomKilled(record.id)
  claim.update({ ...end, oomKilled, pid: 0, status: record.spec.autoRemove ? 'dead' : 'exited' })
  return true
}

/** True where `conclude` has something to do: an end nobody wrote down, or work whose owner died. */
export function needsConclusion(record: ContainerRecord, records: ContainerRecords, on: ContainerDependencies): boolean {
  if (records.isBusy(record)) return false
  if (record.status === 'running' && endOf(record, on) !== undefined) return true
  return record.owner !== ''
}
