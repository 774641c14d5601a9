/** `tsnet volume ls [-q] [--format json|TEMPLATE]` */
import type { Command } from 'commander'
import { inspectVolume } from '../../runtime/volumes/volume.ts'
import type { Cli } from '../cli.ts'
import { formatRows } from '../output/rows.ts'

export function define(command: Command, cli: Cli): void {
  command.description('List volumes')
    .option('-q, --quiet', 'only names')
    .option('--format <format>', 'json, or a template such as {{.Name}}')
    .action(async ({ quiet, format }: { readonly quiet?: true, readonly format?: string }) => {
      const { volumes } = await cli.engine()
      const all = volumes.list()
      const lines = quiet === true ? all.map(({ name }) => name)
        : formatRows(format, all.map(volume => inspectVolume(volume, volumes.pathOf(volume.name))), { DRIVER: 'Driver', 'VOLUME NAME': 'Name' })
      for (const line of lines) cli.print(line)
    })
}
