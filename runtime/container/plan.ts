/** `run --dry-run`: the kernel objects that the container's network would be made of. Makes and records nothing. */
import { randomHex } from '../../kernel/random.ts'
import type { KernelObject } from '../../objects/object.ts'
import type { ContainerSpec } from '../types.ts'
import type { ContainerDependencies } from './dependencies.ts'
import { findIngredients } from './ingredients.ts'
import type { ContainerRecords } from './records.ts'
import { newRecord, noDefaults, sandboxSpec } from './resolve.ts'

/** @throws as `run` does before it makes anything */
export async function planContainer(spec: ContainerSpec, records: ContainerRecords, on: ContainerDependencies): Promise<readonly KernelObject[]> {
  const { image, target } = await findIngredients(spec, records, on)
  const id = randomHex(32)
  const identity = { id, name: spec.name ?? id.slice(0, 12), owner: '', bootId: on.bootId }
  const around = { hostHostname: on.hostname(), created: on.now(), ...target === undefined ? {} : { target } }
  return on.networks.planSandbox(sandboxSpec(newRecord(identity, spec, image ?? { defaults: noDefaults }, around), target))
}
