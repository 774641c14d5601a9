/**
 * Endpoints that come to a sandbox and leave it while it is in use, and the default routes and published ports that move with
 * them.
 *
 * The endpoint's own record tells of work under way: `creating` or `deleting`. Whoever finds one whose worker died finishes the
 * removal: a half-made connection is taken back, a half-ended one ended. Before the kernel has an object, some record has it.
 */
import { TsnetError } from '../errors/error.ts'
import type { Facts } from '../objects/facts.ts'
import { containerWord } from './container-word.ts'
import { isBusy, nobody, type Context } from './context.ts'
import type { Connection, EndpointSpec } from './controller-api.ts'
import { checkEndpointOptions, planEndpoints, releaseAddresses } from './endpoint-plan.ts'
import { endpointEvent } from './events.ts'
import { failureOf, messageOf } from './executor.ts'
import { chooseGateways, unpublishedWarnings } from './gateways.ts'
import { inKernel, isMovable, movedFrom, withObjects, type Move } from './gateway-moves.ts'
import { networkNotFound, refuseForeign, type Networks } from './networks.ts'
import { linksFirst } from './object-order.ts'
import { hasIdlePorts, settlePorts } from './port-settlement.ts'
import { findPredefined } from './predefined.ts'
import { removeMember } from './segments.ts'
import { endpointKeys, type StateTransaction, type StateView } from './state-store.ts'
import type { EndpointRecord, NetworkRecord, SandboxId, SandboxRecord } from './types.ts'

/** How long one process waits for another that changes the same sandbox. */
const patienceMs = 30_000

type ConnectSpec = Omit<EndpointSpec, 'ports'>

/** One change of a sandbox's endpoints: the one that comes or goes, and those that gain or lose a default route for it. */
interface Change {
  readonly sandbox: SandboxRecord
  readonly endpoint: EndpointRecord
  readonly network: NetworkRecord | undefined
  readonly moves: readonly Move[]
  readonly warnings: readonly string[]
}

export class Connections {
  readonly #context: Context
  readonly #networks: Networks

  constructor(context: Context, networks: Networks) {
    this.#context = context
    this.#networks = networks
  }

