/** `tsnet kill [-s SIGNAL] CONTAINER...` */
import type { Command } from 'commander'
import { type Cli, forEachRef } from '../cli.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Send a signal to containers')
    .argument('<containers...>')
    .option('-s, --signal <signal>', 'name or number', 'KILL')
    .action(async (refs: readonly string[], { signal }: { readonly signal: string }) => {
      const { containers } = await cli.engine()
      await forEachRef(cli, refs, ref => {
        containers.kill(ref, signal)
        return Promise.resolve(ref)
      })
    })
}
