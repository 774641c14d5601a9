/**
 * IPv6 for containers that have none: the sockets that their shims hold for their published ports are listened on, and what comes is passed on
 * over IPv4. The kernel has no way from one family to the other.
 *
 * The sockets are the shims' own, and stay listening when this process dies: clients wait in their queues for the successor.
 */
import { once } from 'node:events'
import type { Server } from 'node:net'
import { acquireOwnerLock, isOwnerAlive, removeDeadOwners } from '../../kernel/lock.ts'
import { ContainerRecords } from '../../runtime/container/records.ts'
import { shimOf } from '../../runtime/container/observe.ts'
import { borrowIpv6Ports } from '../../runtime/container/shim-ports.ts'
import type { Store } from '../../store/store.ts'
import { timestamp } from '../timestamp.ts'
import { type Target, relay } from './relay.ts'
import { wantedPorts, type WantedPort } from './wanted.ts'

interface Running { readonly server: Server, readonly target: string }

export class Proxies implements AsyncDisposable {
  readonly #store: Store
  readonly #runRoot: string
  readonly #running = new Map<string, Running>()
  #version: number | undefined

  constructor(store: Store, runRoot: string) {
    this.#store = store
    this.#runRoot = runRoot
  }

  /** Listens where it is wanted by now, and no longer where it is not. */
  async sync(): Promise<void> {
    const version = this.#store.version()
    if (version === this.#version) return
    const wanted = this.#store.read(wantedPorts)
    const targets = new Map([...wanted].flatMap(([id, ports]) => ports.map(({ port, target }) => [keyOf(id, port), textOf(target)])))
    for (const [key, { server, target }] of this.#running) {
      if (targets.get(key) === target) continue
      server.close()
      this.#running.delete(key)
    }
    let isComplete = true
    for (const [id, ports] of wanted) {
      const missing = ports.filter(({ port }) => !this.#running.has(keyOf(id, port)))
      if (missing.length > 0 && !await this.#serve(id, missing)) isComplete = false
    }
    // Looked at again as long as something is missing, whether or not anybody writes to the store.
    this.#version = isComplete ? version : undefined
  }

  /** Takes no further connections, and is done when those that are open have ended. */
  async drained(): Promise<void> {
    const servers = [...this.#running.values()].map(({ server }) => server)
    this.#running.clear()
    await Promise.all(servers.map(server => {
      const closed = once(server, 'close')
      server.close()
      return closed
    }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { server } of this.#running.values()) server.close()
    this.#running.clear()
    await Promise.resolve()
  }

  /** False where a port is not to be had yet. Under the container's claim: nobody else changes what its shim holds. */
  async #serve(id: string, ports: readonly WantedPort[]): Promise<boolean> {
    using lock = new OwnLock(this.#runRoot)
    const records = new ContainerRecords(this.#store, lock, timestamp)
    const record = records.find(id)
    if (record === undefined) return true
    // One that is being started, or changed: what its shim holds is not decided.
    if (record.status !== 'running' || records.isBusy(record)) return false
    const claim = await records.claim(id)
    if (claim === undefined) return true
    try {
      const borrowed = borrowIpv6Ports(shimOf(claim.record), new Set(ports.map(({ port }) => port)))
      for (const { port, target } of ports) {
        const fd = borrowed.get(port)
        if (fd !== undefined) this.#running.set(keyOf(id, port), { server: relay(fd, target), target: textOf(target) })
      }
      return borrowed.size === ports.length
    } finally {
      if (claim.wasAtRest) claim.release()
      else claim.abandon()
    }
  }
}

/** A process that claims records must be known to live. */
class OwnLock implements Disposable {
  readonly name: string
  readonly #runRoot: string
  readonly #release: () => void

  constructor(runRoot: string) {
    const lock = acquireOwnerLock(runRoot)
    this.name = lock.name
    this.#runRoot = runRoot
    this.#release = () => lock.release()
  }

  isAlive(name: string): boolean {
    return isOwnerAlive(this.#runRoot, name)
  }

  [Symbol.dispose](): void {
    this.#release()
    removeDeadOwners(this.#runRoot)
  }
}

function keyOf(id: string, port: number): string {
  return `${id} ${port}`
}

function textOf(target: Target): string {
  return JSON.stringify(target)
}
