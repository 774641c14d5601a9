/** `tsnet network inspect [-f TEMPLATE] NETWORK...` */
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { type InspectFlags, printInspected } from '../output/inspect.ts'
import { inspectNetwork } from '../output/network-json.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Show all that is known of networks, as JSON')
    .argument('<networks...>')
    .option('-f, --format <template>', 'json, or a template such as {{.Id}}')
    .option('-v, --verbose', 'accepted; there is no more to be shown')
    .action(async (refs: readonly string[], flags: InspectFlags) => {
      const { controller } = await cli.engine()
      await printInspected(cli, refs, flags, async ref => {
        const network = controller.getNetwork(ref)
        for (const warning of await controller.networkWarnings([network])) cli.warn(`warning: ${warning}`)
        return inspectNetwork(network, controller)
      })
    })
}