  async connect(id: SandboxId, spec: ConnectSpec): Promise<Connection> {
    const { executor, store } = this.#context
    refuseUnconnectable(id, store.read(view => view.sandboxes.get(id)), spec.network)
    checkEndpointOptions(this.#context, [spec])
    const network = refuseForeign(await this.#networks.prepare(spec.network))
    const facts = await this.#context.facts()
    const change = await this.whenIdle(id, tx => this.#planConnect(tx, id, { ...spec, network: network.id }, facts))
    try {
      const { endpoint, moves } = change
      // All that can fail for its own reasons comes first: as long as it may, the old ways stay.
      await executor.create(endpoint.objects.filter(object => !isMovable(object)))
      await executor.remove(linksFirst(moves.flatMap(({ lost }) => lost)))
      await executor.create(linksFirst([...endpoint.objects.filter(isMovable), ...moves.flatMap(({ gained }) => gained)]))
    } catch (error) {
      // As it was, or a record for recovery; the failure that led here is the one to tell.
      await this.#takeBack(change.endpoint).catch(() => undefined)
      throw failureOf(error)
    }
    const endpoint = store.write(tx => confirm(tx, change, this.#context.clock.now()))
    if (endpoint !== undefined) return { endpoint, network, warnings: change.warnings }
    await executor.remove(linksFirst([...change.endpoint.objects, ...change.moves.flatMap(({ gained }) => gained)]))
    throw sandboxNotFound(change.sandbox)
  }

  async disconnect(id: SandboxId, ref: string): Promise<Connection> {
    const network = this.#networks.get(ref)
    const facts = await this.#context.facts()
    const change = await this.whenIdle(id, tx => {
      const sandbox = tx.sandboxes.get(id)
      refuseUnconnectable(id, sandbox, ref)
      const endpoint = tx.endpoints.list({ sandbox: id }).find(({ networkId }) => networkId === network.id)
      if (endpoint !== undefined) return this.#planLeave(tx, endpoint, facts)
      throw new TsnetError('not-connected', `disconnect ${containerWord(sandbox)} from network "${network.name}": it is not connected to it`)
    })
    await this.#finishLeave(change)
    return { endpoint: change.endpoint, network, warnings: change.warnings }
  }

  /** Ends what a dead process was at. */
  async recover(endpoint: EndpointRecord): Promise<void> {
    const facts = await this.#context.facts()
    const change = this.#context.store.write(tx => {
      const now = tx.endpoints.get(endpoint.id)
      if (now === undefined || now.state === 'ready' || isBusy(this.#context, now)) return undefined
      return tx.sandboxes.get(now.sandboxId)?.state === 'ready' ? this.#planLeave(tx, now, facts) : undefined
    })
    if (change !== undefined) await this.#finishLeave(change)
  }

  async #takeBack(endpoint: EndpointRecord): Promise<void> {
    const facts = await this.#context.facts()
    const change = this.#context.store.write(tx => {
      const now = tx.endpoints.get(endpoint.id)
      return now === undefined || tx.sandboxes.get(now.sandboxId)?.state !== 'ready' ? undefined : this.#planLeave(tx, now, facts)
    })
    if (change !== undefined) await this.#finishLeave(change)
  }

  /** Runs `plan` in a transaction once no other process is at work on the sandbox's endpoints or ports. @throws timeout */
  async whenIdle<T>(id: SandboxId, plan: (tx: StateTransaction) => T): Promise<T> {
    for (let pauseMs = 1, waitedMs = 0; ; waitedMs += pauseMs, pauseMs = Math.min(pauseMs * 2, 50)) {
      const { endpoints, sandbox } = this.#context.store.read(view => ({ endpoints: unfinished(view, id), sandbox: view.sandboxes.get(id) }))
      for (const endpoint of endpoints) if (!isBusy(this.#context, endpoint)) await this.recover(endpoint)
      if (sandbox?.portsOwner !== undefined && hasIdlePorts(this.#context, sandbox)) await settlePorts(this.#context, id)
      const planned = this.#context.store.write(tx => isAtWork(tx, id) ? undefined : { value: plan(tx) })
      if (planned !== undefined) return planned.value
      if (waitedMs > patienceMs) {
        throw new TsnetError('timeout', `change networks of ${containerWord(sandbox ?? { id })}: another process has been at it for `
          + `${patienceMs / 1000} s`)
      }
      await this.#context.clock.sleep(pauseMs)
    }
  }

  #planConnect(tx: StateTransaction, id: SandboxId, spec: ConnectSpec, facts: Facts): Change {
    const sandbox = tx.sandboxes.get(id)
    refuseUnconnectable(id, sandbox, spec.network)
    const network = tx.networks.get(spec.network)
    if (network?.state !== 'ready') throw networkNotFound(spec.network)
    const present = inKernel(tx, id)
    if (present.some(({ endpoint }) => endpoint.networkId === network.id)) {
      throw new TsnetError('already-connected', `connect container "${spec.name}" to network "${network.name}": it is connected already`)
    }
    const all = [...present.map(one => ({ gwPriority: one.endpoint.gwPriority ?? 0, network: one.network })),
      { gwPriority: spec.gwPriority ?? 0, network }]
    const gateways = chooseGateways(all)
    const taken = present.map(({ endpoint }) => endpoint.interfaceName)
    const prepared = [{ spec, network, gatewayFor: gateways.at(-1) ?? [] }]
    const [planned] = planEndpoints(this.#context, tx, prepared, { sandbox, facts, taken })
    if (planned === undefined) throw new TsnetError('internal-error', `connect container "${spec.name}": nothing was planned`)
    const moves = movedFrom(this.#context.drivers, present, gateways, { sandbox, facts })
    const after = [...moves.map(move => ({ network: move.network, gatewayFor: move.after.gatewayFor })),
      { network, gatewayFor: planned.endpoint.gatewayFor }]
    const warnings = [...unpublishedWarnings(spec.name, sandbox.ports ?? [], after), ...planned.warnings]
    noteGains(tx, moves)
    return { sandbox, endpoint: planned.endpoint, network, moves, warnings }
  }

  /** The sandbox without the endpoint, which is marked `deleting`. */
  #planLeave(tx: StateTransaction, leaving: EndpointRecord, facts: Facts): Change {
    const sandbox = tx.sandboxes.get(leaving.sandboxId)
    if (sandbox === undefined) throw sandboxNotFound({ id: leaving.sandboxId })
    const endpoint: EndpointRecord = { ...leaving, state: 'deleting', owner: this.#context.owner }
    tx.endpoints.put(endpointKeys(endpoint), endpoint)
    const stay = inKernel(tx, sandbox.id).filter(one => one.endpoint.id !== leaving.id)
    const gateways = chooseGateways(stay.map(one => ({ gwPriority: one.endpoint.gwPriority ?? 0, network: one.network })))
    const moves = movedFrom(this.#context.drivers, stay, gateways, { sandbox, facts })
    const after = moves.map(move => ({ network: move.network, gatewayFor: move.after.gatewayFor }))
    const warnings = unpublishedWarnings(endpoint.name, sandbox.ports ?? [], after)
    noteGains(tx, moves)
    return { sandbox, endpoint, network: tx.networks.get(leaving.networkId), moves, warnings }
  }

  /** Does all it can, whatever fails; only when nothing did is the endpoint forgotten. */
  async #finishLeave(change: Change): Promise<void> {
    const { executor, store } = this.#context
    const { endpoint, moves } = change
    const errors: unknown[] = []
    const attempt = async (step: () => Promise<void>): Promise<void> => {
      try {
        await step()
      } catch (error) {
        errors.push(error)
      }
    }
    await attempt(() => executor.remove(linksFirst([...endpoint.objects, ...moves.flatMap(({ lost }) => lost)])))
    await attempt(async () => {
      // After a failure some of them are there already, or are gone though their records say otherwise.
      const wanted = linksFirst(moves.flatMap(({ after }) => after.objects.filter(isMovable)))
      await executor.create(await executor.missing(wanted))
    })
    if (errors.length > 0) {
      store.write(tx => {
        if (tx.endpoints.get(endpoint.id) !== undefined) tx.endpoints.put(endpointKeys(endpoint), { ...endpoint, owner: nobody })
      })
      throw failureOf(new AggregateError(errors, `disconnect ${containerWord(change.sandbox)}: `
        + errors.map(messageOf).join('; ')))
    }
    const stays = store.write(tx => forget(tx, change, this.#context.clock.now()))
    // The sandbox was removed meanwhile, by someone who did not know of what was made here.
    if (!stays) await executor.remove(linksFirst(moves.flatMap(({ gained }) => gained)))
  }
}

/** From the first moment that the kernel may have them, the objects are in the record that will keep them. */
function noteGains(tx: StateTransaction, moves: readonly Move[]): void {
  for (const { before, gained } of moves) {
    if (gained.length > 0) putEndpoint(tx, withObjects(before, [...before.objects, ...gained]))
  }
}

/** The endpoint is there, and the others are without what they lost; undefined where the sandbox was removed meanwhile. */
function confirm(tx: StateTransaction, change: Change, time: string): EndpointRecord | undefined {
  if (!isCurrent(tx, change)) return undefined
  for (const { after } of change.moves) putEndpoint(tx, after)
  tx.events.append(endpointEvent(time, 'connect', change.endpoint, change.network))
  return putEndpoint(tx, { ...change.endpoint, state: 'ready', owner: nobody, announced: true })
}

function forget(tx: StateTransaction, change: Change, time: string): boolean {
  if (!isCurrent(tx, change)) return false
  for (const { after } of change.moves) putEndpoint(tx, after)
  releaseAddresses(tx, change.endpoint)
  if (change.endpoint.announced === true) tx.events.append(endpointEvent(time, 'disconnect', change.endpoint, change.network))
  removeMember(tx, change.endpoint)
  tx.endpoints.delete(change.endpoint.id)
  return true
}

function isCurrent(view: StateView, { sandbox, endpoint }: Change): boolean {
  const now = view.endpoints.get(endpoint.id)
  return view.sandboxes.get(sandbox.id)?.state === 'ready' && now?.state === endpoint.state && now.owner === endpoint.owner
}

function putEndpoint(tx: StateTransaction, endpoint: EndpointRecord): EndpointRecord {
  tx.endpoints.put(endpointKeys(endpoint), endpoint)
  return endpoint
}

function isAtWork(view: StateView, id: SandboxId): boolean {
  return unfinished(view, id).length > 0 || view.sandboxes.get(id)?.portsOwner !== undefined
}

function unfinished(view: StateView, id: SandboxId): readonly EndpointRecord[] {
  return view.endpoints.list({ sandbox: id }).filter(({ state }) => state !== 'ready')
}

function refuseUnconnectable(id: SandboxId, sandbox: SandboxRecord | undefined, network: string): asserts sandbox is SandboxRecord {
  if (sandbox?.state !== 'ready') throw sandboxNotFound(sandbox ?? { id })
  const refuse = (reason: string): TsnetError => new TsnetError('conflicting-options',
    `change networks of ${containerWord(sandbox)}: ${reason}`)
  if (sandbox.driver === 'host') throw refuse('it is in the host\'s network, and so on no other')
  if (sandbox.driver === 'none') throw refuse('it was started with network none, so that it has none')
  if (sandbox.driver === 'container') throw refuse('it shares the network of another container; name that one')
  if (findPredefined(network) !== undefined) throw refuse(`network "${network}" is chosen at the start of a container, and for good`)
}

function sandboxNotFound(sandbox: Pick<SandboxRecord, 'id' | 'name'>): TsnetError {
  return new TsnetError('sandbox-not-found', `change networks of ${containerWord(sandbox)}: it has no sandbox, so it does not run`)
}

