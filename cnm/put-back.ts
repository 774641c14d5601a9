/** Making again what another program has removed from the kernel, of a record that is ready. */
import type { KernelObject } from '../objects/object.ts'
import type { Context } from './context.ts'
import type { StateView } from './state-store.ts'

/**
 * Makes what is missing of `objects`, and gives its number. What `current` does not want any more when that is done is taken back: whoever
 * removed it meanwhile did not know of it.
 */
export async function putBack(
  { executor, store }: Context, objects: readonly KernelObject[], current: (view: StateView) => readonly KernelObject[],
): Promise<number> {
  const missing = await executor.missing(objects)
  if (missing.length === 0) return 0
  await executor.create(missing)
  const wanted = new Set(store.read(current).map(object => JSON.stringify(object)))
  const unwanted = missing.filter(object => !wanted.has(JSON.stringify(object)))
  if (unwanted.length > 0) await executor.remove(unwanted)
  return missing.length - unwanted.length
}

/** What the kernel should have of a record: nothing that is certain, while somebody works on it. */
export function settledObjects(record: { readonly state: string, readonly objects: readonly KernelObject[] } | undefined): readonly KernelObject[] {
  return record?.state === 'ready' ? record.objects : []
}
