/** The claim of a container whose network is to be changed while it runs. */
import { TsnetError } from '../../errors/error.ts'
import type { ContainerDependencies } from './dependencies.ts'
import { isRunning } from './observe.ts'
import type { Claim, ContainerRecords } from './records.ts'

/** For the refusal: `change networks of container …: it does not run; cannot connect it to …`. */
export interface Intention { readonly change: string, readonly what: string }

/** Nobody else changes, ends or removes the container until the claim is disposed. @throws container-not-running, container-not-found */
export async function claimRunning(
  ref: string, records: ContainerRecords, on: ContainerDependencies, { change, what }: Intention,
): Promise<Claim & Disposable> {
  const { id, name } = records.get(ref)
  const claim = await records.claim(id)
  const refuse = (reason: string): TsnetError =>
    new TsnetError('container-not-running', `change ${change} of container "${name}": ${reason}; cannot ${what}`, { data: { id } })
  if (claim === undefined) throw refuse('it is gone')
  if (!isRunning(claim.record, on)) {
    // Work that somebody left on it is not ours to call done.
    if (claim.wasAtRest) claim.release()
    else claim.abandon()
    throw refuse('it does not run')
  }
  return Object.defineProperties({ [Symbol.dispose]: () => claim.release() }, Object.getOwnPropertyDescriptors(claim)) as Claim & Disposable
}
