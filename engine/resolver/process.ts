/**
 * `tsnet internal resolve`: the one process of the host that answers for names, from the first container of a user-defined network to the
 * removal of the last such network.
 *
 * It has no protocol of its own: what it has to know stands in the store. Killed at any instant, it loses the questions of that moment; the
 * next command starts another one.
 */
import { existsSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Announcement, type Instance, becomeInstance } from '../../dns/instance.ts'
import { Listeners } from '../../dns/listeners.ts'
import { systemClock } from '../../dns/forward/clock.ts'
import { exchange } from '../../dns/forward/exchange.ts'
import { Forwarder } from '../../dns/forward/forwarder.ts'
import { Resolver } from '../../dns/resolver.ts'
import { parseCgroupLayout } from '../../runtime/cgroups/layout.ts'
import { openCgroups } from '../../runtime/cgroups/manager.ts'
import type { Roots } from '../../runtime/paths.ts'
import { openStore } from '../../store/store.ts'
import { HostServers } from './host-servers.ts'
import { resolverLog } from './log.ts'
import { StoredNames } from './stored-names.ts'

/** How often addresses that could not be listened on are tried again, and a store that was taken away is noticed. */
const lookMs = 500

/** Ends when no network is left that has names, or another process is at it. */
export async function runResolver(roots: Roots): Promise<void> {
  leaveCallersCgroups()
  for (let again = true; again;) {
    const instance = await becomeInstance(roots.runRoot)
    again = instance !== undefined && await serve(roots, instance)
  }
}

/** True where a network has come while the last one went: somebody may have seen us and relied on it. */
async function serve(roots: Roots, instance: Instance): Promise<boolean> {
  const isThere = (): number | undefined => statSync(join(roots.root, 'tsnet.db'), { throwIfNoEntry: false })?.ino
  const inode = isThere()
  const end = (): void => {
    instance.remove()
    rmSync(resolverLog(roots.runRoot), { force: true })
  }
  if (inode === undefined) {
    end()
    return false
  }
  using store = openStore(roots.root)
  const names = new StoredNames(store)
  const servers = new HostServers(systemClock)
  const resolver = new Resolver({
    directory: () => names.directory, hostServers: () => servers.get(), forwarder: new Forwarder(exchange, systemClock),
  })
  await using listeners = new Listeners((message, client) => resolver.resolve(message, client))
  using changes = new Changes(roots.root)
  let said = ''
  while (isThere() === inode && names.places.length > 0) {
    const changed = changes.next(lookMs)
    await listeners.sync(names.places)
    const announcement: Announcement = { pid: process.pid, ...listeners.report }
    const text = JSON.stringify(announcement)
    if (text !== said) instance.announce(announcement)
    said = text
    await changed
  }
  end()
  return isThere() === inode && names.places.length > 0
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

/** To where shims go: it outlives the session, the service or the job that it was started in. A host that does not let it stays as it is. */
function leaveCallersCgroups(): void {
  const { v1, v2 } = openCgroups(parseCgroupLayout(readFileSync('/proc/self/mountinfo', 'utf8'))).shimDirectories()
  for (const folder of v2 === undefined ? v1 : [...v1, v2]) {
    const file = join(folder, 'cgroup.procs')
    if (!existsSync(file)) continue
    try {
      writeFileSync(file, '0')
    } catch {
      // EROFS and EACCES: then the caller's groups are ours as well.
    }
  }
}
