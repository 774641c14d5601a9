/** `container prune`: removes the containers that do not run, and says what that gave back. */
import { isTsnetError } from '../../errors/error.ts'
import { diskUsage } from '../files/disk-usage.ts'
import { containerPaths } from '../paths.ts'
import type { ContainerRecord } from '../types.ts'
import type { ContainerDependencies } from './dependencies.ts'
import { observe } from './observe.ts'
import type { ContainerRecords } from './records.ts'
import type { ContainerEnder } from './stop.ts'

export interface PrunedContainers { readonly removed: readonly ContainerRecord[], readonly reclaimedBytes: number }

export interface PruneParts { readonly records: ContainerRecords, readonly ender: ContainerEnder, readonly on: ContainerDependencies }

/** Those that `accepts` takes. One that another process starts or removes meanwhile is left to it. */
export async function pruneContainers(
  accepts: (record: ContainerRecord) => boolean, { records, ender, on }: PruneParts,
): Promise<PrunedContainers> {
  const removed: ContainerRecord[] = []
  let reclaimedBytes = 0
  for (const record of records.list().map(one => observe(one, on))) {
    if (record.status === 'running' || records.isBusy(record) || !accepts(record)) continue
    const bytes = diskUsage(containerPaths(on.roots, record.id).directory)
    try {
      removed.push(await ender.remove(record.id, { force: false, volumes: false }))
      reclaimedBytes += bytes
    } catch (error) {
      if (!isTsnetError(error, 'container-running') && !isTsnetError(error, 'container-not-found')) throw error
    }
  }
  return { removed, reclaimedBytes }
}
