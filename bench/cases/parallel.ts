/** 32 whole containers started at once, until the last has ended. */
import type { Result } from '../result.ts'
import { alternate } from '../sample.ts'
import { IMAGE, inParallel, type World } from '../world.ts'

const CONTAINERS = 32
const COUNT = 3

export async function parallelCase(world: World): Promise<readonly Result[]> {
  const command = ['run', '--rm', '--net=bridge', IMAGE, 'true']
  const { ours, theirs } = await alternate(
    { run: () => inParallel(CONTAINERS, world.argv(...command), world.env) },
    { run: () => inParallel(CONTAINERS, world.docker.argv(...command), process.env) },
    COUNT)
  return [{ what: `${CONTAINERS} × \`run --rm\` at once`, peer: 'docker', ours, theirs, unit: 'ms', wantedPart: 5 }]
}
