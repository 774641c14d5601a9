/** `tsnet topology [--format text|json|dot|svg] [NETWORK...]` */
import type { Command } from 'commander'
import { TsnetError } from '../../errors/error.ts'
import type { Topology } from '../../topology/model.ts'
import type { Cli } from '../cli.ts'

const formats: Readonly<Record<string, () => Promise<(topology: Topology) => readonly string[]>>> = {
  text: async () => (await import('../output/topology-text.ts')).topologyText,
  json: () => Promise.resolve(topology => [JSON.stringify(topology, null, 2)]),
  dot: async () => (await import('../output/topology-dot.ts')).topologyDot,
  svg: async () => (await import('../output/topology-svg.ts')).topologySvg,
}

export function define(command: Command, cli: Cli): void {
  command.description('Show the networks of this host as a picture, with live counters')
    .argument('[networks...]')
    .option('-f, --format <format>', `${Object.keys(formats).join(', ')}`, 'text')
    .action(async (refs: readonly string[], { format }: { readonly format: string }) => {
      const load = Object.hasOwn(formats, format) ? formats[format] : undefined
      if (load === undefined) throw new TsnetError('invalid-argument', `--format "${format}": there are ${Object.keys(formats).join(', ')}`)
      const print = await load()
      const engine = await cli.engine()
      const { listCniAttachments } = await import('../../cni/list.ts')
      for (const line of print(await engine.topology({ refs, attached: listCniAttachments(cli.globals) }))) cli.print(line)
    })
}
