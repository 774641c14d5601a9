/**
 * Published ports by the thousand, with both firewall backends: 1000 that come and go while the container runs, from a process that runs
 * already; and new connections through the last of 10 000 against the only one.
 */
import { randomBytes } from 'node:crypto'
import type { PortRequest, SandboxId } from '../../cnm/types.ts'
import { type Engine, openEngine } from '../../engine/open.ts'
import { close } from '../../kernel/syscalls/descriptor.ts'
import { backendNames } from '../../nat/firewall.ts'
import { FakeHost } from '../../test/helpers/fake-host.ts'
import { connectionTime } from '../connections.ts'
import type { Result } from '../result.ts'
import { alternate, median, timed } from '../sample.ts'
import type { World } from '../world.ts'

const COUNT = 5
const CONNECTIONS = 2000
const LIMIT_MS = 100
const wantedShares = { nftables: 0.9, iptables: 0.8 } as const

/** Each to a port of another number, so that every one is a rule or an element of its own. */
const single = (count: number): readonly PortRequest[] => Array.from({ length: count }, (_, i) => {
  const [host, container] = [20_000 + i, 1000 + i]
  return { protocol: 'tcp', hostIp: '0.0.0.0', host: { first: host, last: host }, container: { first: container, last: container } }
})
const range = (count: number): readonly PortRequest[] => {
  const ports = { first: 20_000, last: 19_999 + count }
  return [{ protocol: 'tcp', hostIp: '0.0.0.0', host: ports, container: ports }]
}

export async function portScaleCase(world: World): Promise<readonly Result[]> {
  await using host = await FakeHost.create()
  const engine = await openEngine({ root: `${world.root}-ports`, runRoot: `${world.runRoot}-ports` })
  try {
    const results: Result[] = []
    for (const backend of backendNames) {
      await engine.firewall.use(backend)
      results.push(...await changes(engine, backend), await connections(engine, host, backend))
    }
    await engine.controller.deleteNetwork('bridge')
    return results
  } finally {
    await engine.close()
  }
}

async function changes({ controller }: Engine, backend: string): Promise<readonly Result[]> {
  const id = newId()
  await controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'bridge', name: 'bench' }] })
  const results: Result[] = []
  for (const [what, ports] of [['one range', range(1000)], ['1000 single ports', single(1000)]] as const) {
    const times: { readonly publish: number[], readonly remove: number[] } = { publish: [], remove: [] }
    for (let n = 0; n <= COUNT; n += 1) {
      times.publish.push(await timed({ run: async () => { await controller.publish(id, ports, () => undefined) } }))
      times.remove.push(await timed({ run: async () => { await controller.unpublish(id, ports) } }))
    }
    for (const verb of ['publish', 'remove'] as const) {
      const ours = median(times[verb].slice(1))
      results.push({ what: `${verb} 1000 ports of a running container, ${what}, ${backend}`, peer: 'the limit', ours, theirs: LIMIT_MS, unit: 'ms', wantedPart: 1 })
    }
  }
  await controller.deleteSandbox(id)
  return results
}

async function connections({ controller }: Engine, host: FakeHost, backend: 'iptables' | 'nftables'): Promise<Result> {
  const id = newId()
  const { sandbox, heldPorts } = await controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'bridge', name: 'bench', ports: single(1) }] })
  const ends = { client: '/run/netns/outside', server: sandbox.netns ?? '' }
  const others = single(10_000).slice(1)
  const through = (index: number) => (): void => {
    connectionTime(ends, { ip: '192.0.2.1', port: 20_000 + index }, 1000 + index, CONNECTIONS)
  }
  // What closed connections leave in conntrack would slow down the later ones.
  const before = async (): Promise<void> => { await host.run('conntrack', '-F') }
  const { ours, theirs } = await alternate(
    {
      before: async () => {
        await controller.publish(id, others, () => undefined)
        await before()
      },
      run: through(9999),
      after: async () => { await controller.unpublish(id, others) },
    },
    { before, run: through(0) },
    COUNT)
  await controller.deleteSandbox(id)
  heldPorts.forEach(close)
  return {
    what: `${CONNECTIONS} new connections through the last of 10 000 published ports, ${backend}`, peer: 'the only one',
    ours, theirs, unit: 'ms', wantedPart: wantedShares[backend],
  }
}

function newId(): SandboxId {
  return randomBytes(32).toString('hex') as SandboxId
}
