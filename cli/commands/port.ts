/** `tsnet port CONTAINER [PORT[/PROTOCOL]]` */
import type { Command } from 'commander'
import { TsnetError, isTsnetError } from '../../errors/error.ts'
import type { Cli } from '../cli.ts'
import type { Engine } from '../../engine/open.ts'
import { reachedAt, type Publisher } from '../output/port-text.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Show the published ports of a container')
    .argument('<container>').argument('[port]', '80, 80/tcp')
    .action(async (ref: string, port: string | undefined) => show(ref, port, cli))
}

async function show(ref: string, port: string | undefined, cli: Cli): Promise<void> {
  const { name, endpoints } = await find(ref, await cli.engine())
  const ports = reachedAt(endpoints)
  const wanted = port === undefined || port.includes('/') ? port : `${port}/tcp`
  if (wanted !== undefined && !Object.hasOwn(ports, wanted)) {
    throw new TsnetError('port-not-published', `port of container "${name}": no public port "${port}" is published`)
  }
  for (const [key, places] of Object.entries(ports)) {
    if (wanted !== undefined && key !== wanted) continue
    for (const place of places) cli.print(`${wanted === undefined ? `${key} -> ` : ''}${place}`)
  }
}

/** Of tsnet, or of Docker, which does not show the ports of other drivers. @throws container-not-found */
async function find(ref: string, { containers, foreign }: Engine): Promise<{ readonly name: string, readonly endpoints: readonly Publisher[] }> {
  try {
    const { record, endpoints } = await containers.details(ref)
    return { name: record.name, endpoints }
  } catch (error) {
    const others = isTsnetError(error, 'container-not-found') ? foreign.containers() : []
    const other = others.find(({ name }) => name === ref) ?? others.find(({ id }) => ref.length >= 4 && id.startsWith(ref))
    if (other === undefined) throw error
    return other
  }
}
