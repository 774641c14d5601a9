/** `tsnet port CONTAINER [PORT[/PROTOCOL]]` */
import type { Command } from 'commander'
import { TsnetError, isTsnetError } from '../../errors/error.ts'
import type { Cli } from '../cli.ts'
import { findElsewhere } from '../elsewhere.ts'
import { cniReachedAt } from '../output/cni-ports.ts'
import { reachedAt } from '../output/port-text.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Show the published ports of a container')
    .argument('<container>').argument('[port]', '80, 80/tcp')
    .action(async (ref: string, port: string | undefined) => show(ref, port, cli))
}

async function show(ref: string, port: string | undefined, cli: Cli): Promise<void> {
  const { name, ports } = await find(ref, cli)
  const wanted = port === undefined || port.includes('/') ? port : `${port}/tcp`
  if (wanted !== undefined && !Object.hasOwn(ports, wanted)) {
    throw new TsnetError('port-not-published', `port of container "${name}": no public port "${port}" is published`)
  }
  for (const [key, places] of Object.entries(ports)) {
    if (wanted !== undefined && key !== wanted) continue
    for (const place of places) cli.print(`${wanted === undefined ? `${key} -> ` : ''}${place}`)
  }
}

/** Of tsnet, of Docker, which does not show the ports of other drivers, or mapped by CNI. @throws container-not-found */
async function find(ref: string, cli: Cli): Promise<{ readonly name: string, readonly ports: Readonly<Record<string, readonly string[]>> }> {
  try {
    const { record, endpoints } = await (await cli.engine()).containers.details(ref)
    return { name: record.name, ports: reachedAt(endpoints) }
  } catch (error) {
    const other = isTsnetError(error, 'container-not-found') ? await findElsewhere(ref, cli) : undefined
    if (other === undefined) throw error
    return other.of === 'docker' ? { name: other.container.name, ports: reachedAt(other.container.endpoints) }
      : { name: other.container.id, ports: cniReachedAt(other.container.ports) }
  }
}
