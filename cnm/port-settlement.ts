/**
 * The end of every change of a sandbox's ports but a successful addition: its endpoints publish what its record says, no more.
 *
 * So an addition that fails or whose process died is taken back, and a removal that was begun is finished, by the same steps.
 */
import type { Facts } from '../objects/facts.ts'
import { isBusy, nobody, type Context } from './context.ts'
import { failureOf } from './executor.ts'
import { inKernel, isMovable, movedFrom, withObjects, type Move } from './gateway-moves.ts'
import { linksFirst } from './object-order.ts'
import { endpointKeys, sandboxKeys, type StateTransaction } from './state-store.ts'
import type { SandboxId, SandboxRecord } from './types.ts'

/** What the endpoints of a sandbox gain and lose so that they publish `sandbox.ports`; the gateways stay as they are. */
export function movesOfPorts(context: Context, tx: StateTransaction, sandbox: SandboxRecord, facts: Facts): readonly Move[] {
  const placed = inKernel(tx, sandbox.id)
  return movedFrom(context.drivers, placed, placed.map(({ endpoint }) => endpoint.gatewayFor), { sandbox, facts })
}

/** The ports of the sandbox are at rest from now on. */
export function rest(tx: StateTransaction, sandbox: SandboxRecord, moves: readonly Move[]): void {
  for (const { after } of moves) tx.endpoints.put(endpointKeys(after), after)
  const { portsOwner: _owner, ...atRest } = sandbox
  tx.sandboxes.put(sandboxKeys(atRest), atRest)
}

/** From the first moment that the kernel may have them, the objects are in the record that will keep them. */
export function noteGained(tx: StateTransaction, moves: readonly Move[]): void {
  for (const { before, gained } of moves) {
    if (gained.length > 0) tx.endpoints.put(endpointKeys(before), withObjects(before, [...before.objects, ...gained]))
  }
}

/** True where nobody but `context` itself, if anybody, changes the ports of the sandbox. */
export function hasIdlePorts(context: Context, { portsOwner }: SandboxRecord): boolean {
  return portsOwner === undefined || !isBusy(context, { state: 'publishing', owner: portsOwner })
}

/** Makes the endpoints publish what the sandbox's record says, and ends the change. What fails is left to the next command. */
export async function settlePorts(context: Context, id: SandboxId): Promise<void> {
  const { store, executor } = context
  const facts = await context.facts()
  const change = store.write(tx => {
    const sandbox = tx.sandboxes.get(id)
    if (sandbox?.state !== 'ready' || sandbox.portsOwner === undefined) return undefined
    if (sandbox.portsOwner !== context.owner && !hasIdlePorts(context, sandbox)) return undefined
    const owned: SandboxRecord = { ...sandbox, portsOwner: context.owner }
    tx.sandboxes.put(sandboxKeys(owned), owned)
    const moves = movesOfPorts(context, tx, owned, facts)
    noteGained(tx, moves)
    return { sandbox: owned, moves, isResumed: sandbox.portsOwner !== context.owner }
  })
  if (change === undefined) return
  const { sandbox, moves, isResumed } = change
  const gained = linksFirst(moves.flatMap(move => move.gained))
  try {
    await executor.replace(linksFirst(moves.flatMap(({ lost }) => lost)), gained)
    // Noted as gained by somebody else, who may have come no further.
    if (isResumed) await executor.create(await executor.missing(linksFirst(moves.flatMap(({ after }) => after.objects.filter(isMovable)))))
  } catch (error) {
    store.write(tx => {
      const now = tx.sandboxes.get(id)
      if (now?.portsOwner === context.owner) tx.sandboxes.put(sandboxKeys({ ...now, portsOwner: nobody }), { ...now, portsOwner: nobody })
    })
    throw failureOf(error)
  }
  const isRested = store.write(tx => {
    if (tx.sandboxes.get(id)?.portsOwner !== context.owner) return false
    rest(tx, sandbox, moves)
    return true
  })
  // Removed meanwhile, with all that its endpoints' records named; perhaps before the last of it was made.
  if (!isRested) await executor.remove(gained)
}
