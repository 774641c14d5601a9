/** `tsnet image inspect [-f TEMPLATE] IMAGE...` */
import type { Command } from 'commander'
import { inspectImage } from '../../runtime/images/inspect.ts'
import type { Cli } from '../cli.ts'
import { type InspectFlags, printInspected } from '../output/inspect.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Show all that is known of images, as JSON')
    .argument('<images...>')
    .option('-f, --format <template>', 'json, or a template such as {{.Id}}')
    .action(async (refs: readonly string[], flags: InspectFlags) => {
      const { images } = await cli.engine()
      await printInspected(cli, refs, flags, ref => inspectImage(images.store.get(ref)))
    })
}
