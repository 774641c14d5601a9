/**
 * Sandboxes with their endpoints: one write before the kernel is touched, one run of the executor, one write after.
 */
import { TsnetError } from '../errors/error.ts'
import type { Facts } from '../objects/facts.ts'
import type { KernelObject } from '../objects/object.ts'
import { containerWord } from './container-word.ts'
import { isBusy, nobody, type Context } from './context.ts'
import type { Attachment, EndpointSpec, SandboxSpec } from './controller-api.ts'
import type { SandboxIntent } from './driver.ts'
import { checkEndpointOptions, planEndpoints, releaseAddresses, releaseKeptAddresses, type PlannedEndpoint } from './endpoint-plan.ts'
import { endpointEvent } from './events.ts'
import { failureOf } from './executor.ts'
import { chooseGateways, unpublishedWarnings } from './gateways.ts'
import { networkNotFound, refuseForeign, type Networks } from './networks.ts'
import { linksFirst } from './object-order.ts'
import { reservePorts, type PortPlan, type WantedEndpoint } from './port-plan.ts'
import { removeMember } from './segments.ts'
import { endpointKeys, rehearse, sandboxKeys, type StateTransaction, type StateView } from './state-store.ts'
import type { EndpointRecord, NetworkRecord, RecordState, SandboxId, SandboxRecord } from './types.ts'

interface Entry { readonly endpoint: EndpointRecord }

/** A sandbox with its endpoints, as they go through the store together. */
interface Plan<E extends Entry = Entry> { readonly sandbox: SandboxRecord, readonly endpoints: readonly E[] }

interface Wanted { readonly wanted: readonly WantedEndpoint[], readonly reserved: PortPlan }

export class Sandboxes {
  readonly #context: Context
  readonly #networks: Networks

  constructor(context: Context, networks: Networks) {
    this.#context = context
    this.#networks = networks
  }

