/** `run --dry-run`: the shell commands that would make the container's network, one a line. */
import { randomBytes } from 'node:crypto'
import type { SandboxSpec } from '../cnm/controller-api.ts'
import type { SandboxId } from '../cnm/types.ts'
import type { Engine } from '../engine/open.ts'
import type { ContainerSpec } from '../runtime/types.ts'

export async function planRun(spec: ContainerSpec, { controller, containers, firewall }: Engine): Promise<readonly string[]> {
  await firewall.expect()
  const id = randomBytes(32).toString('hex') as SandboxId
  return controller.describe(await controller.planSandbox(sandboxOf(id, spec, ref => containers.get(ref).id as SandboxId)))
}

function sandboxOf(id: SandboxId, spec: ContainerSpec, find: (ref: string) => SandboxId): SandboxSpec {
  const { network, ip, ip6, mac, ports } = spec
  switch (network.mode) {
    case 'none':
    case 'host': return { id, mode: network.mode }
    case 'container': return { id, mode: 'container', target: find(network.container) }
    case 'bridge': return {
      id, mode: 'bridge', endpoints: [{
        network: network.network, name: spec.name ?? id.slice(0, 12), ports,
        ...ip === undefined ? {} : { ip }, ...ip6 === undefined ? {} : { ip6 }, ...mac === undefined ? {} : { mac },
      }],
    }
  }
}
