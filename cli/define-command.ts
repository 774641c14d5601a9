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
  // As Docker writes it, and docs/reference/cli.md.
  return command.usage(usageWords(command))
}

/** `[OPTIONS] IMAGE [COMMAND...]` */
export function usageWords(command: Command): string {
  const words = command.registeredArguments.map(argument => {
    const name = argument.name().toUpperCase() + (argument.variadic ? '...' : '')
    return argument.required ? name : `[${name}]`
  })
  return [...command.options.length === 0 ? [] : ['[OPTIONS]'], ...words].join(' ')
}
