/** `tsnet container prune [-f] [--filter label=...]` */
import type { Command } from 'commander'
import { type Cli, collect } from '../cli.ts'
import { confirm } from '../confirm.ts'
import { prunedLines } from '../output/pruned.ts'
import { pruneFilter } from '../parse/filters.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Remove the containers that do not run')
    .option('-f, --force', 'do not ask')
    .option('--filter <filter>', 'label=KEY[=VALUE], label!=KEY[=VALUE], until=TIME', collect)
    .action(async ({ force, filter = [] }: { readonly force?: true, readonly filter?: readonly string[] }) => {
      const accepts = pruneFilter(filter, Date.now())
      if (force !== true && !await confirm('This will remove all stopped containers.')) return
      const { containers } = await cli.engine()
      const { removed, reclaimedBytes } = await containers.prune(({ spec, created }) => accepts(spec.labels, created))
      for (const line of prunedLines('Containers', removed.map(({ id }) => id), reclaimedBytes)) cli.print(line)
    })
}
