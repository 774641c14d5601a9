/** `tsnet image prune [-a] [-f] [--filter until=...]` */
import type { Command } from 'commander'
import { familiarName } from '../../runtime/images/reference.ts'
import { type Cli, collect } from '../cli.ts'
import { confirm } from '../confirm.ts'
import { prunedLines } from '../output/pruned.ts'
import { pruneFilter } from '../parse/filters.ts'

interface PruneFlags { readonly all?: boolean, readonly force?: true, readonly filter?: readonly string[] }

export function define(command: Command, cli: Cli): void {
  command.description('Remove the images without a name that no container uses')
    .option('-a, --all', 'images with a name too')
    .option('-f, --force', 'do not ask')
    .option('--filter <filter>', 'label=KEY[=VALUE], label!=KEY[=VALUE], until=TIME', collect)
    .action(async ({ all = false, force, filter = [] }: PruneFlags) => {
      const accepts = pruneFilter(filter, Date.now())
      const what = all ? 'images without at least one container associated to them' : 'dangling images'
      if (force !== true && !await confirm(`This will remove all ${what}.`)) return
      const { images } = await cli.engine()
      const { removed, reclaimedBytes } = images.store.prune({ all, accepts: ({ defaults, created }) => accepts(defaults.labels, created) })
      const lines = removed.flatMap(({ untagged, deleted }) =>
        [...untagged.map(name => `untagged: ${familiarName(name)}`), ...deleted === undefined ? [] : [`deleted: ${deleted}`]])
      for (const line of prunedLines('Images', lines, reclaimedBytes)) cli.print(line)
    })
}
