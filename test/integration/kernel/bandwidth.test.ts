/** Token buckets on links: made by us, read back with `tc`, gone without a trace; and made by `tc` from our own description. */
import { execFileSync } from 'node:child_process'
import test, { type ExecutionContext } from 'ava'
import { openKernel } from '../../../kernel/kernel.ts'
import { linkFamily } from '../../../kernel/objects/family.ts'
import type { BandwidthObject, KernelObject } from '../../../objects/object.ts'
import { failEveryCall } from '../../helpers/faults.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { assertNoResidue, takeSnapshot } from '../../helpers/snapshot.ts'

const netns = '/run/tsnet/netns/limited'
const links: readonly KernelObject[] = [
  { kind: 'netns', path: netns },
  { kind: 'veth', host: 'ts00000000bw', peer: 'eth0', netns, mac: '02:42:ac:1e:00:02', hairpin: false, alias: 'tsnet:bandwidth' },
]
const ingress: BandwidthObject = { kind: 'bandwidth', on: 'ts00000000bw', bitsPerSecond: 100_000_000, burstBytes: 131_072 }
const egress: BandwidthObject = { kind: 'bandwidth', on: 'eth0', netns, bitsPerSecond: 1_000_000, burstBytes: 32_768 }
const all = [...links, ingress, egress]

const host = new Namespace('host')
const container = new Namespace('container', netns)
const needs = (t: ExecutionContext): boolean => requires.root(t) && requires.tool(t, 'tc')

interface Qdisc { readonly kind: string, readonly root?: boolean, readonly options: { readonly rate?: number, readonly burst?: number, readonly lat?: number } }

async function root(where: Namespace, dev: string): Promise<Qdisc | undefined> {
  const found = await where.json('tc', '-j', 'qdisc', 'show', 'dev', dev) as unknown as readonly Qdisc[]
  return found.find(qdisc => qdisc.root === true)
}

test.serial('what goes in and what goes out is limited as tc sees it, and is missing when somebody else removes it', async t => {
  if (!needs(t)) return
  using kernel = new DisposableStack()
  const family = linkFamily(kernel.adopt(openKernel(), opened => opened.close()))
  await family.create(all)
  // The kernel keeps a burst as a time: tc calculates it back, and may miss some bytes.
  for (const [where, dev, rate, burst] of [[host, 'ts00000000bw', 12_500_000, 131_072], [container, 'eth0', 125_000, 32_768]] as const) {
    const found = await root(where, dev)
    t.like(found, { kind: 'tbf', options: { rate } })
    t.true(Math.abs((found?.options.burst ?? 0) - burst) < 16, String(found?.options.burst))
  }
  t.deepEqual(await family.missing(all), [])
  await family.create(all)
  await container.run('tc', 'qdisc', 'del', 'dev', 'eth0', 'root')
  await host.run('tc', 'qdisc', 'replace', 'dev', 'ts00000000bw', 'root', 'tbf', 'rate', '5mbit', 'burst', '131072', 'latency', '50ms')
  t.deepEqual(await family.missing(all), [ingress, egress])
  await family.create([ingress, egress])
  t.deepEqual(await family.missing(all), [])
  await family.remove([ingress, egress])
  t.like(await root(host, 'ts00000000bw'), { kind: 'noqueue' })
  t.like(await root(container, 'eth0'), { kind: 'noqueue' })
  await family.remove([ingress, egress])
  await host.run('tc', 'qdisc', 'add', 'dev', 'ts00000000bw', 'root', 'pfifo')
  await family.remove([ingress])
  t.like(await root(host, 'ts00000000bw'), { kind: 'pfifo' }, 'what somebody else put there stays')
  await family.remove(all)
})

test.serial('rates from the slowest to beyond 32 bits come back as they were asked for', async t => {
  if (!needs(t)) return
  using kernel = new DisposableStack()
  const family = linkFamily(kernel.adopt(openKernel(), opened => opened.close()))
  await family.create(links)
  for (const [bitsPerSecond, burstBytes] of [[8000, 10_000], [100_000_000, 10_000], [10e9, 12_500_000], [1e12, 0x7fff_ffff]] as const) {
    const object: BandwidthObject = { ...ingress, bitsPerSecond, burstBytes }
    await family.create([object])
    t.like(await root(host, 'ts00000000bw'), { options: { rate: bitsPerSecond / 8 } }, String(bitsPerSecond))
    t.deepEqual(await family.missing([object]), [], `${bitsPerSecond} with ${burstBytes}`)
  }
  await family.remove(links)
})

test.serial('the shell commands of the description make the same', async t => {
  if (!needs(t)) return
  using kernel = new DisposableStack()
  const family = linkFamily(kernel.adopt(openKernel(), opened => opened.close()))
  await family.create(links)
  execFileSync('sh', ['-ec', [ingress, egress].flatMap(object => family.describe(object)).join('\n')])
  t.deepEqual(await family.missing(all), [])
  await family.remove(all)
})

test.serial('any kernel call that fails leaves nothing', async t => {
  if (!needs(t)) return
  const before = await takeSnapshot()
  const calls = await failEveryCall({
    operation: async observer => {
      const kernel = openKernel({ observer })
      try {
        await linkFamily(kernel).create(all)
      } finally {
        kernel.close()
      }
    },
    verify: async () => assertNoResidue(before, await takeSnapshot(), { except: [/^[-+] (cgroups|fds):/, /^[-+] files: .*\/netns/] }),
    undo: () => linkFamily(openKernel()).remove(all),
  })
  t.true(calls >= 5)
})
