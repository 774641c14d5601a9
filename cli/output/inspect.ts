/** What all `inspect` commands share: one JSON array, or a line per object with `--format`; a missing object is told, the others shown. */
import type { Cli } from '../cli.ts'
import { formatTemplate } from './template.ts'

export interface InspectFlags { readonly format?: string }

export async function printInspected(
  cli: Cli, refs: readonly string[], { format }: InspectFlags,
  find: (ref: string) => Promise<Readonly<Record<string, unknown>>> | Readonly<Record<string, unknown>>,
): Promise<void> {
  const found: Readonly<Record<string, unknown>>[] = []
  for (const ref of refs) {
    try {
      found.push(await find(ref))
    } catch (error) {
      await cli.tell(error)
      cli.exit(1)
    }
  }
  if (format === undefined) cli.print(JSON.stringify(found, null, 4))
  else for (const document of found) cli.print(formatTemplate(format, document))
}
