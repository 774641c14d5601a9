/** `tsnet wait CONTAINER...` */
import type { Command } from 'commander'
import { type Cli, forEachRef } from '../cli.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Wait until containers end, and print their exit codes')
    .argument('<containers...>')
    .action(async (refs: readonly string[]) => {
      const { containers } = await cli.engine()
      await forEachRef(cli, refs, async ref => String(await containers.wait(ref)))
    })
}
