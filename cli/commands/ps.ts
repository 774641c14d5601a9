/** `tsnet ps [-a] [-q] [--no-trunc] [--format json|TEMPLATE]` */
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { containerRow } from '../output/container-row.ts'
import { formatTable } from '../output/table.ts'
import { formatTemplate } from '../output/template.ts'

interface PsFlags { readonly all?: true, readonly quiet?: true, readonly trunc: boolean, readonly format?: string }

export function define(command: Command, cli: Cli): void {
  command.description('List containers')
    .option('-a, --all', 'also those that do not run')
    .option('-q, --quiet', 'only ids')
    .option('--no-trunc', 'do not shorten')
    .option('--format <format>', 'json, or a template such as {{.Names}}')
    .action(async (flags: PsFlags) => list(flags, cli))
}

async function list(flags: PsFlags, cli: Cli): Promise<void> {
  const { containers } = await cli.engine()
  const records = containers.list({ all: flags.all ?? false })
  if (flags.quiet === true) {
    for (const { id } of records) cli.print(flags.trunc ? id.slice(0, 12) : id)
    return
  }
  const options = { nowMs: Date.now(), truncate: flags.trunc }
  const rows = await Promise.all(records.map(async ({ id }) => containerRow(await containers.details(id), options)))
  const { format } = flags
  if (format !== undefined && format !== 'table') {
    for (const row of rows) cli.print(formatTemplate(format, row))
    return
  }
  const table = formatTable(['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'],
    rows.map(row => [row.ID, row.Image, row.Command, row.RunningFor, row.Status, row.Ports, row.Names]))
  for (const line of table) cli.print(line)
}
