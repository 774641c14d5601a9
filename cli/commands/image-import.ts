/** `tsnet image import [OPTIONS] FILE|- [NAME[:TAG]]` */
import type { Command } from 'commander'
import { hostPlatform, parsePlatform } from '../../runtime/images/platform.ts'
import { type Cli, collect } from '../cli.ts'

interface ImportFlags { readonly change?: readonly string[], readonly message?: string, readonly platform?: string }

export function define(command: Command, cli: Cli): void {
  command.description('Make an image from the tar archive of a root file system')
    .argument('<file>', 'a tar archive, also compressed with gzip or zstd; - is standard input').argument('[name]', 'NAME[:TAG]')
    .option('-c, --change <instruction>', 'Dockerfile instruction, such as \'CMD ["sh"]\'', collect)
    .option('-m, --message <text>', 'comment in the image\'s history')
    .option('--platform <os/arch>', 'platform of the image')
    .action(async (file: string, name: string | undefined, flags: ImportFlags) => {
      const { images } = await cli.engine()
      const image = await images.import({
        input: file === '-' ? { stream: process.stdin } : { path: file },
        platform: flags.platform === undefined ? hostPlatform() : parsePlatform(flags.platform),
        ...name === undefined ? {} : { name }, ...flags.change === undefined ? {} : { changes: flags.change },
        ...flags.message === undefined ? {} : { message: flags.message },
      })
      cli.print(image.id)
    })
}
