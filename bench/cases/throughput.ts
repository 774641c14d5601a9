/**
 * How fast bytes go from container to container over the bridge, and from outside through a published port: tsnet's default network beside docker0,
 * iperf3 at both ends, one stream.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import type { SandboxId } from '../../cnm/types.ts'
import { openEngine } from '../../engine/open.ts'
import { close } from '../../kernel/syscalls/descriptor.ts'
import { backendNames } from '../../nat/firewall.ts'
import { FakeHost } from '../../test/helpers/fake-host.ts'
import type { DockerPeer } from '../docker-peer.ts'
import type { Result } from '../result.ts'
import { execute, median } from '../sample.ts'
import { IMAGE, type World } from '../world.ts'

const PORT = 5201
const COUNT = 15
const SECONDS = 1
/** Namespace that plays the world for dockerd's host, and the addresses of the two. */
const OUTSIDE = 'bench-docker-out'
const uplink = { host: '192.0.2.1', outside: '192.0.2.2' } as const

/** From a namespace to an address that leads to the server in another. */
interface Path { readonly client: string, readonly server: string, readonly address: string }
interface Paths { readonly direct: Path, readonly published: Path }

export async function throughputCase(world: World): Promise<readonly Result[]> {
  await using _host = await FakeHost.create()
  using docker = dockerPaths(world.docker)
  const results: Result[] = []
  for (const backend of backendNames) {
    const engine = await openEngine({ root: `${world.root}-throughput`, runRoot: `${world.runRoot}-throughput` })
    try {
      await engine.firewall.use(backend)
      const ids = ['server', 'client'].map(name => ({ name, id: randomBytes(32).toString('hex') as SandboxId }))
      const ports = [{ protocol: 'tcp', host: { first: PORT, last: PORT }, container: { first: PORT, last: PORT } }] as const
      const made = []
      for (const { name, id } of ids) {
        made.push(await engine.controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'bridge', name, ...name === 'server' ? { ports } : {} }] }))
      }
      const [server, client] = made.map(({ sandbox }) => sandbox.netns ?? '')
      const address = made[0]?.endpoints[0]?.endpoint.addresses[0]?.cidr.split('/')[0] ?? ''
      const ours: Paths = {
        direct: { client: client ?? '', server: server ?? '', address },
        published: { client: '/run/netns/outside', server: server ?? '', address: uplink.host },
      }
      for (const [what, way] of [['from container to container', 'direct'], ['from outside through a published port', 'published']] as const) {
        results.push({ what: `a gigabyte ${what}, ${backend}`, peer: 'docker0', ...await inTurns(ours[way], docker.paths[way]), unit: 'ms', wantedPart: 0.98 })
      }
      for (const { id } of ids) await engine.controller.deleteSandbox(id)
      made.flatMap(({ heldPorts }) => heldPorts).forEach(close)
      await engine.controller.deleteNetwork('bridge')
    } finally {
      await engine.close()
    }
  }
  return results
}

/** Two containers of dockerd's, and a neighbour of its host. */
function dockerPaths(docker: DockerPeer): Disposable & { readonly paths: Paths } {
  docker.docker('run', '-d', '--name', 'iperf-server', '-p', `${PORT}:${PORT}`, IMAGE, 'sleep', '3600')
  docker.docker('run', '-d', '--name', 'iperf-client', IMAGE, 'sleep', '3600')
  const inHost = (...argv: readonly string[]): string => execute(['nsenter', `--net=/proc/${docker.pid}/ns/net`, ...argv])
  execute(['ip', 'netns', 'add', OUTSIDE])
  inHost('ip', 'link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', OUTSIDE)
  inHost('ip', 'addr', 'add', `${uplink.host}/24`, 'dev', 'up0')
  inHost('ip', 'link', 'set', 'up0', 'up')
  execute(['ip', '-n', OUTSIDE, 'addr', 'add', `${uplink.outside}/24`, 'dev', 'eth0'])
  execute(['ip', '-n', OUTSIDE, 'link', 'set', 'eth0', 'up'])
  const server = docker.netnsOf('iperf-server')
  const address = docker.docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', 'iperf-server').trim()
  return {
    paths: {
      direct: { client: docker.netnsOf('iperf-client'), server, address },
      published: { client: `/run/netns/${OUTSIDE}`, server, address: uplink.host },
    },
    [Symbol.dispose]() {
      docker.docker('rm', '-f', 'iperf-server', 'iperf-client')
      execute(['ip', 'netns', 'del', OUTSIDE])
    },
  }
}

async function inTurns(ours: Path, theirs: Path): Promise<{ readonly ours: number, readonly theirs: number }> {
  const times: { readonly ours: number[], readonly theirs: number[] } = { ours: [], theirs: [] }
  for (let n = 0; n <= COUNT; n += 1) {
    const turns = [async () => { times.ours.push(await gigabyteMs(ours)) }, async () => { times.theirs.push(await gigabyteMs(theirs)) }]
    // Each is the first as often as the other.
    for (const turn of n % 2 === 0 ? turns : turns.toReversed()) await turn()
  }
  return { ours: median(times.ours.slice(1)), theirs: median(times.theirs.slice(1)) }
}

/** Milliseconds that 1 GB takes at the rate of a stream of a second, as its receiver counts it; each end on a processor of its own. */
async function gigabyteMs({ client, server, address }: Path): Promise<number> {
  const listener = spawn('nsenter', [`--net=${server}`, 'iperf3', '--server', '--one-off', '--forceflush', '--port', String(PORT)], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(listener, 'exit')
  await listening(listener)
  const text = execute(['nsenter', `--net=${client}`, 'iperf3', '--client', address, '--port', String(PORT), '--time', String(SECONDS), '--affinity', '0,1', '--json'])
  await ended
  const { end } = JSON.parse(text) as { readonly end: { readonly sum_received: { readonly bits_per_second: number } } }
  return 8e9 / end.sum_received.bits_per_second * 1000
}

async function listening(server: ChildProcess): Promise<void> {
  for await (const chunk of server.stdout ?? []) if (String(chunk).includes('listening')) return
}
