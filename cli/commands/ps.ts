/** `tsnet ps [-a] [-n NUMBER] [-l] [-q] [--no-trunc] [--filter KEY=VALUE] [--format json|TEMPLATE]` */
import type { Command } from 'commander'
import { isTsnetError } from '../../errors/error.ts'
import type { ContainerDetails, ContainerService } from '../../runtime/container-service-api.ts'
import { type Cli, collect } from '../cli.ts'
import { cniContainerRow } from '../output/cni-row.ts'
import { type ContainerRow, type RowOptions, containerRow } from '../output/container-row.ts'
import { foreignRow } from '../output/foreign-row.ts'
import { formatRows } from '../output/rows.ts'
import { containerFilter, containerFilterNames } from '../parse/container-filter.ts'
import { parseCount } from '../parse/quantities.ts'

interface PsFlags {
  readonly all?: true
  readonly last?: string
  readonly latest?: true
  readonly filter?: readonly string[]
  readonly quiet?: true
  readonly trunc: boolean
  readonly format?: string
}

export function define(command: Command, cli: Cli): void {
  command.description('List containers, with those of Docker that are on networks of tsnet')
    .option('-a, --all', 'also those that do not run')
    .option('-n, --last <number>', 'only so many, latest first, also those that do not run')
    .option('-l, --latest', 'only the latest, also when it does not run')
    .option('-f, --filter <filter>', `KEY=VALUE with ${containerFilterNames.join(', ')}`, collect)
    .option('-q, --quiet', 'only ids')
    .option('--no-trunc', 'do not shorten')
    .option('--format <format>', 'json, or a template such as {{.Names}}')
    .action(async (flags: PsFlags) => list(flags, cli))
}

async function list(flags: PsFlags, cli: Cli): Promise<void> {
  const { containers } = await cli.engine()
  const shown = await choose(containers, flags)
  if (flags.quiet === true) {
    for (const { record: { id } } of shown) cli.print(flags.trunc ? id.slice(0, 12) : id)
    return
  }
  const options = { nowMs: Date.now(), truncate: flags.trunc }
  const rows = [...shown.map(details => containerRow(details, options)), ...await othersOf(flags, cli, options)]
  for (const line of formatRows(flags.format, rows, columns)) cli.print(line)
}

const columns = {
  'CONTAINER ID': 'ID', IMAGE: 'Image', COMMAND: 'Command', CREATED: 'RunningFor', STATUS: 'Status', PORTS: 'Ports', NAMES: 'Names',
}

/** Those of Docker and of other runtimes that CNI plugins have attached; whoever filters, or counts, asks for containers of tsnet's own. */
async function othersOf({ filter = [], last, latest }: PsFlags, cli: Cli, options: RowOptions): Promise<readonly ContainerRow[]> {
  if (filter.length > 0 || last !== undefined || latest === true) return []
  const { listCniContainers } = await import('../../cni/list.ts')
  const { foreign } = await cli.engine()
  return [
    ...foreign.containers().map(container => foreignRow(container, options)), ...listCniContainers(cli.globals).map(container => cniContainerRow(container, options)),
  ]
}

/** Latest first. */
async function choose(containers: ContainerService, flags: PsFlags): Promise<readonly ContainerDetails[]> {
  const filter = containerFilter(flags.filter ?? [])
  const last = flags.latest === true ? 1 : flags.last === undefined ? -1 : parseCount('--last', flags.last, -1)
  const records = containers.list({ all: flags.all === true || last > 0 || filter.all })
  const found = await Promise.all(records.map(({ id }) => detailsUnlessGone(containers, id)))
  const accepted = found.flatMap(details => details !== undefined && filter.accepts(details) ? [details] : [])
  return last > 0 ? accepted.slice(0, last) : accepted
}

/** One that is removed while others are read is not shown. */
async function detailsUnlessGone(containers: ContainerService, id: string): Promise<ContainerDetails | undefined> {
  try {
    return await containers.details(id)
  } catch (error) {
    if (isTsnetError(error, 'container-not-found')) return undefined
    throw error
  }
}
