/**
 * The end of a container, in two steps, each idempotent: **release** what only a running container needs (processes, network,
 * cgroups), and **discard** what it leaves (root, anonymous volumes, files, record).
 *
 * Nothing here stops at the first error: all that can be removed is removed, then the errors are thrown together. The record
 * goes last, so that a crash at any moment leaves one that `recover` finds.
 */
import { rmSync } from 'node:fs'
import type { SandboxId } from '../../cnm/types.ts'
import { containerPaths } from '../paths.ts'
import type { ContainerDependencies } from './dependencies.ts'
import type { Claim } from './records.ts'

export type TeardownDependencies =
  Pick<ContainerDependencies, 'roots' | 'networks' | 'cgroups' | 'rootfs' | 'volumes'>

export async function releaseResources(id: string, on: TeardownDependencies): Promise<void> {
  await runAll(`clean up container ${id.slice(0, 12)}`, [
    () => on.cgroups.killAll(id),
    // While the kernel takes back the rules, the rest goes.
    [() => on.networks.deleteSandbox(id as SandboxId), () => on.cgroups.remove(id)],
  ])
}

/** Ends the claim, unless something could not be removed. */
export async function discard(claim: Claim, on: TeardownDependencies): Promise<void> {
  const { id, anonymousVolumes } = claim.record
  await runAll(`remove container ${id.slice(0, 12)}`, [
    () => releaseResources(id, on),
    () => on.networks.releaseAddresses(id as SandboxId),
    () => on.rootfs.remove(id),
    ...anonymousVolumes.map(name => () => on.volumes.remove(name)),
    () => rmSync(containerPaths(on.roots, id).directory, { recursive: true, force: true }),
  ])
  claim.delete()
}

type Step = () => void | Promise<void>

/** Runs every step, those of a list at once; @throws the only error as it is, several as one AggregateError. */
async function runAll(what: string, steps: readonly (Step | readonly Step[])[]): Promise<void> {
  const errors: unknown[] = []
  const attempt = async (step: Step): Promise<void> => {
    try {
      await step()
    } catch (error) {
      errors.push(error)
    }
  }
  for (const step of steps) await Promise.all([step].flat().map(attempt))
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new AggregateError(errors, `${what}: ${errors.map(messageOf).join('; ')}`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
