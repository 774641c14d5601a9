/** What a container is made from, found before anything is made: its image or folder, and the container whose network it joins. */
import { statSync } from 'node:fs'
import type { SandboxId } from '../../cnm/types.ts'
import { TsnetError } from '../../errors/error.ts'
import type { ContainerRecord, ContainerSpec } from '../types.ts'
import type { ContainerDependencies, ContainerImage } from './dependencies.ts'
import { isRunning } from './observe.ts'
import type { ContainerRecords } from './records.ts'
import { validateSpec } from './validate.ts'

export interface Ingredients { readonly image: ContainerImage | undefined, readonly target: ContainerRecord | undefined }

/** @throws what `validateSpec` does, rootfs-not-found, image-not-found, container-not-found, container-not-running */
export async function findIngredients(spec: ContainerSpec, records: ContainerRecords, on: ContainerDependencies): Promise<Ingredients> {
  validateSpec(spec, on.hostFacts)
  if (spec.rootfs !== undefined) requireFolder(spec.rootfs)
  const image = spec.image === undefined ? undefined : await on.images.find(spec.image)
  const target = spec.network.mode === 'container' ? runningTarget(spec.network.container, records, on) : undefined
  return { image, target }
}

/** The container whose network it is: one that has joined another's is only the way to that. */
function runningTarget(ref: string, records: ContainerRecords, on: ContainerDependencies): ContainerRecord {
  const asked = records.get(ref)
  const refused = (reason: string): TsnetError =>
    new TsnetError('container-not-running', `run container: cannot join the network of container "${asked.name}": ${reason}`)
  if (!isRunning(asked, on)) throw refused('it does not run')
  const ownerId = on.networks.findSandbox(asked.id as SandboxId)?.sharedWith
  if (ownerId === undefined) return asked
  const owner = records.find(ownerId)
  if (owner !== undefined && isRunning(owner, on)) return owner
  throw refused(`it is that of container "${owner?.name ?? ownerId.slice(0, 12)}", which does not run any more`)
}

function requireFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return
  throw new TsnetError('rootfs-not-found', `run container: there is no folder "${path}"`, { data: { path } })
}
