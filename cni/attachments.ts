/**
 * The life of an attachment: intent first, then the kernel, then `ready`; and back.
 *
 * Whoever finds a record whose worker died finishes the removal. Objects that several attachments share (the masquerade of a
 * network) are made with the first and removed with the last of them, both under one lock; while others hold them no lock is taken.
 */
import { parseIp } from '../address/ip.ts'
import { failureOf } from '../cnm/executor.ts'
import { sleep } from '../kernel/sleep.ts'
import { isFirewallObject } from '../nat/family.ts'
import type { KernelObject } from '../objects/object.ts'
import { type AttachmentRecord, hostSide, leaseHolder } from './attachment.ts'
import type { CniCore, CniTransaction } from './core.ts'
import { cniCodes, cniError } from './error.ts'
import { forgetLeaseFile } from './ipam/lease-files.ts'
import type { CniResult } from './result.ts'

const nobody = ''
const bootKey = 'cni-boot'
/** For another call's work on the same attachment. */
const [pauseMs, patienceMs] = [5, 10_000]

/** A record to be, from inside the transaction that keeps its addresses, and its objects as this process reaches them. */
export interface PlannedAttachment {
  readonly record: Omit<AttachmentRecord, 'state' | 'owner' | 'bootId' | 'created' | 'objects' | 'result'>
  readonly objects: readonly KernelObject[]
}

export interface CreateSteps {
  /**
   * What was there of this attachment before the caller looked for its interface: it is replaced; what has come since is another call's.
   * Absent: what is there is replaced.
   */
  readonly seen?: { readonly earlier: AttachmentRecord | undefined }
  readonly plan: (tx: CniTransaction) => PlannedAttachment
  /** What the objects stand on and others use as well; what it gives takes it back. */
  readonly prepare?: () => Promise<() => Promise<void>>
  /** The result, once the kernel has everything. */
  readonly finish: () => CniResult
}

/** Makes what `plan` says, or nothing. */
export async function createAttachment(core: CniCore, id: string, { seen, plan, prepare, finish }: CreateSteps): Promise<CniResult> {
  await removeLeftover(core, id, seen)
  const { record, objects } = core.write(tx => {
    if (tx.attachments.get(id) !== undefined) throw atWork(id)
    const planned = plan(tx)
    return { record: insert(core, tx, planned), objects: planned.objects }
  })
  core.underWay.add(id)
  let undo: (() => Promise<void>) | undefined
  try {
    undo = await prepare?.()
    await make(core, record, objects)
    const result = finish()
    core.write(tx => put(tx, { ...record, state: 'ready', owner: nobody, result }))
    return result
  } catch (error) {
    // As it was, or a record for recovery; the failure that led here is the one to tell.
    await finishRemoval(core, { ...record, state: 'deleting' }).catch(() => undefined)
    await undo?.().catch(() => undefined)
    throw failureOf(error)
  } finally {
    core.underWay.delete(id)
  }
}

/**
 * Removes an attachment, whatever state it is in, if `isToGo` takes it; true where there was one. A call that is still at work on it is waited for: an
 * orchestrator that has lost patience and killed the client of an ADD sends its DEL while the server makes what is to go.
 *
 * @throws what could not be removed, the record stays then; code 11 where the other call does not end
 */
export async function removeAttachment(
  core: CniCore, id: string, isToGo: (record: AttachmentRecord) => boolean = () => true,
): Promise<boolean> {
  const record = await takeForRemoval(core, id, isToGo)
  if (record === undefined) return false
  core.underWay.add(id)
  try {
    await finishRemoval(core, record)
  } finally {
    core.underWay.delete(id)
  }
  return true
}

async function takeForRemoval(core: CniCore, id: string, isToGo: (record: AttachmentRecord) => boolean): Promise<AttachmentRecord | undefined> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += pauseMs) {
    const taken = core.write(tx => {
      const found = tx.attachments.get(id)
      if (found === undefined || !isToGo(found)) return undefined
      return isBusy(core, found) ? 'busy' : put(tx, { ...found, state: 'deleting', owner: core.owner })
    })
    if (taken !== 'busy') return taken
    await sleep(pauseMs)
  }
  throw atWork(id)
}

/** Finishes what dead processes began, and forgets what was of an earlier boot. A few index look-ups where there is nothing. */
export async function recoverAttachments(core: CniCore): Promise<void> {
  const { isNewBoot, unfinished, unheld } = core.read(tx => ({
    isNewBoot: tx.meta.get(bootKey) !== core.bootId,
    unfinished: ['creating', 'deleting'].flatMap(state => tx.attachments.list({ state })).filter(record => !isBusy(core, record)),
    unheld: tx.shared.listUnheld(),
  }))
  if (isNewBoot) core.write(tx => forgetOldBoots(core, tx))
  for (const { id, bootId } of unfinished) {
    // Asked again in the transaction: its owner may have finished, and then ended.
    if (bootId === core.bootId) await removeAttachment(core, id, now => now.state !== 'ready' && !isBusy(core, now))
  }
  if (unheld.length > 0 && !isNewBoot) await sweepShared(core)
}

export function isBusy(core: CniCore, { id, state, owner }: AttachmentRecord): boolean {
  return state !== 'ready' && owner !== nobody && (owner === core.owner ? core.underWay.has(id) : core.isAlive(owner))
}

