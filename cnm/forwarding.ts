/**
 * Forwarding, and who turned it on.
 *
 * Once tsnet has set ip_forward it stays on, so the kernel's value no longer tells whether the host routed before tsnet came.
 * The store remembers, for this boot; and all networks that need the guard have it in their lists, so that the last one takes
 * it along.
 */
import type { Facts } from '../objects/facts.ts'
import type { Family } from '../objects/firewall.ts'
import type { KernelObject } from '../objects/object.ts'
import type { StateTransaction, StateView } from './state-store.ts'
import type { NetworkRecord } from './types.ts'

const key = (family: Family): string => `forwarding-turned-on-v${family}`

/** The facts as they would be without what tsnet itself turned on during this boot. */
export function factsBeforeTsnet(view: StateView, facts: Facts, bootId: string): Facts {
  const own = (family: Family): boolean => view.meta.get(key(family)) === bootId
  return { ...facts, forwarding: { v4: facts.forwarding.v4 && !own(4), v6: facts.forwarding.v6 && !own(6) } }
}

/** Notes that making these objects turns forwarding on; before the kernel is touched. */
export function noteForwarding(tx: StateTransaction, objects: readonly KernelObject[], bootId: string): void {
  for (const object of objects) if (object.kind === 'forward-guard') tx.meta.set(key(object.family), bootId)
}

/** The objects of a network to be removed: without the guard, while another network needs it. */
export function removableObjects(view: StateView, network: NetworkRecord): readonly KernelObject[] {
  return network.objects.filter(object => !isSharedGuard(view, network, object))
}

/** True for a guard that another network has in its list. */
export function isSharedGuard(view: StateView, network: NetworkRecord, object: KernelObject): boolean {
  if (object.kind !== 'forward-guard') return false
  return view.networks.list().some(other => other.id !== network.id && other.state !== 'deleting'
    && other.objects.some(each => each.kind === 'forward-guard' && each.family === object.family))
}
