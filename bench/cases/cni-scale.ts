/**
 * CNI calls in numbers: an ADD where 3000 ports are mapped already, beside the same call where none is and beside the reference chain with as
 * many; and a hundred ADDs at once on one network, each with a port, beside the reference chain.
 */
import { join } from 'node:path'
import { CniChain, type Ports } from '../cni-chain.ts'
import { serveCni } from '../cni-server.ts'
import { referenceMappings } from '../reference-mappings.ts'
import type { Result } from '../result.ts'
import { LEARNING_RUNS, type Pair, alternate, execute } from '../sample.ts'
import type { World } from '../world.ts'

const REFERENCE = '/usr/lib/cni'
const RUNS = 11
const CROWD_RUNS = 2
const MAPPINGS = 3000
const CROWD = 100
const backends = ['nftables', 'iptables'] as const
const one: Ports = { first: 21_000, count: 1 }
const many: Ports = { first: 30_000, count: MAPPINGS }

export async function cniScaleCase(world: World): Promise<readonly Result[]> {
  const [alone, thin] = ['cni-scale-alone', 'cni-scale-thin'].map(name => join(world.folder, name)) as [string, string]
  world.tsnet('cni', 'install', '--standalone', alone, 'tsnet')
  world.tsnet('cni', 'install', thin, 'tsnet')
  const results: Result[] = []
  // The one that the other cases have comes last.
  for (const backend of backends) {
    world.tsnet('firewall', 'use', backend)
    results.push(...await scale(world, alone, backend))
    await using _server = await serveCni(world)
    results.push(...await scale(world, thin, `thin client, ${backend}`))
  }
  return results
}

async function scale(world: World, folder: string, how: string): Promise<readonly Result[]> {
  const ours = new CniChain({ folder, plugins: ['tsnet'], name: 'ours', bridge: 'cniours', subnet: '10.86.0.0/16', dataDir: join(world.folder, 'ours'), env: world.env })
  const theirs = new CniChain({ folder: REFERENCE, plugins: ['bridge', 'portmap'], name: 'theirs', bridge: 'cnitheirs', subnet: '10.87.0.0/16', dataDir: join(world.folder, 'theirs'), env: {} })
  const kept: Ports = { first: 20_000, count: 1 }
  for (const [chain, id, first] of [[ours, 'o-kept', kept.first], [theirs, 't-kept', kept.first + 1]] as const) {
    chain.makeNamespace(id)
    chain.add(id, { first, count: 1 })
  }
  const existing = await withExisting(ours, theirs)
  const crowd = await alternate(crowdOf(ours, 'o', 22_000), crowdOf(theirs, 't', 24_000), CROWD_RUNS)
  for (const [chain, id, first] of [[ours, 'o-kept', kept.first], [theirs, 't-kept', kept.first + 1]] as const) {
    chain.remove(id, { first, count: 1 })
    chain.removeNamespace(id)
  }
  for (const link of ['cniours', 'cnitheirs']) execute(['ip', 'link', 'del', link])
  return [
    { what: `CNI ADD: \`tsnet\` with ${MAPPINGS} port mappings existing, ${how}`, peer: 'with none', ...existing.beforeNone, unit: 'ms', wantedPart: 1 / 1.2 },
    { what: `CNI ADD: \`tsnet\` with ${MAPPINGS} port mappings existing, ${how}`, peer: 'bridge + host-local + portmap with as many', ...existing.reference, unit: 'ms', wantedPart: 1 / 0.75 },
    { what: `${CROWD} CNI ADDs at once: \`tsnet\`, ${how}`, peer: 'bridge + host-local + portmap', ...crowd, unit: 'ms', wantedPart: 2 },
  ]
}

/** `ours` with 3000 mappings beside itself with none, and beside `theirs` with as many. */
async function withExisting(ours: CniChain, theirs: CniChain): Promise<{ readonly beforeNone: Pair, readonly reference: Pair }> {
  ours.makeNamespace('o-many')
  const [mine, other] = [single(ours, 'o', one), single(theirs, 't', { first: one.first + 1, count: 1 })]
  const beforeNone = await alternate({
    ...mine,
    before() {
      ours.add('o-many', many)
      mine.before()
    },
    after() {
      mine.after()
      ours.remove('o-many', many)
    },
  }, mine, RUNS, LEARNING_RUNS)
  ours.add('o-many', many)
  const mappings = referenceMappings(many, '10.87.200.1')
  const reference = await alternate(mine, other, RUNS)
  mappings[Symbol.dispose]()
  ours.remove('o-many', many)
  ours.removeNamespace('o-many')
  return { beforeNone, reference }
}

function single(chain: CniChain, id: string, ports: Ports) {
  return {
    before() { chain.makeNamespace(id) },
    run() { chain.add(id, ports) },
    after() {
      chain.remove(id, ports)
      chain.removeNamespace(id)
    },
  }
}

/** Each with a port of its own; what they get must differ. */
function crowdOf(chain: CniChain, prefix: string, first: number) {
  const members = Array.from({ length: CROWD }, (_, index) => ({ id: `${prefix}${index}`, ports: { first: first + index, count: 1 } }))
  return {
    before: () => { for (const { id } of members) chain.makeNamespace(id) },
    async run() {
      const addresses = await Promise.all(members.map(({ id, ports }) => chain.addBeside(id, ports)))
      if (new Set(addresses).size !== CROWD) throw new Error(`${CROWD} ADDs at once: ${new Set(addresses).size} addresses`)
    },
    async after() {
      await Promise.all(members.map(({ id, ports }) => chain.removeBeside(id, ports)))
      for (const { id } of members) chain.removeNamespace(id)
    },
  }
}
