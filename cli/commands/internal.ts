/** `tsnet internal cleanup ID`: what a shim calls when its container has ended and nobody else cleans up. Not for people. */
import type { Command } from 'commander'
import { TsnetError } from '../../errors/error.ts'
import type { Cli } from '../cli.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Internal use').argument('<verb>').argument('<id>')
    .action(async (verb: string, id: string) => {
      if (verb !== 'cleanup') throw new TsnetError('invalid-argument', `unknown command: tsnet internal ${verb}`)
      const { containers } = await cli.engine()
      await containers.cleanup(id)
    })
}