/** Another call may be at work on it, or have finished just now. A ready one of before is replaced: its interface is gone, as the caller has seen. */
async function removeLeftover(core: CniCore, id: string, seen: CreateSteps['seen']): Promise<void> {
  const found = findAttachment(core, id)
  if (found === undefined) return
  if (isBusy(core, found) || (found.state === 'ready' && seen !== undefined && found.created !== seen.earlier?.created)) throw atWork(id)
  await removeAttachment(core, id)
}

export function findAttachment(core: CniCore, id: string): AttachmentRecord | undefined {
  return core.read(tx => tx.attachments.get(id))
}

function atWork(id: string): Error {
  return cniError(cniCodes.tryAgainLater, `another call is at work on the attachment ${id}`)
}

function insert(core: CniCore, tx: CniTransaction, { record, objects }: PlannedAttachment): AttachmentRecord {
  for (const port of record.hostPorts) tx.ports.put(port, record.id)
  for (const object of record.shared) tx.shared.addHolder(JSON.stringify(object), record.id)
  const created: AttachmentRecord = {
    ...record, state: 'creating', owner: core.owner, bootId: core.bootId, created: core.now(),
    ...core.askedBy === undefined ? {} : { askedBy: core.askedBy },
    objects: objects.map(object => 'netns' in object && object.netns !== undefined ? { ...object, netns: record.netns } : object),
  }
  tx.attachments.insert(keysOf(created), created)
  return created
}

async function make(core: CniCore, { shared }: AttachmentRecord, objects: readonly KernelObject[]): Promise<void> {
  const isMissing = (object: KernelObject): boolean => !core.read(tx => tx.shared.isMade(JSON.stringify(object)))
  if (!shared.some(isMissing)) return core.executor.create(inOrder(objects))
  using _lock = await core.lockShared()
  const missing = shared.filter(isMissing)
  await core.executor.create(inOrder([...missing, ...objects]))
  core.write(tx => { for (const object of missing) tx.shared.setMade(JSON.stringify(object), true) })
}

async function finishRemoval(core: CniCore, record: AttachmentRecord): Promise<void> {
  const own = hostSide(record.objects)
  try {
    if (record.shared.some(object => isHeldAlone(core, record, object))) {
      using _lock = await core.lockShared()
      const last = core.write(tx => {
        tx.shared.removeHolder(record.id)
        const unheld = record.shared.filter(object => !tx.shared.hasHolders(JSON.stringify(object)))
        for (const object of unheld) tx.shared.setMade(JSON.stringify(object), false)
        return unheld
      })
      await core.executor.remove(inOrder([...last, ...own]))
    } else await core.executor.remove(inOrder(own))
  } catch (error) {
    core.write(tx => put(tx, { ...record, state: 'deleting', owner: nobody }))
    throw failureOf(error)
  }
  core.releasePorts(record.id)
  const unheld = core.write(tx => forget(tx, record))
  if (unheld) await sweepShared(core)
}

function isHeldAlone(core: CniCore, record: AttachmentRecord, object: KernelObject): boolean {
  return core.read(tx => tx.shared.isHeldOnlyBy(JSON.stringify(object), record.id))
}

/** True where it was the last holder of something, which two that ended at once each thought the other was. */
function forget(tx: CniTransaction, record: AttachmentRecord): boolean {
  for (const pool of record.pools) releaseLeases(tx, pool, leaseHolder(record))
  tx.ports.deleteOf(record.id)
  tx.attachments.delete(record.id)
  return tx.shared.removeHolder(record.id).some(object => tx.shared.isMade(object))
}

/** Gives back all addresses that a holder has of a pool. */
export function releaseLeases(tx: CniTransaction, pool: string, holder: string): void {
  for (const lease of tx.leases.list(pool, holder)) {
    tx.leases.delete(pool, lease.address, parseIp(lease.address).value)
    if (lease.file !== undefined) forgetLeaseFile(lease.file)
  }
}

async function sweepShared(core: CniCore): Promise<void> {
  using _lock = await core.lockShared()
  const unheld = core.write(tx => {
    const objects = tx.shared.listUnheld()
    for (const object of objects) tx.shared.setMade(object, false)
    return objects
  })
  try {
    await core.executor.remove(unheld.map(object => JSON.parse(object) as KernelObject))
  } catch (error) {
    core.write(tx => { for (const object of unheld) tx.shared.setMade(object, true) })
    throw error
  }
}

/** The kernel that had the interfaces and rules is gone: so are the addresses and ports. */
function forgetOldBoots(core: CniCore, tx: CniTransaction): void {
  for (const record of tx.attachments.list()) if (record.bootId !== core.bootId) tx.attachments.delete(record.id)
  tx.leases.deleteOldBoots()
  tx.ports.deleteAll()
  tx.shared.deleteAll()
  tx.meta.set(bootKey, core.bootId)
}

function put(tx: CniTransaction, record: AttachmentRecord): AttachmentRecord {
  tx.attachments.put(keysOf(record), record)
  return record
}

/** A port's guard before the port; three groups at most, and so one transaction of the firewall. */
export function inOrder(objects: readonly KernelObject[]): readonly KernelObject[] {
  const links = objects.filter(object => !isGuard(object) && !isFirewallObject(object))
  return [...objects.filter(isGuard), ...links, ...objects.filter(isFirewallObject)]
}

export function isGuard({ kind }: KernelObject): boolean {
  return kind === 'guarded-bridge' || kind === 'port-guard'
}

function keysOf({ id, network, containerId, state, owner }: AttachmentRecord) {
  return { id, parent: network, sandbox: containerId, state, owner }
}
