/** What a container is made from, found before anything is made: its image or folder, and the container whose network it joins. */
import { statSync } from 'node:fs'
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

function runningTarget(ref: string, records: ContainerRecords, on: ContainerDependencies): ContainerRecord {
  const target = records.get(ref)
  if (isRunning(target, on)) return target
  throw new TsnetError('container-not-running',
    `run container: cannot join the network of container "${target.name}": it does not run`)
}

function requireFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return
  throw new TsnetError('rootfs-not-found', `run container: there is no folder "${path}"`, { data: { path } })
}
