/** A whole container from the command line: `tsnet run --rm` against `docker run --rm`, one after the other. */
import type { Result } from '../result.ts'
import { LEARNING_RUNS, alternate, execute } from '../sample.ts'
import { IMAGE, type World } from '../world.ts'

const COUNT = 21

export async function runCase(world: World): Promise<readonly Result[]> {
  return [
    await one(world, 'run --rm --net=bridge', ['--net=bridge']),
    await one(world, 'run --rm -p 18080:80', ['-p', '18080:80']),
  ]
}

async function one(world: World, what: string, options: readonly string[]): Promise<Result> {
  const command = ['run', '--rm', ...options, IMAGE, 'true']
  const { ours, theirs } = await alternate(
    { run: () => { execute(world.argv(...command), { env: world.env }) } },
    { run: () => { execute(world.docker.argv(...command)) } },
    COUNT, LEARNING_RUNS)
  return { what: `\`${what} busybox true\``, peer: 'docker', ours, theirs, unit: 'ms', wantedPart: 3 }
}
