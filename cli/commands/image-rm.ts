/** `tsnet image rm [-f] IMAGE...` */
import type { Command } from 'commander'
import { familiarName } from '../../runtime/images/reference.ts'
import { type Cli, forEachRef } from '../cli.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Remove images')
    .argument('<images...>')
    .option('-f, --force', 'also with several names, or used by containers that have ended')
    .action(async (refs: readonly string[], { force }: { readonly force?: true }) => {
      const { images } = await cli.engine()
      await forEachRef(cli, refs, ref => {
        const { untagged, deleted } = images.store.remove(ref, { force: force ?? false })
        const lines = [...untagged.map(name => `Untagged: ${familiarName(name)}`), ...deleted === undefined ? [] : [`Deleted: ${deleted}`]]
        return Promise.resolve(lines.join('\n'))
      })
    })
}
