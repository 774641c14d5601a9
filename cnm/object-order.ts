/** In which order objects of several endpoints go to the executor. Pure. */
import type { KernelObject } from '../objects/object.ts'

/**
 * Guards of ports, then links, then firewall rules: three groups, however many endpoints they come from. A port is never there without its
 * guard, nor a rule without what it leads to.
 */
export function linksFirst(objects: readonly KernelObject[]): readonly KernelObject[] {
  return ([0, 1, 2] as const).flatMap(place => objects.filter(object => placeOf(object) === place))
}

function placeOf({ kind }: KernelObject): 0 | 1 | 2 {
  if (kind === 'port-guard') return 0
  return kind === 'publish' ? 2 : 1
}
