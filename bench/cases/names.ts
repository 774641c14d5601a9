/**
 * Names of a network with a hundred containers, asked for from inside one of them: tsnet, Docker's embedded DNS, and Podman's aardvark-dns,
 * which gets its containers as a file and one member to ask from.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AardvarkPeer } from '../aardvark-peer.ts'
import { type DnsServer, dnsperfInput, p99, questionsPerSecond } from '../dns-load.ts'
import type { Result } from '../result.ts'
import { median } from '../sample.ts'
import { IMAGE, inParallel, type World } from '../world.ts'

const CONTAINERS = 100
const ROUNDS = 11

export async function namesCase(world: World): Promise<readonly Result[]> {
  const names = Array.from({ length: CONTAINERS }, (_, index) => `c${index}`)
  const questions = join(world.folder, 'questions')
  writeFileSync(questions, dnsperfInput(names))
  await using peer = await AardvarkPeer.start(world.folder, names)
  const servers = {
    tsnet: await startTsnet(world, names, questions),
    docker: await startDocker(world, names, questions),
    aardvark: { netns: peer.netns, address: peer.address, questions },
  }
  try {
    return await compare(servers)
  } finally {
    world.tsnet('rm', '-f', ...names)
    world.tsnet('network', 'rm', 'bench-names')
  }
}

type Servers = Readonly<Record<'tsnet' | 'docker' | 'aardvark', DnsServer>>

/** A round of each, one after the other; the first is not counted. */
async function compare(servers: Servers): Promise<readonly Result[]> {
  const measured = (measure: (server: DnsServer) => number) => {
    const rounds = Array.from({ length: ROUNDS + 1 }, () => ({
      tsnet: measure(servers.tsnet), docker: measure(servers.docker), aardvark: measure(servers.aardvark),
    })).slice(1)
    const of = (name: keyof Servers): number => median(rounds.map(round => round[name]))
    return { tsnet: of('tsnet'), docker: of('docker'), aardvark: of('aardvark') }
  }
  const perQuestion = measured(server => 1e6 / questionsPerSecond(server))
  const slow = measured(p99)
  return (['docker', 'aardvark'] as const).flatMap((name): readonly Result[] => {
    const [peer, unit, wantedPart] = [name === 'docker' ? 'embedded DNS' : 'aardvark-dns', 'µs', 2] as const
    return [
      { what: 'a name, of 100 containers, 100 questions at once: time per question', peer, ours: perQuestion.tsnet, theirs: perQuestion[name], unit, wantedPart },
      { what: 'the same: 99 of 100 answers come within', peer, ours: slow.tsnet, theirs: slow[name], unit, wantedPart },
    ]
  })
}

async function startTsnet(world: World, names: readonly string[], questions: string): Promise<DnsServer> {
  world.tsnet('network', 'create', 'bench-names')
  for (const name of names) await inParallel(1, world.argv('run', '-d', '--name', name, '--network', 'bench-names', IMAGE, 'sleep', '3600'), world.env)
  const netns = world.tsnet('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', names[0] ?? '').trim()
  const address = /^nameserver (.*)$/m.exec(world.tsnet('exec', names[0] ?? '', 'cat', '/etc/resolv.conf'))?.[1] ?? ''
  return { netns, address, questions }
}

async function startDocker(world: World, names: readonly string[], questions: string): Promise<DnsServer> {
  world.docker.docker('network', 'create', 'bench-names')
  for (const name of names) world.docker.docker('run', '-d', '--name', name, '--network', 'bench-names', IMAGE, 'sleep', '3600')
  return { netns: world.docker.netnsOf(names[0] ?? ''), address: '127.0.0.11', questions }
}
