/** What sentences call the container of a sandbox: its name, which is what its user knows; the start of its id where it has none. Pure. */
import type { SandboxRecord } from './types.ts'

export function containerWord({ id, name }: Pick<SandboxRecord, 'id' | 'name'>): string {
  return `container ${name === undefined ? id.slice(0, 12) : `"${name}"`}`
}
