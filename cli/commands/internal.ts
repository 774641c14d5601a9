/**
 * What tsnet calls itself for; not for people.
 *
 *     tsnet internal cleanup ID     by a shim, when its container has ended and nobody else cleans up
 *     tsnet internal resolve        the resolver of the host, see engine/resolver/process.ts
 */
import type { Command } from 'commander'
import { TsnetError } from '../../errors/error.ts'
import type { Cli } from '../cli.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Internal use').argument('<verb>').argument('[id]')
    .action(async (verb: string, id: string | undefined) => {
      if (verb === 'cleanup' && id !== undefined) {
        const { containers } = await cli.engine()
        await containers.cleanup(id)
      } else if (verb === 'resolve' && id === undefined) {
        const { runResolver } = await import('../../engine/resolver/process.ts')
        await runResolver({ root: cli.globals.root, runRoot: cli.globals.runRoot })
      } else throw new TsnetError('invalid-argument', `unknown command: tsnet internal ${verb}`)
    })
}
