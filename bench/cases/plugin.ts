/**
 * Docker's networks on tsnet: what the plugin takes of a container's start, and whole `docker run`s beside Docker's own bridge driver. dockerd's
 * share is in both numbers of a pair.
 */
import { PluginPeer } from '../plugin-peer.ts'
import type { Result } from '../result.ts'
import { alternate, execute, median, timed } from '../sample.ts'
import { IMAGE, inParallel, type World } from '../world.ts'

const RUNS = 11
const ENDPOINTS = 100
const CONTAINERS = 32
const network = 'ab'.repeat(32)

export async function pluginCase(world: World): Promise<readonly Result[]> {
  await using plugin = await PluginPeer.start(world)
  const { docker } = world
  docker.docker('network', 'create', '-d', 'tsnet', '--ipam-driver', 'tsnet', 'ours')
  docker.docker('network', 'create', 'theirs')
  const run = (of: string, ...options: readonly string[]): readonly string[] => docker.argv('run', '--rm', '--network', of, ...options, IMAGE, 'true')
  const one = await alternate(
    { run: () => { execute(run('ours', '-p', '18080:80')) } }, { run: () => { execute(run('theirs', '-p', '18081:80')) } }, RUNS)
  const many = await alternate(
    { run: () => inParallel(CONTAINERS, run('ours'), process.env) }, { run: () => inParallel(CONTAINERS, run('theirs'), process.env) }, 3)
  const { times, kilobytes } = await attachMany(plugin)
  const ports = await publishMany(world)
  const sorted = times.toSorted((a, b) => a - b)
  return [
    { what: 'CreateEndpoint + Join + Program…', peer: 'limit', ours: median(times), theirs: 5, unit: 'ms', wantedPart: 1 },
    { what: 'the same, 99 of 100', peer: 'limit', ours: sorted[Math.floor(sorted.length * 0.99) - 1] ?? 0, theirs: 20, unit: 'ms', wantedPart: 1 },
    { what: '`docker run --rm -p` on tsnet', peer: 'bridge driver', ours: one.ours, theirs: one.theirs, unit: 'ms', wantedPart: 1 },
    { what: `${CONTAINERS} × \`docker run --rm\` at once on tsnet`, peer: 'bridge driver', ours: many.ours, theirs: many.theirs, unit: 'ms', wantedPart: 1 / 0.9 },
    { what: `memory of \`tsnet serve\`, ${ENDPOINTS} endpoints`, peer: 'limit', ours: kilobytes, theirs: 90 * 1024, unit: 'kB', wantedPart: 1 },
    { what: '`docker run -d -p 20000-20999:…` on tsnet', peer: 'bridge driver', ours: ports.ours, theirs: ports.theirs, unit: 'ms', wantedPart: 20 },
  ]
}

/** A hundred endpoints with a port each, by the calls that dockerd makes; the first ten are not counted. */
async function attachMany(plugin: PluginPeer): Promise<{ readonly times: readonly number[], readonly kilobytes: number }> {
  await plugin.call('NetworkDriver.CreateNetwork', { NetworkID: network, IPv4Data: [{ AddressSpace: 'x', Pool: '10.222.0.0/16', Gateway: '10.222.0.1/16' }] })
  const times: number[] = []
  for (let n = 0; n < ENDPOINTS; n += 1) {
    const ids = { NetworkID: network, EndpointID: `${String(n).padStart(4, '0')}${'cd'.repeat(30)}` }
    const portmap = { Options: { 'com.docker.network.portmap': [{ Proto: 6, Port: 80, HostPort: 21_000 + n, HostPortEnd: 21_000 + n }] } }
    times.push(await timed({ run: async () => {
      await plugin.call('NetworkDriver.CreateEndpoint', { ...ids, Interface: { Address: `10.222.1.${n + 1}/16` } })
      await plugin.call('NetworkDriver.Join', { ...ids, SandboxKey: `/run/docker/netns/${n}`, ...portmap })
      await plugin.call('NetworkDriver.ProgramExternalConnectivity', { ...ids, ...portmap })
    } }))
  }
  const { kilobytes } = plugin
  await plugin.call('NetworkDriver.DeleteNetwork', { NetworkID: network })
  return { times: times.slice(10), kilobytes }
}

/** Docker's own driver takes half a minute, and as long again to end; it is measured once, and left to the end of dockerd. */
async function publishMany({ docker }: World): Promise<{ readonly ours: number, readonly theirs: number }> {
  const command = (of: string, first: number): readonly string[] =>
    docker.argv('run', '-d', '--name', `ports-${of}`, '--network', of, '-p', `${first}-${first + 999}:20000-20999`, IMAGE, 'sleep', '600')
  const ours: number[] = []
  for (let n = 0; n < 3; n += 1) {
    ours.push(await timed({ run: () => { execute(command('ours', 20_000)) }, after: () => { docker.docker('rm', '-f', 'ports-ours') } }))
  }
  return { ours: median(ours), theirs: await timed({ run: () => { execute(command('theirs', 30_000)) } }) }
}
