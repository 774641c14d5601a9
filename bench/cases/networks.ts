/**
 * Networks by the hundred, made by processes that run already: tsnet's core in this one, a dockerd of its own by its API; and the 1000th endpoint of a
 * network against the first.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { SandboxId } from '../../cnm/types.ts'
import { openEngine } from '../../engine/open.ts'
import { type BackendName, backendNames } from '../../nat/firewall.ts'
import { DockerPeer } from '../docker-peer.ts'
import type { Result } from '../result.ts'
import { median, timed } from '../sample.ts'
import type { World } from '../world.ts'

const NETWORKS = 500
/** Rivals take turns, so that a busy moment of the machine falls on all. */
const TURN = 50
const ENDPOINTS = 1000
/** Medians over so many of the first and the last. */
const WINDOW = 31

export async function networksCase(world: World): Promise<readonly Result[]> {
  const results = await creation(world)
  return [...results, ...await endpoints(world)]
}

async function creation(world: World): Promise<readonly Result[]> {
  const folder = join(world.folder, 'networks-docker')
  mkdirSync(folder)
  await using docker = await DockerPeer.start(folder, ['--default-address-pool', 'base=10.0.0.0/8,size=24'])
  const { ours: iptables, theirs } = await inTurns(world, 'iptables', name => docker.createNetwork(name))
  const { ours: nftables } = await inTurns(world, 'nftables', () => Promise.resolve())
  return ([['iptables', iptables], ['nftables', nftables]] as const).map(([backend, ours]): Result => ({
    what: `create ${NETWORKS} networks, from a running process, ${backend}`, peer: 'docker, by its API', ours, theirs, unit: 'ms', wantedPart: 10,
  }))
}

/** Total times of tsnet and of a rival, so many networks each at a time. */
async function inTurns(world: World, backend: BackendName, rival: (name: string) => Promise<void>): Promise<{ readonly ours: number, readonly theirs: number }> {
  const engine = await openEngine({ root: `${world.root}-${backend}`, runRoot: `${world.runRoot}-${backend}` })
  try {
    await engine.firewall.use(backend)
    const total = { ours: 0, theirs: 0 }
    for (let from = 0; from < NETWORKS; from += TURN) {
      const names = Array.from({ length: TURN }, (_, i) => `bench-${from + i}`)
      total.ours += await timed({ run: async () => { for (const name of names) await engine.controller.createNetwork({ name }) } })
      total.theirs += await timed({ run: async () => { for (const name of names) await rival(name) } })
    }
    await engine.controller.pruneNetworks(() => true)
    return total
  } finally {
    await engine.close()
  }
}

async function endpoints(world: World): Promise<readonly Result[]> {
  const results: Result[] = []
  for (const backend of backendNames) {
    const engine = await openEngine({ root: `${world.root}-${backend}`, runRoot: `${world.runRoot}-${backend}` })
    try {
      const { controller } = engine
      await controller.createNetwork({ name: 'full', subnets: [{ subnet: '10.99.0.0/16' }] })
      const ids = Array.from({ length: ENDPOINTS }, () => randomBytes(32).toString('hex') as SandboxId)
      const times: number[] = []
      for (const [i, id] of ids.entries()) {
        const endpoint = { network: 'full', name: `bench-${i}` }
        times.push(await timed({ run: async () => { await controller.createSandbox({ id, mode: 'bridge', endpoints: [endpoint] }) } }))
      }
      // The very first one warms up the process.
      const [theirs, ours] = [median(times.slice(1, WINDOW + 1)), median(times.slice(-WINDOW))]
      results.push({ what: `attach the ${ENDPOINTS}th endpoint of a network, ${backend}`, peer: 'the first', ours, theirs, unit: 'ms', wantedPart: 1 / 1.3 })
      for (const id of ids) await controller.deleteSandbox(id)
      await controller.deleteNetwork('full')
    } finally {
      await engine.close()
    }
  }
  return results
}
