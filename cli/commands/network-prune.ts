/** `tsnet network prune [-f] [--filter label=...]` */
import type { Command } from 'commander'
import { type Cli, collect } from '../cli.ts'
import { confirm } from '../confirm.ts'
import { prunedLines } from '../output/pruned.ts'
import { pruneFilter } from '../parse/filters.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Remove the networks that no container uses')
    .option('-f, --force', 'do not ask')
    .option('--filter <filter>', 'label=KEY[=VALUE], label!=KEY[=VALUE], until=TIME', collect)
    .action(async ({ force, filter = [] }: { readonly force?: true, readonly filter?: readonly string[] }) => {
      const accepts = pruneFilter(filter, Date.now())
      if (force !== true && !await confirm('This will remove all custom networks not used by at least one container.')) return
      const { controller } = await cli.engine()
      const deleted = await controller.pruneNetworks(({ labels, created }) => accepts(labels, created))
      for (const line of prunedLines('Networks', deleted.map(({ name }) => name))) cli.print(line)
    })
}
