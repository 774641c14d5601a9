/** `tsnet port add CONTAINER [HOSTIP:][HOSTPORT:]PORT[/PROTOCOL]...` */
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { portPlaces } from '../output/port-text.ts'
import { parsePort } from '../parse/ports.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Publish further ports of a running container; prints where')
    .argument('<container>').argument('<port...>', 'as with run -p: 8080:80, 53:53/udp, 80')
    .action(async (container: string, ports: readonly string[]) => {
      const requests = ports.map(parsePort)
      const { containers } = await cli.engine()
      const { ports: published, warnings } = await containers.publish(container, requests)
      for (const line of published.flatMap(portPlaces)) cli.print(line)
      for (const warning of warnings) cli.warn(`warning: ${warning}`)
    })
}