  async create(spec: SandboxSpec): Promise<Attachment> {
    const { store, executor, ports } = this.#context
    checkEndpointOptions(this.#context, endpointsOf(spec))
    const wanted = await withNetworks(endpointsOf(spec), async ref => refuseForeign(await this.#networks.prepare(ref)))
    const facts = await this.#context.facts()
    const reserved = reservePorts(this.#context, wanted)
    await using undo = new AsyncDisposableStack()
    undo.defer(() => ports.release(reserved.descriptors))
    const plan = store.write(tx => this.#insert(tx, spec, { wanted, reserved }, facts))
    try {
      await executor.create(inOrder(plan))
    } catch (error) {
      // As it was, or a record for recovery; the failure that led here is the one to tell.
      await this.#finishDeletion(store.write(tx => mark(tx, plan, 'deleting', this.#context.owner))).catch(() => undefined)
      throw failureOf(error)
    }
    const ready = store.write(tx => mark(tx, announced(tx, plan, this.#context.clock.now()), 'ready', nobody))
    undo.move()
    return {
      sandbox: ready.sandbox, endpoints: ready.endpoints.map(({ endpoint, network }) => ({ endpoint, network })),
      heldPorts: reserved.descriptors, warnings: warningsOf(ready),
    }
  }

  /** The objects `create` would make, those of a default network that is not there yet included. */
  async plan(spec: SandboxSpec): Promise<readonly KernelObject[]> {
    const { store, ports } = this.#context
    const fresh = new Map<string, NetworkRecord>()
    const wanted = await withNetworks(endpointsOf(spec), async ref => {
      const found = fresh.get(ref) ?? store.read(view => view.networks.find(ref))
      if (found?.state === 'ready') return found
      const rehearsed = await this.#networks.rehearseDefault(ref)
      fresh.set(ref, rehearsed)
      return rehearsed
    })
    const facts = await this.#context.facts()
    const reserved = reservePorts(this.#context, wanted)
    try {
      return rehearse(store, tx => {
        for (const network of fresh.values()) this.#networks.adopt(tx, network)
        return [...[...fresh.values()].flatMap(({ objects }) => objects), ...inOrder(this.#insert(tx, spec, { wanted, reserved }, facts))]
      })
    } finally {
      ports.release(reserved.descriptors)
    }
  }

  /** Removes the sandbox and its endpoints, whatever state they are in; an unknown id is success. */
  async delete(id: SandboxId): Promise<void> {
    const plan = this.#context.store.write(tx => {
      const found = load(tx, id)
      return found === undefined ? undefined : mark(tx, found, 'deleting', this.#context.owner)
    })
    if (plan !== undefined) await this.#finishDeletion(plan)
  }

  /** Removes what a dead process left of a sandbox; `gone` says that a ready one is to go as well. */
  async recover(id: SandboxId, gone: boolean): Promise<void> {
    const plan = this.#context.store.write(tx => {
      const found = load(tx, id)
      if (found === undefined || isBusy(this.#context, found.sandbox)) return undefined
      if (found.sandbox.state === 'ready' && !gone) return undefined
      return mark(tx, found, 'deleting', this.#context.owner)
    })
    if (plan !== undefined) await this.#finishDeletion(plan)
  }

  /** The write is skipped where nothing was kept, which is nearly always. */
  releaseAddresses(id: SandboxId, network?: string): void {
    const { store } = this.#context
    if (store.read(view => view.ipam.listKept(id)).length === 0) return
    store.write(tx => {
      const only = network === undefined ? undefined : tx.networks.find(network)
      if (network === undefined || only !== undefined) releaseKeptAddresses(tx, id, only?.id)
    })
  }

  find(id: SandboxId): SandboxRecord | undefined {
    const sandbox = this.#context.store.read(view => view.sandboxes.get(id))
    return sandbox?.state === 'ready' ? sandbox : undefined
  }

  async #finishDeletion(plan: Plan): Promise<void> {
    const { store, executor } = this.#context
    try {
      await executor.remove(inOrder(plan))
    } catch (error) {
      store.write(tx => mark(tx, plan, 'deleting', nobody))
      throw failureOf(error)
    }
    store.write(tx => forget(tx, plan, this.#context.clock.now()))
  }

  /** Records of the sandbox and its endpoints, state `creating`, addresses taken. */
  #insert(tx: StateTransaction, spec: SandboxSpec, { wanted, reserved }: Wanted, facts: Facts): Plan<PlannedEndpoint> {
    const intent: SandboxIntent = { ...this.#intend(tx, spec), ...reserved.ports.length === 0 ? {} : { ports: reserved.ports } }
    const objects = this.#context.drivers[intent.driver].sandboxObjects(intent)
    const { owner, bootId } = this.#context
    const sandbox: SandboxRecord = { ...intent, state: 'creating', owner, bootId, objects }
    tx.sandboxes.insert(sandboxKeys(sandbox), sandbox)
    for (const { network } of wanted) {
      // Deleted by another process since it was found.
      if (tx.networks.get(network.id)?.state !== 'ready') throw networkNotFound(network.name)
    }
    const gateways = chooseGateways(wanted.map(one => ({ ...one.spec, network: one.network })))
    const prepared = wanted.map((one, i) => ({ ...one, gatewayFor: gateways[i] ?? [] }))
    return { sandbox, endpoints: planEndpoints(this.#context, tx, prepared, { sandbox: intent, facts, taken: [] }) }
  }

  #intend(view: StateView, spec: SandboxSpec): SandboxIntent {
    const identity = { id: spec.id, ...spec.name === undefined ? {} : { name: spec.name } }
    switch (spec.mode) {
      case 'host': return { ...identity, driver: 'host' }
      case 'bridge': return {
        ...identity, driver: 'bridge', netns: this.#context.netnsPath(spec.id),
        ...spec.keepsAddresses === true ? { keepsAddresses: true } : {},
      }
      case 'none': return { ...identity, driver: 'none', netns: this.#context.netnsPath(spec.id) }
      case 'container': {
        const target = view.sandboxes.get(spec.target)
        if (target?.state !== 'ready') {
          throw new TsnetError('sandbox-not-found',
            `join network of ${containerWord(target ?? { id: spec.target })}: it has no sandbox, so it does not run`)
        }
        // A guest of a guest is a guest of the same host: the namespace has one owner.
        const netns = target.netns === undefined ? {} : { netns: target.netns }
        return { ...identity, driver: 'container', sharedWith: target.sharedWith ?? target.id, ...netns }
      }
    }
  }
}

async function withNetworks(
  specs: readonly EndpointSpec[], find: (ref: string) => Promise<NetworkRecord>,
): Promise<readonly WantedEndpoint[]> {
  const wanted: WantedEndpoint[] = []
  for (const spec of specs) wanted.push({ spec, network: await find(spec.network) })
  return wanted
}

function endpointsOf(spec: SandboxSpec): readonly EndpointSpec[] {
  return spec.mode === 'bridge' ? spec.endpoints : []
}

/** The namespace, then all links, then all firewall rules: two groups, however many endpoints there are. */
function inOrder({ sandbox, endpoints }: Plan): readonly KernelObject[] {
  return linksFirst([...sandbox.objects, ...endpoints.flatMap(({ endpoint }) => endpoint.objects)])
}

function warningsOf({ sandbox, endpoints }: Plan<PlannedEndpoint>): readonly string[] {
  const gateways = endpoints.map(({ endpoint, network }) => ({ network, gatewayFor: endpoint.gatewayFor }))
  const name = endpoints[0]?.endpoint.name ?? ''
  return [...unpublishedWarnings(name, sandbox.ports ?? [], gateways), ...endpoints.flatMap(({ warnings }) => warnings)]
}

function load(view: StateView, id: SandboxId): Plan | undefined {
  const sandbox = view.sandboxes.get(id)
  if (sandbox === undefined) return undefined
  return { sandbox, endpoints: view.endpoints.list({ sandbox: id }).map(endpoint => ({ endpoint })) }
}

function mark<E extends Entry>(tx: StateTransaction, plan: Plan<E>, state: RecordState, owner: string): Plan<E> {
  const sandbox: SandboxRecord = { ...plan.sandbox, state, owner }
  const endpoints = plan.endpoints.map(entry => ({ ...entry, endpoint: { ...entry.endpoint, state, owner } }))
  tx.sandboxes.put(sandboxKeys(sandbox), sandbox)
  for (const { endpoint } of endpoints) tx.endpoints.put(endpointKeys(endpoint), endpoint)
  return { sandbox, endpoints }
}

function announced(tx: StateTransaction, plan: Plan<PlannedEndpoint>, time: string): Plan<PlannedEndpoint> {
  return { ...plan, endpoints: plan.endpoints.map(entry => {
    tx.events.append(endpointEvent(time, 'connect', entry.endpoint, entry.network))
    return { ...entry, endpoint: { ...entry.endpoint, announced: true } }
  }) }
}

function forget(tx: StateTransaction, { sandbox, endpoints }: Plan, time: string): void {
  for (const { endpoint } of endpoints) {
    if (endpoint.announced === true) tx.events.append(endpointEvent(time, 'disconnect', endpoint, tx.networks.get(endpoint.networkId)))
    releaseAddresses(tx, endpoint, sandbox.keepsAddresses)
    removeMember(tx, endpoint)
    tx.endpoints.delete(endpoint.id)
  }
  tx.sandboxes.delete(sandbox.id)
}
