/**
 * 1000 published ports of one container. One run of dockerd takes half a minute, and the removal more than one; it is measured once and not
 * removed: the benchmark ends dockerd and all it started afterwards.
 */
import type { Result } from '../result.ts'
import { execute, median, timed } from '../sample.ts'
import { IMAGE, type World } from '../world.ts'

const COUNT = 5

export async function portsCase(world: World): Promise<readonly Result[]> {
  const command = ['run', '-d', '--name', 'ports', '-p', '20000-20999:20000-20999', IMAGE, 'sleep', '600']
  const ours: number[] = []
  for (let n = 0; n < COUNT; n += 1) {
    ours.push(await timed({
      run: () => { execute(world.argv(...command), { env: world.env }) },
      after: () => { world.tsnet('rm', '-f', 'ports') },
    }))
  }
  const theirs = await timed({ run: () => { execute(world.docker.argv(...command)) } })
  return [{ what: '`run -d -p 20000-20999:20000-20999`', peer: 'docker', ours: median(ours), theirs, unit: 'ms', wantedPart: 50 }]
}
