/** `tsnet port CONTAINER [PORT[/PROTOCOL]]` */
import type { Command } from 'commander'
import { TsnetError } from '../../errors/error.ts'
import type { Cli } from '../cli.ts'
import { bracketed, inspectPorts } from '../output/port-text.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Show the published ports of a container')
    .argument('<container>').argument('[port]', '80, 80/tcp')
    .action(async (ref: string, port: string | undefined) => show(ref, port, cli))
}

async function show(ref: string, port: string | undefined, cli: Cli): Promise<void> {
  const { containers } = await cli.engine()
  const { record, endpoints } = await containers.details(ref)
  const ports = inspectPorts(endpoints, [])
  const wanted = port === undefined || port.includes('/') ? port : `${port}/tcp`
  if (wanted !== undefined && !Object.hasOwn(ports, wanted)) {
    throw new TsnetError('invalid-port', `port of container "${record.name}": no public port "${port}" is published`)
  }
  for (const [key, places] of Object.entries(ports)) {
    if (wanted !== undefined && key !== wanted) continue
    for (const { HostIp, HostPort } of places ?? []) cli.print(`${wanted === undefined ? `${key} -> ` : ''}${bracketed(HostIp)}:${HostPort}`)
  }
}
