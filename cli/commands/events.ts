/** `tsnet events [--since TIME] [--until TIME] [--filter KEY=VALUE] [--format FORMAT]` */
import { once } from 'node:events'
import type { Command } from 'commander'
import type { EventRecord } from '../../cnm/events.ts'
import { type Cli, collect } from '../cli.ts'
import { formatEvent } from '../output/event-text.ts'
import { eventFilter, eventFilterNames } from '../parse/event-filter.ts'
import { parseTime } from '../parse/quantities.ts'

export interface EventFlags {
  readonly since?: string
  readonly until?: string
  readonly filter?: readonly string[]
  readonly format?: string
}

export function define(command: Command, cli: Cli): void {
  eventOptions(command.description('Show what happens to containers and networks, until interrupted'))
    .action((flags: EventFlags) => showEvents(flags, cli))
}

export function eventOptions(command: Command): Command {
  return command
    .option('--since <time>', 'also what was (2026-01-31T12:00:00Z, or 10m ago)')
    .option('--until <time>', 'only up to this time, then end')
    .option('-f, --filter <filter>', `KEY=VALUE with ${eventFilterNames.join(', ')}`, collect)
    .option('--format <format>', 'json, or a template such as {{.Action}} {{.Actor.ID}}')
}

/** @param type shows no others, whatever the filters say */
export async function showEvents({ since, until, filter = [], format }: EventFlags, cli: Cli, type?: EventRecord['type']): Promise<void> {
  const now = Date.now()
  const fits = eventFilter(filter)
  const accepts = (event: EventRecord): boolean => (type ?? event.type) === event.type && fits(event)
  const query = {
    ...since === undefined ? {} : { sinceMs: parseTime('--since', since, now) },
    ...until === undefined ? {} : { untilMs: parseTime('--until', until, now) },
  }
  const engine = await cli.engine()
  for await (const event of engine.events(query)) {
    if (accepts(event) && !process.stdout.write(`${formatEvent(event, format)}\n`)) await once(process.stdout, 'drain')
  }
}
