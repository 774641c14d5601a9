/**
 * Making again the rules that another program has removed from the kernel (`iptables -F`, a firewall that starts anew), of all attachments at
 * once. Links are not made again: a container whose interface is gone has its DEL to come.
 */
import { isFirewallObject } from '../nat/family.ts'
import type { KernelObject } from '../objects/object.ts'
import type { Roots } from '../runtime/paths.ts'
import { findAttachment, inOrder, isGuard } from './attachments.ts'
import type { CniCore } from './core.ts'
import { openCni } from './open.ts'

/** @throws permission-denied, store-error, firewall-error */
export async function repairCni(roots: Roots): Promise<void> {
  await using core = disposable(openCni(roots))
  await repairAttachments(core)
}

export async function repairAttachments(core: CniCore): Promise<void> {
  const records = core.read(tx => tx.attachments.list({ state: 'ready' })).filter(({ bootId }) => bootId === core.bootId)
  if (records.length === 0) return
  // Under the lock that those have who make and remove what is shared.
  using _lock = await core.lockShared()
  const shared = [...new Map(records.flatMap(record => record.shared).map(object => [JSON.stringify(object), object])).entries()]
    .filter(([text]) => core.read(tx => tx.shared.isMade(text))).map(([, object]) => object)
  await core.executor.create(inOrder(await missingRules(core, shared)))
  const missing = new Set(await missingRules(core, records.flatMap(({ objects }) => objects)))
  await core.executor.create(inOrder([...missing]))
  // Whoever removed an attachment meanwhile did not know of what was made here.
  const gone = records.filter(({ id, created }) => {
    const now = findAttachment(core, id)
    return now?.state !== 'ready' || now.created !== created
  })
  await core.executor.remove(inOrder(gone.flatMap(({ objects }) => objects).filter(object => missing.has(object))))
}

async function missingRules(core: CniCore, objects: readonly KernelObject[]): Promise<readonly KernelObject[]> {
  return await core.executor.missing(inOrder(objects.filter(object => isGuard(object) || isFirewallObject(object))))
}

function disposable<T extends { close(): Promise<void> }>(opened: T): T & AsyncDisposable {
  return Object.assign(opened, { [Symbol.asyncDispose]: () => opened.close() })
}
