/** `tsnet version` */
import type { Command } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import type { Cli } from '../cli.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Show the version').action(() => {
    cli.print(`tsnet version ${packageJson.version}, Node.js ${process.version}, ${process.platform}/${process.arch}`)
  })
}
