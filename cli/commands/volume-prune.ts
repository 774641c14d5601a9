/** `tsnet volume prune [-a] [-f] [--filter label=...]` */
import type { Command } from 'commander'
import { type Cli, collect } from '../cli.ts'
import { confirm } from '../confirm.ts'
import { prunedLines } from '../output/pruned.ts'
import { fitsLabels, parseFilters } from '../parse/filters.ts'

interface PruneFlags { readonly all?: boolean, readonly force?: true, readonly filter?: readonly string[] }

export function define(command: Command, cli: Cli): void {
  command.description('Remove the anonymous volumes that no container uses')
    .option('-a, --all', 'named volumes too')
    .option('-f, --force', 'do not ask')
    .option('--filter <filter>', 'label=KEY[=VALUE], label!=KEY[=VALUE]', collect)
    .action(async ({ all = false, force, filter = [] }: PruneFlags) => {
      const filters = parseFilters(filter, ['label'])
      if (force !== true && !await confirm(`This will remove all ${all ? '' : 'anonymous '}local volumes not used by at least one container.`)) return
      const { volumes } = await cli.engine()
      const { names, reclaimedBytes } = volumes.prune({ all, accepts: ({ labels }) => fitsLabels(filters, labels) })
      for (const line of prunedLines('Volumes', names, reclaimedBytes)) cli.print(line)
    })
}
