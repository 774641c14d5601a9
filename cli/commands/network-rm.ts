/** `tsnet network rm [-f] NETWORK...` */
import type { Command } from 'commander'
import { isTsnetError } from '../../errors/error.ts'
import { type Cli, forEachRef } from '../cli.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Remove networks')
    .argument('<networks...>')
    .option('-f, --force', 'a missing network is no failure')
    .action(async (refs: readonly string[], { force }: { readonly force?: true }) => {
      const { controller } = await cli.engine()
      await forEachRef(cli, refs, async ref => {
        try {
          await controller.deleteNetwork(ref)
        } catch (error) {
          if (force === true && isTsnetError(error, 'network-not-found')) return undefined
          throw error
        }
        return ref
      })
    })
}
