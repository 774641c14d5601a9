/** `tsnet port add CONTAINER [HOSTIP:][HOSTPORT:]PORT[/PROTOCOL]...` */
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import type { SandboxPort } from '../../cnm/types.ts'
import { portPlaces, reachedAt } from '../output/port-text.ts'
import { parsePort } from '../parse/ports.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Publish further ports of a running container; prints where')
    .argument('<container>').argument('<port...>', 'as with run -p: 8080:80, 53:53/udp, 80')
    .action(async (container: string, ports: readonly string[]) => {
      const requests = ports.map(parsePort)
      const { containers } = await cli.engine()
      const { ports: published, warnings } = await containers.publish(container, requests)
      for (const line of published.flatMap(portPlaces)) cli.print(line)
      const routed = new Set(published.filter(({ held }) => held.length === 0).flatMap(keysOf))
      const places = routed.size === 0 ? {} : reachedAt((await containers.details(container)).endpoints)
      for (const [key, texts] of Object.entries(places)) if (routed.has(key)) for (const text of texts) cli.print(`${key} -> ${text}`)
      for (const warning of warnings) cli.warn(`warning: ${warning}`)
    })
}

function keysOf({ container, protocol }: SandboxPort): readonly string[] {
  return Array.from({ length: container.last - container.first + 1 }, (_, i) => `${container.first + i}/${protocol}`)
}
