/** `--bandwidth`: measured by what a bounded transfer takes at least, seen with tc, kept through connect and disconnect. */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { hostWithBusybox } from './world.ts'

let host: FakeHost
test.before(async () => {
  host = await hostWithBusybox()
  await out('network', 'create', 'blue')
  await out('network', 'create', 'red')
})
test.after.always(() => host[Symbol.asyncDispose]())

async function out(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await host.tsnet(...words)
  if (status !== 0 || stderr !== '') throw new Error(`tsnet ${words.join(' ')}: status ${status}: ${stderr}`)
  return stdout.trimEnd()
}

/** Rates in bytes per second of all token buckets of the host. */
async function rates(): Promise<readonly number[]> {
  const qdiscs = JSON.parse(await host.run('tc', '-j', 'qdisc', 'show')) as { kind: string, options: { rate?: number } }[]
  return qdiscs.filter(({ kind }) => kind === 'tbf').map(({ options }) => options.rate ?? 0).toSorted((a, b) => a - b)
}

const PROGRAM = fileURLToPath(new URL('./transfer.fixture.ts', import.meta.url))

async function namespaceOf(name: string): Promise<Namespace> {
  return new Namespace(name, await out('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', name))
}

/** Milliseconds that `bytes` bytes take from one container to another, the test's own program at both ends. */
async function transfer(from: string, to: string, bytes: number): Promise<number> {
  await using source = await namespaceOf(from)
  await using sink = await namespaceOf(to)
  const server = sink.spawn([process.execPath, PROGRAM, 'sink', '7000'], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(server.stdout!, 'data')
  const address = await out('inspect', '-f', '{{.NetworkSettings.Networks.blue.IPAddress}}', to)
  return Number(await source.run(process.execPath, PROGRAM, 'source', address, '7000', String(bytes)))
}

test.serial('a container receives and sends no faster than it may', async t => {
  if (!requires.root(t) || !requires.tool(t, 'tc')) return
  await out('run', '-d', '--name', 'slow', '--net', 'blue', '--bandwidth', 'ingress=16mbit,egress=8mbit/64k', 'busybox', 'sleep', '1000')
  await out('run', '-d', '--name', 'free', '--net', 'blue', 'busybox', 'sleep', '1000')
  t.deepEqual(await rates(), [2_000_000])
  // 4 MB at 2 MB/s in, 2 MB at 1 MB/s out, less what the bucket and the queue hold.
  t.true(await transfer('free', 'slow', 4_000_000) > 1700)
  t.true(await transfer('slow', 'free', 2_000_000) > 1700)
  const inspected = JSON.parse(await out('inspect', 'slow'))[0].NetworkSettings.Networks.blue
  t.deepEqual(inspected.DriverOpts, { 'tsnet.bandwidth.ingress': '16mbit', 'tsnet.bandwidth.egress': '8mbit/64k' })
  await out('rm', '-f', 'free')
})

test.serial('the limit is the endpoint\'s: it stays through connect and disconnect of others, and goes with its own', async t => {
  if (!requires.root(t) || !requires.tool(t, 'tc')) return
  await out('network', 'connect', '--bandwidth', 'ingress=40mbit', 'red', 'slow')
  t.deepEqual(await rates(), [2_000_000, 5_000_000])
  await out('network', 'disconnect', 'red', 'slow')
  t.deepEqual(await rates(), [2_000_000])
  await out('network', 'disconnect', 'blue', 'slow')
  t.deepEqual(await rates(), [])
  await out('rm', '-f', 'slow')
  await out('run', '-d', '--name', 'two', '--network', 'name=blue,ingress=80mbit', '--network', 'name=red,ingress=160mbit,egress=1gbit', 'busybox', 'sleep', '1000')
  t.deepEqual(await rates(), [10_000_000, 20_000_000])
  t.regex(await out('run', '--dry-run', '--net', 'blue', '--bandwidth', 'ingress=1mbit', 'busybox', 'true'), /^tc qdisc replace dev ts\w+ root tbf rate 1000000bit burst 32768 limit \d+$/m)
  await out('rm', '-f', 'two')
})

for (const [value, message] of [
  ['ingress=fast', /"fast": a rate is a number from 8kbit to 1000gbit.*\(invalid-option\)/],
  ['ingress=10mbps', /"10mbps": a rate is/], ['egress=1mbit/1', /a burst is a number of bytes/],
  ['100mbit', /bandwidth "100mbit": it is neither ingress=RATE nor egress=RATE/],
] as const) {
  test.serial(`--bandwidth ${value} is refused`, async t => {
    if (!requires.root(t)) return
    const { status, stderr } = await host.tsnet('run', '--rm', '--net', 'blue', '--bandwidth', value, 'busybox', 'true')
    t.is(status, 125)
    t.regex(stderr, message)
  })
}

test.serial('--bandwidth is refused where there is no link to limit', async t => {
  if (!requires.root(t)) return
  const { status, stderr } = await host.tsnet('run', '--rm', '--net', 'host', '--bandwidth', 'ingress=1mbit', 'busybox', 'true')
  t.is(status, 125)
  t.regex(stderr, /--bandwidth: a container with --network host has no link of its own \(conflicting-options\)/)
})
