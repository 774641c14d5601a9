/** `tsnet volume rm [-f] VOLUME...` */
import type { Command } from 'commander'
import { type Cli, forEachRef } from '../cli.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Remove volumes')
    .argument('<volumes...>')
    .option('-f, --force', 'a missing volume is no failure')
    .action(async (refs: readonly string[], { force }: { readonly force?: true }) => {
      const { volumes } = await cli.engine()
      await forEachRef(cli, refs, ref => Promise.try(() => {
        volumes.delete(ref, { force: force ?? false })
        return ref
      }))
    })
}
