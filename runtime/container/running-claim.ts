/** The claim of a container whose network is to be changed, while it runs or when it has ended. */
import { TsnetError } from '../../errors/error.ts'
import type { ContainerDependencies } from './dependencies.ts'
import { isRunning } from './observe.ts'
import type { Claim, ContainerRecords } from './records.ts'

/** For the refusal: `change networks of container …: it does not run; cannot connect it to …`. */
export interface Intention { readonly change: string, readonly what: string }

export interface SettledClaim extends Claim, Disposable { readonly isRunning: boolean }

/** Nobody else changes, ends or removes the container until the claim is disposed. @throws container-not-running, container-not-found */
export async function claimRunning(ref: string, records: ContainerRecords, on: ContainerDependencies, intention: Intention): Promise<SettledClaim> {
  const claim = await claimSettled(ref, records, on, intention)
  if (claim.isRunning) return claim
  claim.release()
  // Docker would keep the wish for the next start.
  throw refusal(claim.record, intention, 'it does not run, and is not started again')
}

/**
 * As `claimRunning`, and also of a container that has ended with nothing left to do for it.
 * @throws container-not-running, container-not-found
 */
export async function claimSettled(ref: string, records: ContainerRecords, on: ContainerDependencies, intention: Intention): Promise<SettledClaim> {
  const first = records.get(ref)
  const claim = await records.claim(first.id)
  if (claim === undefined) throw refusal(first, intention, 'it is gone')
  const runs = isRunning(claim.record, on)
  if (!runs && !claim.wasAtRest) {
    // Work that somebody left on it is not ours to call done.
    claim.abandon()
    throw refusal(claim.record, intention, 'it does not run')
  }
  const more = { isRunning: { value: runs }, [Symbol.dispose]: { value: () => claim.release() } }
  return Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(claim), ...more }) as SettledClaim
}

function refusal({ id, name }: { readonly id: string, readonly name: string }, { change, what }: Intention, reason: string): TsnetError {
  return new TsnetError('container-not-running', `change ${change} of container "${name}": ${reason}; cannot ${what}`, { data: { id } })
}
