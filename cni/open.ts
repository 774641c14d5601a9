/**
 * The core for CNI plugins: the same store, kernel and firewall as `openEngine`, without what plugins have no use for, each part opened
 * when it is first needed: a VERSION opens nothing, an IPAM call no netlink socket.
 */
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { AttachmentRecord } from './attachment.ts'
import type { CniCore, CniTransaction, CniView } from './core.ts'
import { Executor } from '../cnm/executor.ts'
import { ChosenFirewall } from '../engine/chosen-firewall.ts'
import { TsnetError } from '../errors/error.ts'
import { requirePrivileges } from '../engine/privileges.ts'
import { findPublisher, publishedBy } from '../engine/published-by.ts'
import { timestamp } from '../engine/timestamp.ts'
import { bootId as readBootId } from '../kernel/boot.ts'
import { openKernel } from '../kernel/kernel.ts'
import { acquireOwnerLock, isOwnerAlive, removeDeadOwners } from '../kernel/lock.ts'
import { linkFamily } from '../kernel/objects/family.ts'
import { sleep } from '../kernel/sleep.ts'
import { LOCK_EX, LOCK_NB, flock } from '../kernel/syscalls/descriptor.ts'
import { firewallFamily } from '../nat/family.ts'
import { PortAllocator } from '../nat/ports/port-allocator.ts'
import type { KernelObserver, ObjectFamily } from '../objects/family.ts'
import type { Roots } from '../runtime/paths.ts'
import { openCniStore } from '../store/cni-store.ts'
import { type ReadTransaction, type Transaction, openStore } from '../store/store.ts'

export interface OpenedCni extends CniCore {
  close(): Promise<void>
}

const lockPauseMs = 2
/** An orchestrator that starts a hundred containers at once waits for minutes. */
const patienceMs = 90_000

export interface CniOptions {
  readonly observer?: KernelObserver
  /** The process ends after one call. What a power cut may take of it, no restart of the machine has left a container for. */
  readonly isOneCall?: boolean
}

/** @throws permission-denied, store-error */
export function openCni({ root, runRoot }: Roots, { observer = () => undefined, isOneCall = false }: CniOptions = {}): OpenedCni {
  requirePrivileges()
  const parts = new AsyncDisposableStack()
  const store = parts.use(openStore(root, { patienceMs, leavesLog: isOneCall }))
  const lock = parts.adopt(acquireOwnerLock(runRoot), held => {
    held.release()
    removeDeadOwners(runRoot)
  })
  const kernel = parts.adopt(openKernel({ observer }), open => open.close())
  const firewall = parts.use(new ChosenFirewall({ store, runRoot, observer, bridges: { summary: () => [] } }))
  const bootId = readBootId()
  let inside: Transaction | undefined
  const ports = new PortAllocator({
    // Ports are bound in the transaction that gives the container its addresses.
    findContainer: (protocol, port) => inside === undefined ? publishedBy(store)(protocol, port) : findPublisher(inside, protocol, port),
  })
  const transaction = (tx: Transaction): CniTransaction =>
    ({ attachments: tx.table<AttachmentRecord>('cni_attachments'), meta: tx.meta, ...openCniStore(tx.connection, bootId) })
  return {
    read: fn => store.read<unknown>(tx => fn(viewOf(tx, bootId))) as ReturnType<typeof fn>,
    write: fn => store.write<unknown>(tx => {
      inside = tx
      try {
        return fn(transaction(tx))
      } finally {
        inside = undefined
      }
    }) as ReturnType<typeof fn>,
    kernel,
    executor: new Executor([linkFamily(kernel), lazyBridgeFilter(observer), firewallFamily(firewall, observer)]),
    ports, firewallBackend: () => firewall.expect(), owner: lock.name, bootId, underWay: new Set(),
    isAlive: owner => isOwnerAlive(runRoot, owner),
    now: timestamp,
    lockShared: () => lockFile(join(runRoot, 'cni.lock')),
    netnsOf: ({ netns }) => netns,
    keepPorts: (_holder, descriptors) => { ports.release(descriptors) },
    releasePorts: () => undefined,
    close: () => parts.disposeAsync(),
  }
}

/** Loaded where a configuration has `macspoofchk`: making its rules ready takes 3 ms of every call. */
function lazyBridgeFilter(observe: KernelObserver): ObjectFamily {
  let loaded: Promise<ObjectFamily> | undefined
  const load = async (): Promise<ObjectFamily> => {
    const [{ bridgeFilterFamily }, { BridgeFilter }] = await Promise.all([import('../nat/bridge/family.ts'), import('../nat/bridge/bridge-filter.ts')])
    return bridgeFilterFamily(new BridgeFilter({ observe }))
  }
  const family = (): Promise<ObjectFamily> => loaded ??= load()
  return {
    name: 'bridge filter', kinds: ['guarded-bridge', 'port-guard'],
    create: async group => (await family()).create(group),
    remove: async group => (await family()).remove(group),
    missing: async group => (await family()).missing(group),
    // Told in errors of CHECK alone, which name the kind by themselves.
    describe: () => [],
  }
}

function viewOf(tx: ReadTransaction, bootId: string): CniView {
  return { attachments: tx.table<AttachmentRecord>('cni_attachments'), meta: tx.meta, ...openCniStore(tx.connection, bootId) }
}

/** Waited for without blocking: the one who has it may be a call of this very process. */
async function lockFile(path: string): Promise<Disposable> {
  const fd = openSync(path, 'a', 0o600)
  try {
    for (let waitedMs = 0; !flock(fd, LOCK_EX | LOCK_NB); waitedMs += lockPauseMs) {
      if (waitedMs >= patienceMs) throw new TsnetError('timeout', `lock "${path}": another process has held it for ${patienceMs / 1000} s`)
      await sleep(lockPauseMs)
    }
    return { [Symbol.dispose]: () => closeSync(fd) }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}
