/** The mounts of a container: bind mounts checked, volumes found or made; as OCI mounts. */
import { existsSync } from 'node:fs'
import { TsnetError } from '../../errors/error.ts'
import type { RootFilesystem } from '../init/start-api.ts'
import type { OciMount } from '../oci-spec.ts'
import { bindMount } from '../spec/mounts.ts'
import type { ContainerRecord, MountSpec } from '../types.ts'
import type { VolumeSource } from './dependencies.ts'

/** @throws mount-source-not-found */
export async function prepareMounts(
  record: ContainerRecord, root: RootFilesystem, volumes: VolumeSource,
): Promise<readonly OciMount[]> {
  const mounts: OciMount[] = []
  for (const { kind, source = '', target, readOnly } of record.mounts) {
    const anonymous = record.anonymousVolumes.includes(source)
    const path = kind === 'bind' ? existingPath(source, target) : await volumes.ensure(source, { root, target, anonymous })
    mounts.push(bindMount(path, target, readOnly))
  }
  return mounts
}

/** Unlike `docker run -v`, a path that is missing is not made: mostly it is a typing error. */
function existingPath(source: string, target: string): string {
  if (existsSync(source)) return source
  throw new TsnetError('mount-source-not-found', `mount "${source}" on "${target}": the host has no such path`,
    { data: { source } })
}

/** Where a mount comes from on the host. */
export function mountSource({ kind, source = '' }: MountSpec, volumes: VolumeSource): string {
  return kind === 'bind' ? source : volumes.pathOf(source)
}
