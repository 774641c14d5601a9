/**
 * The composition root: opens the store, the kernel and the firewall, and builds the core that every door is given.
 *
 * Nothing else in tsnet constructs these parts. Opening finishes first what dead processes left behind, which costs two index
 * look-ups where there is nothing.
 */
import { readFileSync } from 'node:fs'
import { availableParallelism, hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../cnm/context.ts'
import { Controller } from '../cnm/controller.ts'
import type { NetworkController } from '../cnm/controller-api.ts'
import type { StoredEvent } from '../cnm/events.ts'
import { Executor } from '../cnm/executor.ts'
import type { ForeignRuntime } from '../cnm/foreign-api.ts'
import type { ForeignHost } from '../cnm/foreign-endpoints.ts'
import { Foreigners } from '../cnm/foreign-runtime.ts'
import { bridgeDriver } from '../drivers/bridge/driver.ts'
import { containerDriver } from '../drivers/container/driver.ts'
import { hostDriver } from '../drivers/host/driver.ts'
import { noneDriver } from '../drivers/none/driver.ts'
import { bootId } from '../kernel/boot.ts'
import { realTime } from '../kernel/clock.ts'
import { readBridgeNetfilter, dockerTraces, readFacts } from '../kernel/facts.ts'
import { type Kernel, openKernel } from '../kernel/kernel.ts'
import { acquireOwnerLock, isOwnerAlive, removeDeadOwners } from '../kernel/lock.ts'
import { linkFamily } from '../kernel/objects/family.ts'
import { randomHex } from '../kernel/random.ts'
import { BridgeFilter } from '../nat/bridge/bridge-filter.ts'
import { bridgeFilterFamily } from '../nat/bridge/family.ts'
import { firewallFamily } from '../nat/family.ts'
import { NftKernel } from '../nat/nftables/kernel.ts'
import { countRuleChanges } from '../nat/rule-changes.ts'
import { OwnChanges } from '../nat/own-changes.ts'
import { PortAllocator } from '../nat/ports/port-allocator.ts'
import type { Facts } from '../objects/facts.ts'
import type { KernelObserver } from '../objects/family.ts'
import { openCgroups } from '../runtime/cgroups/manager.ts'
import { parseCgroupLayout } from '../runtime/cgroups/layout.ts'
import { createContainerService } from '../runtime/container/service.ts'
import type { ContainerService } from '../runtime/container-service-api.ts'
import type { Roots } from '../runtime/paths.ts'
import { VolumeStore } from '../runtime/volumes/volume-store.ts'
import { openStateStore } from '../store/cnm-state.ts'
import { openStore } from '../store/store.ts'
import type { Topology } from '../topology/model.ts'
import { ChosenFirewall } from './chosen-firewall.ts'
import { containerDependencies } from './container-dependencies.ts'
import { type EventQuery, followEvents } from './events.ts'
import { type EngineImages, openImages } from './images.ts'
import { requirePrivileges } from './privileges.ts'
import { NamedController } from './resolver/controller.ts'
import { freeResolverPort } from './resolver/port.ts'
import { NameService } from './resolver/service.ts'
import type { TopologyQuery } from './observe-topology.ts'
import { timestamp } from './timestamp.ts'
import { publishedBy } from './published-by.ts'

export interface EngineOptions {
  /** State that outlives a reboot; absolute. */
  readonly root: string
  /** State that does not; absolute. */
  readonly runRoot: string
  /** argv of the command line, for what it starts by itself; absent: networks get no resolver. */
  readonly program?: readonly string[]
  /** Told, in a sentence, what recovery could not finish: it is tried again next time, and stops nobody's work. */
  readonly warn?: (line: string) => void
  /** Told of every call that changes the kernel, before it is made. */
  readonly observer?: KernelObserver
}

export interface Engine {
  readonly roots: Roots
  readonly controller: NetworkController
  /** For the doors of other container runtimes. */
  readonly foreign: ForeignRuntime
  readonly containers: ContainerService
  readonly images: EngineImages
  readonly volumes: VolumeStore
  readonly firewall: ChosenFirewall
  /** A picture of the networks, or of those named, with what the kernel has of them and has counted. @throws network-not-found */
  topology(query?: TopologyQuery): Promise<Topology>
  /** What happened, and what happens from now on; ends with the query's time, or when the caller leaves. */
  events(query: EventQuery): AsyncIterable<StoredEvent>
  /** Writes an event for every route that comes to overlap a network, until it is disposed of. */
  watchRoutes(): Promise<Disposable>
  /** `ruleChanges` grows with every change that anybody makes to any rule; undefined where the kernel does not count them. */
  readonly host: { facts(): Facts, readonly cgroupMode: string, ruleChanges(): number | undefined }
  close(): Promise<void>
}

/** @throws permission-denied, store-error */
export async function openEngine({ root, runRoot, program, observer: trace, warn = () => undefined }: EngineOptions): Promise<Engine> {
  const observer = trace ?? (() => undefined)
  requirePrivileges()
  await using opened = new AsyncDisposableStack()
  const store = opened.use(openStore(root))
  const lock = opened.adopt(acquireOwnerLock(runRoot), held => {
    held.release()
    removeDeadOwners(runRoot)
  })
  const kernel = opened.adopt(openKernel({ observer }), open => open.close())
  const ownChanges = new OwnChanges()
  const nft = new NftKernel(observer, ownChanges)
  const bridges = opened.adopt(new BridgeFilter({ observe: observer, kernel: nft, warn: line => warn(`warning: ${line}`) }), open => open.close())
  const firewall = opened.use(new ChosenFirewall({ store, runRoot, observer, ownChanges, bridges }))
  const identity = { owner: lock.name, bootId: bootId(), isAlive: (owner: string) => isOwnerAlive(runRoot, owner) }
  const context: Context = {
    ...identity,
    store: openStateStore(store),
    executor: new Executor([linkFamily(kernel), bridgeFilterFamily(bridges), firewallFamily(firewall, observer)]),
    drivers: { bridge: bridgeDriver, none: noneDriver, host: hostDriver, container: containerDriver },
    ports: new PortAllocator({ findContainer: publishedBy(store) }),
    facts: () => readFacts(kernel, dockerTraces, program === undefined ? {} : resolverFact()),
    newId: () => randomHex(32),
    clock: { now: timestamp, sleep: ms => sleep(ms) },
    netnsPath: id => join(runRoot, 'netns', id),
  }
  const roots = { root, runRoot }
  const cgroups = openCgroups(parseCgroupLayout(readFileSync('/proc/self/mountinfo', 'utf8')))
  const names = program === undefined ? undefined : new NameService(roots, program, () => cgroups.shimDirectories())
  const controller = names === undefined ? new Controller(context) : new NamedController(context, names)
  const foreign = opened.adopt(new Foreigners(context, foreignHost(kernel)), one => one.close())
  const images = openImages(store, root)
  const volumes = new VolumeStore(store, root)
  const containers = createContainerService(containerDependencies({
    roots, store, networks: controller, images: images.store, volumes, cgroups, owner: { name: lock.name, isAlive: identity.isAlive },
    bootId: identity.bootId, hostname, hasResolver: names !== undefined, processors: availableParallelism(), now: timestamp,
    ...trace === undefined ? {} : { trace },
  }))
  await recoverAll([containers, controller, foreign], warn)
  names?.startAgain()
  const parts = opened.move()
  const host = { facts: () => readFacts(kernel), cgroupMode: cgroups.mode, ruleChanges: () => countRuleChanges(nft) }
  const topology = async (query?: TopologyQuery): Promise<Topology> => {
    const { observeTopology } = await import('./observe-topology.ts')
    return observeTopology({ controller, containers, foreign, firewall, kernel, hostname, now: timestamp }, query)
  }
  const watchRoutes = async (): Promise<Disposable> => new (await import('./overlap-watch.ts')).OverlapWatch(store)
  const events = (query: EventQuery): AsyncIterable<StoredEvent> => followEvents(store, root, query)
  return { roots, controller, foreign, containers, images, volumes, firewall, host, topology, events, watchRoutes, close: () => parts.disposeAsync() }
}

function foreignHost(kernel: Kernel): ForeignHost {
  return {
    now: () => Number(realTime() / 1_000_000n),
    facts: () => ({ bridgeNetfilter: readBridgeNetfilter() }),
    hasLink: name => kernel.rtnetlink().findIndex(name) !== undefined,
  }
}

function resolverFact(): Pick<Facts, 'resolverPort'> {
  const resolverPort = freeResolverPort()
  return resolverPort === undefined ? {} : { resolverPort }
}

async function recoverAll(parts: readonly { recover(): Promise<void> }[], warn: (line: string) => void): Promise<void> {
  for (const part of parts) {
    try {
      await part.recover()
    } catch (error) {
      const reasons = error instanceof AggregateError ? error.errors : [error]
      for (const reason of reasons) warn(`warning: ${reason instanceof Error ? reason.message : String(reason)}`)
    }
  }
}
