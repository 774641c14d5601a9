/**
 * CNI calls beside the chain of the reference plugins: the plugin tsnet and the drop-in names, as processes of their own and by the thin client,
 * with each backend; and what 64 000 leased addresses do to an ADD.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CniChain } from '../cni-chain.ts'
import { serveCni } from '../cni-server.ts'
import type { Result } from '../result.ts'
import { LEARNING_RUNS, alternate, execute } from '../sample.ts'
import type { World } from '../world.ts'

const REFERENCE = '/usr/lib/cni'
const RUNS = 15
const LEASES = 64_000
const names = ['tsnet', 'bridge', 'portmap', 'host-local']

interface Pair { readonly add: { readonly ours: number, readonly theirs: number }, readonly del: { readonly ours: number, readonly theirs: number } }

export async function cniCase(world: World): Promise<readonly Result[]> {
  const [alone, thin] = ['cni-alone', 'cni-thin'].map(name => join(world.folder, name)) as [string, string]
  world.tsnet('cni', 'install', '--standalone', alone, ...names)
  world.tsnet('cni', 'install', thin, ...names)
  const results: Result[] = []
  // The one that the other cases have comes last.
  for (const backend of ['nftables', 'iptables'] as const) {
    world.tsnet('firewall', 'use', backend)
    const [fast, slow] = backend === 'nftables' ? [1 / 0.15, 1 / 0.08] : [1 / 0.3, 1 / 0.2]
    results.push(...rows(`\`tsnet\`, ${backend}`, await measure(world, alone, ['tsnet'], 1), [1 / 0.75, 1 / 0.25]))
    results.push(...rows(`\`tsnet\`, ten ports, ${backend}`, await measure(world, alone, ['tsnet'], 10), [1 / 0.3, 1 / 0.25]))
    results.push(...rows(`\`bridge\` and \`portmap\`, ${backend}`, await measure(world, alone, ['bridge', 'portmap'], 1), [1 / 1.3, 1]))
    await using _server = await serveCni(world)
    results.push(...rows(`\`tsnet\`, thin client, ${backend}`, await measure(world, thin, ['tsnet'], 1), [fast, slow]))
    results.push(...rows(`\`bridge\` and \`portmap\`, thin client, ${backend}`, await measure(world, thin, ['bridge', 'portmap'], 1), [4, 4]))
  }
  return [...results, await manyLeases(world, alone)]
}

function rows(what: string, { add, del }: Pair, [addPart, delPart]: readonly [number, number]): readonly Result[] {
  const peer = 'bridge + host-local + portmap'
  return [
    { what: `CNI ADD: ${what}`, peer, ...add, unit: 'ms', wantedPart: addPart }, { what: `CNI DEL: ${what}`, peer, ...del, unit: 'ms', wantedPart: delPart },
  ]
}

/** A container beside each keeps bridge and rules alive, as on a node that runs some. */
async function measure(world: World, folder: string, plugins: readonly ('tsnet' | 'bridge' | 'portmap')[], count: number): Promise<Pair> {
  const ours = new CniChain({ folder, plugins, name: 'ours', bridge: 'cniours', subnet: '10.86.0.0/16', dataDir: join(world.folder, 'ours'), env: world.env })
  const theirs = new CniChain({ folder: REFERENCE, plugins: ['bridge', 'portmap'], name: 'theirs', bridge: 'cnitheirs', subnet: '10.87.0.0/16', dataDir: join(world.folder, 'theirs'), env: {} })
  const [first, second] = [{ first: 21_000, count }, { first: 22_000, count }]
  const sides = [[ours, 'o', first, { first: 23_000, count: 1 }], [theirs, 't', second, { first: 24_000, count: 1 }]] as const
  for (const [chain, id, , kept] of sides) {
    chain.makeNamespace(`${id}-kept`)
    chain.add(`${id}-kept`, kept)
  }
  const rival = ([chain, id, ports]: typeof sides[number], timed: 'add' | 'remove') => ({
    before: () => {
      chain.makeNamespace(id)
      if (timed === 'remove') chain.add(id, ports)
    },
    run: () => { chain[timed](id, ports) },
    after: () => {
      if (timed === 'add') chain.remove(id, ports)
      chain.removeNamespace(id)
    },
  })
  const add = await alternate(rival(sides[0], 'add'), rival(sides[1], 'add'), RUNS, LEARNING_RUNS)
  const del = await alternate(rival(sides[0], 'remove'), rival(sides[1], 'remove'), RUNS, LEARNING_RUNS)
  for (const [chain, id, , kept] of sides) {
    chain.remove(`${id}-kept`, kept)
    chain.removeNamespace(`${id}-kept`)
  }
  for (const link of ['cniours', 'cnitheirs']) execute(['ip', 'link', 'del', link])
  return { add, del }
}

/** With 64 000 addresses leased, as the reference plugin left them, an ADD of host-local beside one of an empty network. */
async function manyLeases(world: World, folder: string): Promise<Result> {
  const dataDir = join(world.folder, 'leases')
  mkdirSync(join(dataDir, 'full'), { recursive: true })
  for (let index = 2; index < LEASES; index++) {
    writeFileSync(join(dataDir, 'full', `10.88.${index >> 8}.${index & 255}`), `c${index}\r\neth0`)
  }
  const call = (name: string, command: string): void => {
    execute([join(folder, 'host-local')], {
      input: JSON.stringify({ cniVersion: '1.0.0', name, type: 'host-local', ipam: { type: 'host-local', dataDir, ranges: [[{ subnet: '10.88.0.0/16' }]] } }),
      env: { ...world.env, PATH: process.env.PATH, CNI_COMMAND: command, CNI_CONTAINERID: 'bench', CNI_NETNS: '/run/netns/none', CNI_IFNAME: 'eth0', CNI_PATH: folder },
    })
  }
  const rival = (name: string) => ({ run: () => { call(name, 'ADD') }, after: () => { call(name, 'DEL') } })
  const { ours, theirs } = await alternate(rival('full'), rival('empty'), RUNS, LEARNING_RUNS)
  return { what: `CNI ADD: \`host-local\` with ${LEASES} addresses leased`, peer: 'with none', ours, theirs, unit: 'ms', wantedPart: 1 / 1.2 }
}
