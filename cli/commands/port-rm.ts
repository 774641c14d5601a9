/** `tsnet port rm CONTAINER [HOSTIP:][HOSTPORT:]PORT[/PROTOCOL]...` */
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { parsePort } from '../parse/ports.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Remove published ports of a running container: 80 wherever it is published, 8080:80 that one; of a range, all or some')
    .argument('<container>').argument('<port...>', '80, 8080:80, 53:53/udp, 8000-8010:8000-8010')
    .action(async (container: string, ports: readonly string[]) => {
      const requests = ports.map(parsePort)
      const { containers } = await cli.engine()
      await containers.unpublish(container, requests)
    })
}
