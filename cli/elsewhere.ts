/** Containers that `ps` shows and other runtimes run. */
import type { ForeignContainer } from '../cnm/foreign-api.ts'
import type { CniContainer } from '../cni/list.ts'
import type { Cli } from './cli.ts'

export type Elsewhere = { readonly of: 'docker', readonly container: ForeignContainer } | { readonly of: 'cni', readonly container: CniContainer }

const shortestPrefix = 4

/** By name, or by an id's beginning of four characters or more. */
export async function findElsewhere(ref: string, cli: Cli): Promise<Elsewhere | undefined> {
  const docker = find(ref, (await cli.engine()).foreign.containers())
  if (docker !== undefined) return { of: 'docker', container: docker }
  const { listCniContainers } = await import('../cni/list.ts')
  const cni = find(ref, listCniContainers(cli.globals))
  return cni === undefined ? undefined : { of: 'cni', container: cni }
}

/** The one of that name or id, or the only one whose id begins so. */
export function find<T extends { readonly id: string, readonly name?: string }>(ref: string, containers: readonly T[]): T | undefined {
  const exact = containers.find(({ id, name }) => id === ref || name === ref)
  if (exact !== undefined || ref.length < shortestPrefix) return exact
  const [first, ...others] = containers.filter(({ id }) => id.startsWith(ref))
  return others.length === 0 ? first : undefined
}

/** For whoever asks of such a container what its own runtime alone can do: the rest of the sentence. */
export function whose({ of }: Elsewhere): string {
  return of === 'docker' ? 'but one of Docker\'s: ask docker' : 'but one of another runtime, attached by CNI: ask that runtime'
}
