/** `tsnet image load [-i FILE]` */
import type { Command } from 'commander'
import { parsePlatform } from '../../runtime/images/platform.ts'
import { familiarName } from '../../runtime/images/reference.ts'
import type { Cli } from '../cli.ts'

interface LoadFlags { readonly input?: string, readonly quiet?: true, readonly platform?: string }

export function define(command: Command, cli: Cli): void {
  command.description('Load images from a docker or OCI archive')
    .option('-i, --input <file>', 'the archive, or a folder in OCI layout; without it, standard input')
    .option('-q, --quiet', 'accepted; no progress is shown')
    .option('--platform <os/arch>', 'platform to choose where there are several')
    .action(async ({ input, platform }: LoadFlags) => {
      const { images } = await cli.engine()
      const source = input === undefined || input === '-' ? { stream: process.stdin } : { path: input }
      for (const { record, references } of await images.load(source, platform === undefined ? {} : { platform: parsePlatform(platform) })) {
        if (references.length === 0) cli.print(`Loaded image ID: ${record.id}`)
        for (const reference of references) cli.print(`Loaded image: ${familiarName(reference)}`)
      }
    })
}
