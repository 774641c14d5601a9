/** `tsnet image tag IMAGE NAME[:TAG]` */
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Give an image another name')
    .argument('<image>').argument('<name>', 'NAME[:TAG]')
    .action(async (image: string, name: string) => {
      const { images } = await cli.engine()
      images.store.tag(image, name)
    })
}
