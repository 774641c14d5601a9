/** `tsnet volume create [--label KEY=VALUE] [NAME]` */
import type { Command } from 'commander'
import { TsnetError } from '../../errors/error.ts'
import { type Cli, collect } from '../cli.ts'
import { parsePairs } from '../parse/environment.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Create a volume')
    .argument('[name]')
    .option('-d, --driver <driver>', 'local', 'local')
    .option('--label <key=value>', 'set a label', collect)
    .action(async (name: string | undefined, { driver, label = [] }: { readonly driver: string, readonly label?: readonly string[] }) => {
      if (driver !== 'local') throw new TsnetError('invalid-argument', `create volume: there is no volume driver "${driver}"; there is local`)
      const labels = parsePairs(label, 'label')
      const { volumes } = await cli.engine()
      cli.print(volumes.create({ labels, ...name === undefined ? {} : { name } }).name)
    })
}
