/** `tsnet rm [-f] [-v] CONTAINER...` */
import type { Command } from 'commander'
import { isTsnetError } from '../../errors/error.ts'
import { type Cli, forEachRef } from '../cli.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Remove containers')
    .argument('<containers...>')
    .option('-f, --force', 'kill a running container first; a missing one is no failure')
    .option('-v, --volumes', 'remove its anonymous volumes too')
    .action(async (refs: readonly string[], flags: { readonly force?: true, readonly volumes?: true }) => {
      const options = { force: flags.force ?? false, volumes: flags.volumes ?? false }
      const { containers } = await cli.engine()
      await forEachRef(cli, refs, async ref => {
        try {
          await containers.remove(ref, options)
        } catch (error) {
          if (!options.force || !isTsnetError(error, 'container-not-found')) throw error
          await cli.tell(error)
          return undefined
        }
        return ref
      })
    })
}
