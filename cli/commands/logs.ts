/** `tsnet logs [OPTIONS] CONTAINER` */
import { once } from 'node:events'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { formatTime } from '../output/time.ts'
import { parseCount, parseTime } from '../parse/quantities.ts'

interface LogFlags {
  readonly follow?: true
  readonly timestamps?: true
  readonly tail: string
  readonly since?: string
  readonly until?: string
}

export function define(command: Command, cli: Cli): void {
  command.description('Show what a container has printed')
    .argument('<container>')
    .option('-f, --follow', 'go on until the container has ended')
    .option('-t, --timestamps', 'show when each line was printed')
    .option('-n, --tail <number>', 'only so many lines from the end', 'all')
    .option('--since <time>', 'only from this time on (2026-01-31T12:00:00Z, or 10m ago)')
    .option('--until <time>', 'only up to this time')
    .action(async (ref: string, flags: LogFlags) => show(ref, flags, cli))
}

async function show(ref: string, flags: LogFlags, cli: Cli): Promise<void> {
  const now = Date.now()
  const options = {
    follow: flags.follow ?? false, timestamps: flags.timestamps ?? false,
    ...flags.tail === 'all' ? {} : { tail: parseCount('--tail', flags.tail) },
    ...flags.since === undefined ? {} : { sinceMs: parseTime('--since', flags.since, now) },
    ...flags.until === undefined ? {} : { untilMs: parseTime('--until', flags.until, now) },
  }
  const { containers } = await cli.engine()
  for await (const { stream, timeNs, data } of containers.logs(ref, options)) {
    const to = stream === 'stdout' ? process.stdout : process.stderr
    const text = options.timestamps ? Buffer.concat([Buffer.from(`${formatTime(timeNs)} `), data]) : data
    if (!to.write(text)) await once(to, 'drain')
  }
}
