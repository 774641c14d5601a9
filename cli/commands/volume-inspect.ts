/** `tsnet volume inspect [-f TEMPLATE] VOLUME...` */
import type { Command } from 'commander'
import { inspectVolume } from '../../runtime/volumes/volume.ts'
import type { Cli } from '../cli.ts'
import { type InspectFlags, printInspected } from '../output/inspect.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Show all that is known of volumes, as JSON')
    .argument('<volumes...>')
    .option('-f, --format <template>', 'json, or a template such as {{.Mountpoint}}')
    .action(async (refs: readonly string[], flags: InspectFlags) => {
      const { volumes } = await cli.engine()
      await printInspected(cli, refs, flags, ref => inspectVolume(volumes.get(ref), volumes.pathOf(ref)))
    })
}
