/**
 * Ports of a sandbox that are published and taken back while it is in use.
 *
 * `portsOwner` in the sandbox's record tells of work under way. A port that comes gets into `ports` last, one that goes leaves it
 * first; in between, the endpoints' records have its objects. So whoever finds a dead worker's change makes the endpoints publish
 * `ports`, whichever change it was.
 */
import { TsnetError } from '../errors/error.ts'
import type { Facts } from '../objects/facts.ts'
import type { Connections } from './connections.ts'
import { containerWord } from './container-word.ts'
import type { Context } from './context.ts'
import type { PortsChange } from './controller-api.ts'
import { failureOf } from './executor.ts'
import { unpublishedWarnings } from './gateways.ts'
import { inKernel, type Move } from './gateway-moves.ts'
import { linksFirst } from './object-order.ts'
import { reservePorts, type PortPlan } from './port-plan.ts'
import { selectPorts } from './port-selection.ts'
import { movesOfPorts, noteGained, rest, settlePorts } from './port-settlement.ts'
import { sandboxKeys, type StateTransaction, type StateView } from './state-store.ts'
import type { PortRequest, SandboxId, SandboxPort, SandboxRecord } from './types.ts'

interface Addition { readonly sandbox: SandboxRecord, readonly moves: readonly Move[], readonly warnings: readonly string[] }

export class PortChanges {
  readonly #context: Context
  readonly #connections: Connections

  constructor(context: Context, connections: Connections) {
    this.#context = context
    this.#connections = connections
  }

  async publish(id: SandboxId, requests: readonly PortRequest[], keep: (descriptors: readonly number[]) => void): Promise<PortsChange> {
    const { executor, store, ports } = this.#context
    const reserved = this.#reserve(id, requests)
    try {
      const facts = await this.#context.facts()
      const addition = await this.#connections.whenIdle(id, tx => {
        const sandbox = publishing(tx, id)
        const wanted: SandboxRecord = { ...sandbox, ports: [...sandbox.ports ?? [], ...reserved.ports], portsOwner: this.#context.owner }
        const moves = movesOfPorts(this.#context, tx, wanted, facts)
        const warnings = this.#warnings(moves, reserved.ports, facts)
        note(tx, { ...sandbox, portsOwner: this.#context.owner }, moves)
        return { sandbox: wanted, moves, warnings }
      })
      try {
        keep(reserved.descriptors)
        await executor.create(linksFirst(addition.moves.flatMap(({ gained }) => gained)))
      } catch (error) {
        // As it was, or a record for recovery; the failure that led here is the one to tell.
        await settlePorts(this.#context, id).catch(() => undefined)
        throw failureOf(error)
      }
      if (!store.write(tx => this.#confirm(tx, addition))) {
        await executor.remove(linksFirst(addition.moves.flatMap(({ gained }) => gained)))
        throw notThere(addition.sandbox)
      }
      return { ports: reserved.ports, warnings: addition.warnings }
    } finally {
      ports.release(reserved.descriptors)
    }
  }

  async unpublish(id: SandboxId, requests: readonly PortRequest[]): Promise<PortsChange> {
    const selected = await this.#connections.whenIdle(id, tx => {
      const sandbox = publishing(tx, id)
      const { gone, left } = selectPorts(sandbox.ports ?? [], requests, containerWord(sandbox))
      const without: SandboxRecord = { ...sandbox, ports: left, portsOwner: this.#context.owner }
      tx.sandboxes.put(sandboxKeys(without), without)
      return gone
    })
    await settlePorts(this.#context, id)
    return { ports: selected, warnings: [] }
  }

  #reserve(id: SandboxId, requests: readonly PortRequest[]): PortPlan {
    const { sandbox, placed } = this.#context.store.read(view => ({ sandbox: publishing(view, id), placed: inKernel(view, id) }))
    if (placed.length === 0) throw unpublishable(sandbox, 'it is on no network')
    return reservePorts(this.#context, placed.map(({ endpoint, network }, i) => ({
      network, spec: { network: network.id, name: endpoint.name, gwPriority: endpoint.gwPriority ?? 0, ...i === 0 ? { ports: requests } : {} },
    })))
  }

  #warnings(moves: readonly Move[], ports: readonly SandboxPort[], facts: Facts): readonly string[] {
    const gateways = moves.map(({ network, after }) => ({ network, gatewayFor: after.gatewayFor }))
    return [
      ...unpublishedWarnings(moves[0]?.after.name ?? '', ports, gateways),
      ...moves.filter(({ gained }) => gained.length > 0).flatMap(({ network, after }) =>
        this.#context.drivers[network.driver].endpointWarnings?.(network, after, facts) ?? []),
    ]
  }

  #confirm(tx: StateTransaction, { sandbox, moves }: Addition): boolean {
    const now = tx.sandboxes.get(sandbox.id)
    if (now?.state !== 'ready' || now.portsOwner !== this.#context.owner) return false
    rest(tx, sandbox, moves)
    return true
  }
}

function note(tx: StateTransaction, sandbox: SandboxRecord, moves: readonly Move[]): void {
  tx.sandboxes.put(sandboxKeys(sandbox), sandbox)
  noteGained(tx, moves)
}

/** The sandbox, ready and of a kind that has ports of its own. */
function publishing(view: StateView, id: SandboxId): SandboxRecord {
  const sandbox = view.sandboxes.get(id)
  if (sandbox?.state !== 'ready') throw notThere(sandbox ?? { id })
  if (sandbox.driver === 'host') throw unpublishable(sandbox, 'it is in the host\'s network, where its ports are the host\'s')
  if (sandbox.driver === 'none') throw unpublishable(sandbox, 'it was started with network none')
  if (sandbox.driver === 'container') throw unpublishable(sandbox, 'it shares the network of another container; name that one')
  return sandbox
}

function unpublishable(sandbox: SandboxRecord, reason: string): TsnetError {
  return new TsnetError('conflicting-options', `change published ports of ${containerWord(sandbox)}: ${reason}`)
}

function notThere(sandbox: Pick<SandboxRecord, 'id' | 'name'>): TsnetError {
  return new TsnetError('sandbox-not-found', `change published ports of ${containerWord(sandbox)}: it has no sandbox, so it does not run`)
}
