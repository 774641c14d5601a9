/**
 * A controller over the real kernel, as engine/ composes one; the observer sees every changing call, firewall and links alike.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Controller } from '../../../cnm/controller.ts'
import type { Driver } from '../../../cnm/driver.ts'
import { Executor } from '../../../cnm/executor.ts'
import type { SandboxId } from '../../../cnm/types.ts'
import { bridgeDriver } from '../../../drivers/bridge/driver.ts'
import { containerDriver } from '../../../drivers/container/driver.ts'
import { hostDriver } from '../../../drivers/host/driver.ts'
import { noneDriver } from '../../../drivers/none/driver.ts'
import { bootId } from '../../../kernel/boot.ts'
import { dockerTraces, readFacts } from '../../../kernel/facts.ts'
import { openKernel } from '../../../kernel/kernel.ts'
import { acquireOwnerLock, isOwnerAlive } from '../../../kernel/lock.ts'
import { linkFamily } from '../../../kernel/objects/family.ts'
import { openFirewall } from '../../../nat/backend.ts'
import { BridgeFilter } from '../../../nat/bridge/bridge-filter.ts'
import { bridgeFilterFamily } from '../../../nat/bridge/family.ts'
import { firewallFamily } from '../../../nat/family.ts'
import type { BackendName } from '../../../nat/firewall.ts'
import { PortAllocator } from '../../../nat/ports/port-allocator.ts'
import type { KernelObserver } from '../../../objects/family.ts'
import { openStateStore } from '../../../store/cnm-state.ts'
import { openStore } from '../../../store/store.ts'

export interface LabOptions {
  /** How many members a bridge is given; absent: as the driver says. */
  readonly membersPerBridge?: number
  readonly root: string
  readonly runRoot: string
  readonly backend: BackendName
  readonly observer?: KernelObserver
}

export interface Lab extends Disposable { readonly controller: Controller, readonly ports: PortAllocator }

export function openLab({ root, runRoot, backend, membersPerBridge, observer = () => {} }: LabOptions): Lab {
  const stack = new DisposableStack()
  const store = stack.use(openStore(root))
  const kernel = stack.adopt(openKernel({ observer }), open => open.close())
  const lock = stack.adopt(acquireOwnerLock(runRoot), held => held.release())
  const bridges = stack.adopt(new BridgeFilter({ observe: observer }), open => open.close())
  const firewall = stack.adopt(openFirewall(backend, observer), open => open.close())
  const ports = new PortAllocator()
  const controller = new Controller({
    store: openStateStore(store),
    executor: new Executor([
      linkFamily(kernel), bridgeFilterFamily(bridges), firewallFamily(firewall, observer),
    ]),
    drivers: { bridge: withMembers(membersPerBridge), none: noneDriver, host: hostDriver, container: containerDriver },
    // Whether the machine has a Docker must not matter here.
    ports, facts: () => readFacts(kernel, dockerTraces, { dockerInstalled: false }),
    owner: lock.name, isAlive: name => isOwnerAlive(runRoot, name), bootId: bootId(),
    newId, clock: { now: () => new Date().toISOString(), sleep: ms => setTimeout(ms) },
    netnsPath: id => join(runRoot, 'netns', id),
  })
  return { controller, ports, [Symbol.dispose]: () => stack.dispose() }
}

function withMembers(membersPerBridge: number | undefined): Driver {
  const { growth } = bridgeDriver
  return membersPerBridge === undefined || growth === undefined ? bridgeDriver : { ...bridgeDriver, growth: { ...growth, membersPerBridge } }
}

export function newId(): string {
  return randomBytes(32).toString('hex')
}

export function newSandboxId(): SandboxId {
  return newId() as SandboxId
}
