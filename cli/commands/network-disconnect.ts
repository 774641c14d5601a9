/** `tsnet network disconnect [-f] NETWORK CONTAINER` */
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Disconnect a container from a network, while it runs or when it has ended')
    .argument('<network>').argument('<container>')
    .option('-f, --force', 'that it is not connected, or not there, is no failure')
    .action(async (network: string, container: string, { force }: { readonly force?: true }) => {
      const { containers } = await cli.engine()
      const warnings = await containers.disconnect(container, network, { force: force ?? false })
      for (const warning of warnings) cli.warn(`warning: ${warning}`)
    })
}
