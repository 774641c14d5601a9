/** `tsnet volume ls [-q] [--format json|TEMPLATE]` */
import type { Command } from 'commander'
import { inspectVolume } from '../../runtime/volumes/volume.ts'
import type { Cli } from '../cli.ts'
import { formatTable } from '../output/table.ts'
import { formatTemplate } from '../output/template.ts'

export function define(command: Command, cli: Cli): void {
  command.description('List volumes')
    .option('-q, --quiet', 'only names')
    .option('--format <format>', 'json, or a template such as {{.Name}}')
    .action(async ({ quiet, format }: { readonly quiet?: true, readonly format?: string }) => {
      const { volumes } = await cli.engine()
      const all = volumes.list()
      const lines = quiet === true ? all.map(({ name }) => name)
        : format !== undefined && format !== 'table' ? all.map(volume => formatTemplate(format, inspectVolume(volume, volumes.pathOf(volume.name))))
        : formatTable(['DRIVER', 'VOLUME NAME'], all.map(({ name }) => ['local', name]))
      for (const line of lines) cli.print(line)
    })
}
