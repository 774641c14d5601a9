/** A namespace with a link on a masqueraded bridge: made by a process that runs already, against a CNI plugin started for it. */
import { randomBytes } from 'node:crypto'
import type { SandboxId } from '../../cnm/types.ts'
import { openEngine } from '../../engine/open.ts'
import { CniPeer } from '../cni-peer.ts'
import type { Result } from '../result.ts'
import { alternate } from '../sample.ts'
import type { World } from '../world.ts'

const COUNT = 21

export async function endpointCase(world: World): Promise<readonly Result[]> {
  const engine = await openEngine({ root: world.root, runRoot: world.runRoot })
  try {
    const { controller } = engine
    using plugin = new CniPeer(world.folder)
    let id = newId()
    const { ours, theirs } = await alternate(
      {
        run: async () => { await controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'bridge', name: 'bench' }] }) },
        after: async () => {
          await controller.deleteSandbox(id)
          id = newId()
        },
      },
      { before: () => plugin.prepare(), run: () => plugin.add(), after: () => plugin.remove() },
      COUNT)
    return [{ what: 'namespace and endpoint, from a running process', peer: 'CNI `bridge`', ours, theirs, unit: 'ms', wantedPart: 5 }]
  } finally {
    await engine.close()
  }
}

function newId(): SandboxId {
  return randomBytes(32).toString('hex') as SandboxId
}
