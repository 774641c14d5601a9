/** A subcommand as commander knows it: what `tsnet NAME --help` prints, and what docs/reference/cli.md is made of. */
import { Command } from 'commander'
import type { Cli } from './cli.ts'
import type { CommandEntry } from './command-table.ts'

/** @param cli what the command's action will use; none is called here */
export async function defineCommand(name: string, entry: CommandEntry, cli: Cli): Promise<Command> {
  const module = await entry.load()
  const command = new Command(`tsnet ${name}`).exitOverride().showSuggestionAfterError()
    .configureOutput({ writeErr: () => { /* what commander says is said once, by main */ }, writeOut: text => process.stdout.write(text) })
  module.define(command, cli)
  return command
}
