/** The firewall as a family of kernel objects: a whole group is one transaction of the backend. */
import { TsnetError } from '../errors/error.ts'
import type { KernelObserver, ObjectFamily } from '../objects/family.ts'
import type { FirewallObject } from '../objects/firewall.ts'
import type { KernelObject } from '../objects/object.ts'
import { forgetFlows } from './conntrack.ts'
import type { Firewall } from './firewall.ts'

export const firewallKinds = ['isolation', 'masquerade', 'publish', 'forward-guard', 'resolver', 'hairpin', 'segment'] as const satisfies readonly FirewallObject['kind'][]

/** `observe` is told of deleted conntrack entries; the backend has its own. */
export function firewallFamily(firewall: Firewall, observe: KernelObserver = () => undefined): ObjectFamily {
  return {
    name: 'firewall',
    kinds: firewallKinds,
    expectPorts: () => firewall.expectPorts?.(),
    prepare: group => firewall.prepare?.(group.map(asFirewallObject)),
    async create(group) {
      const objects = group.map(asFirewallObject)
      await firewall.create(objects)
      try {
        forgetFlows(objects, 'publish', observe)
      } catch (error) {
        await firewall.remove(objects)
        throw error
      }
    },
    async remove(group) {
      const objects = group.map(asFirewallObject)
      const errors: unknown[] = []
      await firewall.remove(objects).catch((error: unknown) => errors.push(error))
      try {
        forgetFlows(objects, 'unpublish', observe)
      } catch (error) {
        errors.push(error)
      }
      if (errors.length > 0) throw new AggregateError(errors.flatMap(error => error instanceof AggregateError ? error.errors : [error]), 'some firewall rules could not be removed')
    },
    async replace(old, fresh) {
      const [gone, come] = [old.map(asFirewallObject), fresh.map(asFirewallObject)]
      await firewall.replace(gone, come)
      forgetFlows(gone, 'unpublish', observe, come)
      forgetFlows(come, 'publish', observe)
    },
    missing: group => firewall.missing(group.map(asFirewallObject)),
    describe: object => firewall.describe(asFirewallObject(object)),
  }
}

export function isFirewallObject(object: KernelObject): object is FirewallObject {
  return firewallKinds.some(kind => kind === object.kind)
}

function asFirewallObject(object: KernelObject): FirewallObject {
  if (isFirewallObject(object)) return object
  throw new TsnetError('internal-error', `hand a group to the firewall: it has an object of kind ${object.kind}`)
}
