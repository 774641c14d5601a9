/** The filter on bridges as a family of kernel objects: a group is one batch. */
import { TsnetError } from '../../errors/error.ts'
import type { BridgeFilterObject } from '../../objects/bridge-filter.ts'
import type { ObjectFamily } from '../../objects/family.ts'
import type { KernelObject } from '../../objects/object.ts'
import type { BridgeFilter } from './bridge-filter.ts'

const bridgeFilterKinds = ['guarded-bridge', 'port-guard'] as const satisfies readonly BridgeFilterObject['kind'][]

export function bridgeFilterFamily(filter: BridgeFilter): ObjectFamily {
  return {
    name: 'bridge filter',
    kinds: bridgeFilterKinds,
    create: async group => filter.create(group.map(asOwn)),
    remove: async group => filter.remove(group.map(asOwn)),
    missing: async group => filter.missing(group.map(asOwn)),
    describe: object => filter.describe(asOwn(object)),
  }
}

function asOwn(object: KernelObject): BridgeFilterObject {
  if (object.kind === 'guarded-bridge' || object.kind === 'port-guard') return object
  throw new TsnetError('internal-error', `hand a group to the bridge filter: it has an object of kind ${object.kind}`)
}
