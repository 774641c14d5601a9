/**
 * `tsnet internal resolve`: the one process of the host that answers for names, and for IPv6 clients of containers without IPv6, from the first container of a user-defined network to the
 * removal of the last such network.
 *
 * It has no protocol of its own: what it has to know stands in the store. A watcher starts it again when it dies (runtime/init/watcher.ts),
 * and has its lock and its sockets: questions that come meanwhile wait for the successor.
 */
import { closeSync, fstatSync, ftruncateSync, rmSync, statSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Announcement, type Instance, inheritedInstance } from '../../dns/instance.ts'
import { Listeners } from '../../dns/listeners.ts'
import { systemClock } from '../../dns/forward/clock.ts'
import { exchange } from '../../dns/forward/exchange.ts'
import { Forwarder } from '../../dns/forward/forwarder.ts'
import { Resolver } from '../../dns/resolver.ts'
import { Vault } from '../../dns/vault.ts'
import { TsnetError } from '../../errors/error.ts'
import type { Roots } from '../../runtime/paths.ts'
import { openStore } from '../../store/store.ts'
import { OverlapWatch } from '../overlap-watch.ts'
import { Proxies } from '../proxy/proxies.ts'
import { HostServers } from './host-servers.ts'
import { resolverLog } from './log.ts'
import { StoredNames } from './stored-names.ts'
import { Succession } from './succession.ts'

/** How often addresses that could not be listened on are tried again, and a store that was taken away is noticed. */
const lookMs = 500
/** Of the log; what a resolver said that fails again and again. */
const maxLogBytes = 1 << 20
/** While a successor starts. */
const successorLookMs = 20
/** For answers of others that are still to come: longer than a question is theirs. */
const partingMs = 5000
const partingLookMs = 5

/** What service.ts hands over, from descriptor 3 on. */
const descriptors = { log: 2, lock: 3, vault: [4, 5] } as const

/** Ends when no network is left that has names. @throws invalid-argument when a person calls it */
export async function runResolver(roots: Roots): Promise<void> {
  const instance = inheritedInstance(roots.runRoot, descriptors.lock)
  if (instance === undefined) throw new TsnetError('invalid-argument', 'tsnet internal resolve: it is started by tsnet itself, with the first network that needs it')
  // As messages about a taken port have it.
  writeFileSync('/proc/self/comm', 'tsnet-resolver')
  if (fstatSync(descriptors.log).size > maxLogBytes) ftruncateSync(descriptors.log)
  if (await serve(roots, instance) === 'succeeded' || !instance.isThere()) return
  // The lock last: whoever finds none starts another resolver, which has a log of its own.
  rmSync(resolverLog(roots.runRoot), { force: true })
  instance.remove()
}

async function serve(roots: Roots, instance: Instance): Promise<'ended' | 'succeeded'> {
  const isThere = (): number | undefined => statSync(join(roots.root, 'tsnet.db'), { throwIfNoEntry: false })?.ino
  const inode = isThere()
  if (inode === undefined) return 'ended'
  using store = openStore(roots.root)
  const names = new StoredNames(store)
  const servers = new HostServers(systemClock)
  const forwarder = new Forwarder(exchange, systemClock)
  const resolver = new Resolver({ directory: () => names.directory, hostServers: () => servers.get(), forwarder })
  await using listeners = new Listeners((message, client) => resolver.resolve(message, client), new Vault(descriptors.vault))
  await using proxies = new Proxies(store, roots.runRoot)
  using changes = new Changes(roots.root)
  using _overlaps = new OverlapWatch(store)
  const succession = new Succession(roots.runRoot, [descriptors.lock, ...descriptors.vault])
  let said = ''
  while (isThere() === inode && instance.isThere() && names.places.length > 0) {
    succession.look()
    if (said !== '' && succession.isDone()) {
      await part({ forwarder, listeners, proxies })
      return 'succeeded'
    }
    const changed = changes.next(succession.isUnderWay ? successorLookMs : lookMs)
    const began = performance.now()
    await listeners.sync(names.places)
    await proxies.sync()
    const announcement: Announcement = { pid: process.pid, ...listeners.report }
    const text = JSON.stringify(announcement)
    if (text !== said && !succession.isUnderWay) instance.announce(announcement)
    said = text
    // With thousands of networks a look takes long; while they are made, one after the other, it shall not keep a processor busy.
    await sleep(Math.min(performance.now() - began, lookMs))
    await changed
  }
  return 'ended'
}

interface Parts { readonly forwarder: Forwarder, readonly listeners: Listeners, readonly proxies: Proxies }

/** Leaves all to the successor but what is under way here. */
async function part({ forwarder, listeners, proxies }: Parts): Promise<void> {
  for (const deadline = performance.now() + partingMs; !forwarder.isIdle && performance.now() < deadline;) await sleep(partingLookMs)
  await listeners.leave()
  // Connections may last; nobody shall wait for them who waits for the end of the resolver.
  for (const fd of [descriptors.lock, ...descriptors.vault]) closeSync(fd)
  await proxies.drained()
}

/** Tells that a file of the store was written to. */
class Changes implements Disposable {
  readonly #watcher
  #wake: () => void = () => undefined

  constructor(root: string) {
    this.#watcher = watch(root, () => this.#wake())
    this.#watcher.on('error', () => undefined)
  }

  /** Fulfilled by the next change, or after `ms`. */
  next(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    this.#wake = () => {
      clearTimeout(timer)
      resolve()
    }
    return promise
  }

  [Symbol.dispose](): void {
    this.#watcher.close()
  }
}
