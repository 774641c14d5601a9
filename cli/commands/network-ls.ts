/** `tsnet network ls [-q] [--no-trunc] [--filter KEY=VALUE] [--format json|TEMPLATE]` */
import type { Command } from 'commander'
import { type Cli, collect } from '../cli.ts'
import { cniNetworkRow } from '../output/cni-row.ts'
import { driverText } from '../output/network-json.ts'
import { formatRows } from '../output/rows.ts'
import { dockerTime } from '../output/time.ts'
import { networkFilter, networkFilterNames } from '../parse/network-filter.ts'

interface LsFlags { readonly quiet?: true, readonly trunc: boolean, readonly format?: string, readonly filter?: readonly string[] }

export function define(command: Command, cli: Cli): void {
  command.description('List networks')
    .option('-q, --quiet', 'only ids')
    .option('--no-trunc', 'do not shorten')
    .option('--format <format>', 'json, or a template such as {{.Name}}')
    .option('-f, --filter <filter>', `KEY=VALUE with ${networkFilterNames.join(', ')}`, collect)
    .action(async ({ quiet, trunc, format, filter = [] }: LsFlags) => {
      const { controller } = await cli.engine()
      const accepts = networkFilter(filter, ({ id }) => controller.listEndpoints({ networkId: id }).length > 0)
      const networks = controller.listNetworks().filter(accepts)
      for (const warning of quiet === true ? [] : await controller.networkWarnings(networks)) cli.warn(`warning: ${warning}`)
      const rows = networks.map(network => ({
        CreatedAt: dockerTime(network.created), Driver: driverText(network), ID: trunc ? network.id.slice(0, 12) : network.id,
        IPv4: String(network.enableIPv4), IPv6: String(network.enableIPv6), Internal: String(network.internal),
        Labels: Object.entries(network.labels).map(([key, value]) => `${key}=${value}`).join(','), Name: network.name,
        // Docker has one of the same id.
        Scope: network.foreign?.runtime ?? 'local',
      }))
      const { listCniNetworks } = await import('../../cni/list.ts')
      // Whoever filters asks for networks of tsnet's own.
      const others = filter.length > 0 ? [] : listCniNetworks(cli.globals).map(cniNetworkRow)
      const lines = quiet === true ? rows.map(row => row.ID)
        : formatRows(format, [...rows, ...others], { 'NETWORK ID': 'ID', NAME: 'Name', DRIVER: 'Driver', SCOPE: 'Scope' })
      for (const line of lines) cli.print(line)
    })
}
