/** All that is known of one container, for `inspect`: the record as it is now, and what it refers to. */
import type { EndpointRecord, NetworkRecord, SandboxId, SandboxRecord } from '../../cnm/types.ts'
import { isTsnetError } from '../../errors/error.ts'
import type { ContainerDetails } from '../container-service-api.ts'
import { containerPaths } from '../paths.ts'
import type { ContainerRecord } from '../types.ts'
import type { ContainerDependencies } from './dependencies.ts'
import { mountSource } from './mounts.ts'

/** @param record as observed */
export async function detailsOf(record: ContainerRecord, on: ContainerDependencies): Promise<ContainerDetails> {
  const sandbox = on.networks.findSandbox(record.id as SandboxId)
  const image = await imageOf(record, on)
  const { network } = record.spec
  return {
    record,
    // A container of another one's network has that one's files.
    paths: pathsOf(record.id, network.mode === 'container' ? sandbox?.sharedWith ?? record.id : record.id, on),
    mounts: record.mounts.map(mount => ({ ...mount, hostPath: mountSource(mount, on.volumes) })),
    endpoints: endpointsOf(sandbox, on),
    ...sandbox === undefined ? {} : { sandbox },
    ...image === undefined ? {} : { image },
  }
}

function pathsOf(id: string, filesOf: string, { roots }: ContainerDependencies): ContainerDetails['paths'] {
  const { directory, log, status } = containerPaths(roots, id)
  return { ...containerPaths(roots, filesOf), directory, log, status }
}

function endpointsOf(
  sandbox: SandboxRecord | undefined, on: ContainerDependencies,
): readonly { readonly endpoint: EndpointRecord, readonly network: NetworkRecord }[] {
  if (sandbox === undefined) return []
  return on.networks.listEndpoints({ sandboxId: sandbox.id })
    .map(endpoint => ({ endpoint, network: on.networks.getNetwork(endpoint.networkId) }))
    .toSorted((a, b) => a.network.name < b.network.name ? -1 : 1)
}

async function imageOf(record: ContainerRecord, on: ContainerDependencies): Promise<ContainerDetails['image']> {
  if (record.imageId === undefined) return undefined
  try {
    return await on.images.find(record.imageId)
  } catch (error) {
    if (isTsnetError(error, 'image-not-found')) return undefined
    throw error
  }
}
