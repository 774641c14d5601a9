/** What waits for a running container: the resident memory of its parent process. */
import { parentOf, residentKilobytes } from '../docker-peer.ts'
import type { Result } from '../result.ts'
import { IMAGE, type World } from '../world.ts'

export async function memoryCase(world: World): Promise<readonly Result[]> {
  const command = ['run', '-d', '--name', 'memory', IMAGE, 'sleep', '600']
  world.tsnet(...command)
  world.docker.docker(...command)
  const ours = residentKilobytes(parentOf(Number(world.tsnet('inspect', '--format', '{{.State.Pid}}', 'memory'))))
  const theirs = world.docker.shimKilobytes('memory')
  world.tsnet('rm', '-f', 'memory')
  world.docker.docker('rm', '-f', 'memory')
  return [{ what: 'memory of a container\'s shim (VmRSS)', peer: 'containerd-shim', ours, theirs, unit: 'kB', wantedPart: 50 }]
}
