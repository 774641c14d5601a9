/** In which order objects of several endpoints go to the executor. Pure. */
import type { KernelObject } from '../objects/object.ts'

/** Links before firewall rules: two groups, however many endpoints they come from. */
export function linksFirst(objects: readonly KernelObject[]): readonly KernelObject[] {
  return [...objects.filter(object => object.kind !== 'publish'), ...objects.filter(object => object.kind === 'publish')]
}
