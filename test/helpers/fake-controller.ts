/** Controllers over one store and one fake kernel: each `process()` is one more process on the same host, which can die. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { Controller } from '../../cnm/controller.ts'
import type { Context } from '../../cnm/context.ts'
import { Executor } from '../../cnm/executor.ts'
import type { PortReserver } from '../../cnm/ports.ts'
import type { SandboxId } from '../../cnm/types.ts'
import { bridgeDriver } from '../../drivers/bridge/driver.ts'
import { containerDriver } from '../../drivers/container/driver.ts'
import { hostDriver } from '../../drivers/host/driver.ts'
import { noneDriver } from '../../drivers/none/driver.ts'
import { TsnetError } from '../../errors/error.ts'
import type { Facts } from '../../objects/facts.ts'
import { openStateStore } from '../../store/cnm-state.ts'
import { openStore, type Store } from '../../store/store.ts'
import { FakeKernel } from './fake-kernel.ts'

/** Ports of one host: a set of what is taken; descriptors are numbers that nothing is behind. */
export class FakePorts implements PortReserver {
  readonly taken = new Map<number, string>()
  #next = 1000
  reserve: PortReserver['reserve'] = (requests, families) => {
    const bindings = requests.map(({ protocol, hostIp, host, container }) =>
      ({ protocol, host: host ?? { first: 32_768, last: 32_768 }, container, ...hostIp === undefined ? {} : { hostIp } }))
    const keys = bindings.map(({ protocol, host }) => `${protocol}/${host.first}/${families.join('')}`)
    const taken = keys.findIndex(key => [...this.taken.values()].includes(key))
    if (taken >= 0) throw new TsnetError('port-in-use', `reserve port ${bindings[taken]?.host.first}: taken`)
    const descriptors = keys.map(key => {
      this.taken.set(++this.#next, key)
      return this.#next
    })
    return { bindings, descriptors }
  }
  release: PortReserver['release'] = descriptors => { for (const descriptor of descriptors) this.taken.delete(descriptor) }
}

export class Lab {
  readonly kernel = new FakeKernel()
  readonly ports = new FakePorts()
  readonly store: Store
  readonly alive = new Set<string>()
  facts: Facts = {
    defaultRouteMtu: 1500, forwarding: { v4: true, v6: true }, bridgeNetfilter: { v4: false, v6: false }, ipv6: true,
    links: ['lo', 'eth0'], routes: { 4: [{ cidr: '192.0.2.0/24', dev: 'eth0' }], 6: [] }, dockerInstalled: false,
  }
  bootId = 'boot-1'
  #processes = 0

  constructor(t: ExecutionContext) {
    const root = mkdtempSync(join(tmpdir(), 'tsnet-cnm-'))
    this.store = openStore(root)
    t.teardown(() => {
      this.store.close()
      rmSync(root, { recursive: true })
    })
  }

  /** A controller of its own owner. */
  process(changes: Partial<Context> = {}): Controller & { readonly owner: string } {
    const context = this.context(changes)
    return Object.assign(new Controller(context), { owner: context.owner })
  }

  /** What a process of its own owner gives its parts. */
  context(changes: Partial<Context> = {}): Context {
    const owner = `p${++this.#processes}`
    this.alive.add(owner)
    return {
      store: openStateStore(this.store), executor: new Executor(this.kernel.families),
      drivers: { bridge: bridgeDriver, none: noneDriver, host: hostDriver, container: containerDriver },
      ports: this.ports, facts: () => this.facts, owner, isAlive: name => this.alive.has(name), bootId: this.bootId,
      newId: () => randomBytes(32).toString('hex'),
      clock: { now: () => '2026-01-01T00:00:00.000000000Z', sleep: ms => new Promise(resolve => { setTimeout(resolve, ms) }) },
      netnsPath: id => `/run/tsnet/netns/${id}`, ...changes,
    }
  }

  /** Rows of the store, but for values that are remembered on purpose. */
  rows(): Readonly<Record<string, number>> {
    return this.store.read(tx => Object.fromEntries(['networks', 'sandboxes', 'endpoints', 'ipam_leases', 'ipam_blocks',
      'ipam_cursors'].map(table =>
      [table, Number(tx.connection.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'])])))
  }

  /** Leases that somebody has. */
  leases(): number {
    return this.store.read(tx =>
      Number(tx.connection.prepare('SELECT count(*) AS n FROM ipam_leases WHERE released IS NULL').get()?.['n']))
  }
}

export function sandboxId(): SandboxId {
  return randomBytes(32).toString('hex') as SandboxId
}
