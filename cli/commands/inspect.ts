/** `tsnet inspect [-f TEMPLATE] NAME...`: containers, and networks, images and volumes where no container has the name. */
import type { Command } from 'commander'
import type { Engine } from '../../engine/open.ts'
import { TsnetError, isTsnetError } from '../../errors/error.ts'
import { inspectImage } from '../../runtime/images/inspect.ts'
import { inspectVolume } from '../../runtime/volumes/volume.ts'
import type { Cli } from '../cli.ts'
import { findElsewhere } from '../elsewhere.ts'
import { inspectCniContainer } from '../output/cni-json.ts'
import { inspectContainer } from '../output/container-json.ts'
import { type InspectFlags, printInspected } from '../output/inspect.ts'
import { inspectNetwork } from '../output/network-json.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Show all that is known of containers or networks, as JSON')
    .argument('<names...>')
    .option('-f, --format <template>', 'json, or a template such as {{.State.Pid}}')
    .option('--type <type>', 'container, network, image or volume')
    .action(async (refs: readonly string[], flags: InspectFlags & { readonly type?: string }) => {
      const engine = await cli.engine()
      await printInspected(cli, refs, flags, ref => find(ref, flags.type, engine, cli))
    })
}

type Document = Readonly<Record<string, unknown>>

async function find(ref: string, type: string | undefined, engine: Engine, cli: Cli): Promise<Document> {
  const kinds: Readonly<Record<string, () => Promise<Document> | Document>> = {
    container: async () => inspectContainer(await engine.containers.details(ref)),
    network: () => inspectNetwork(engine.controller.getNetwork(ref), engine.controller),
    image: () => inspectImage(engine.images.store.get(ref)),
    volume: () => inspectVolume(engine.volumes.get(ref), engine.volumes.pathOf(ref)),
  }
  if (type !== undefined && kinds[type] === undefined) {
    throw new TsnetError('invalid-argument', `--type "${type}": there are ${Object.keys(kinds).join(', ')}`)
  }
  let absence: Error = new TsnetError('container-not-found', `inspect "${ref}": there is no such container, network, image or volume`, { data: { ref } })
  for (const [kind, inspect] of Object.entries(kinds)) {
    if (type !== undefined && type !== kind) continue
    try {
      return await inspect()
    } catch (error) {
      if (!isTsnetError(error) || !isAbsence(error.code)) throw error
      if (type !== undefined) absence = error
    }
  }
  // After tsnet's own, as ids of other runtimes may be any words. Of Docker's containers docker shows more.
  const other = type === undefined || type === 'container' ? await findElsewhere(ref, cli) : undefined
  if (other?.of === 'cni') return inspectCniContainer(other.container)
  throw absence
}

/** Not found, or a name that this kind cannot have. */
function isAbsence(code: string): boolean {
  return code.endsWith('-not-found') || code === 'invalid-reference' || code === 'invalid-name'
}
