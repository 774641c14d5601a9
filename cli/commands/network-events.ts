/** `tsnet network events`: as `tsnet events`, of networks alone. */
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { type EventFlags, eventOptions, showEvents } from './events.ts'

export function define(command: Command, cli: Cli): void {
  eventOptions(command.description('Show which networks are created and destroyed, and who is connected and disconnected, until interrupted'))
    .action((flags: EventFlags) => showEvents(flags, cli, 'network'))
}
