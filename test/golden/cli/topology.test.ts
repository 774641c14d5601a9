/**
 * The four pictures of one topology, compared with files. `UPDATE_GOLDEN=1` writes them anew: read the difference, and look at the SVG,
 * before committing it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { dispatch } from '../../../cli/dispatch.ts'
import { buildTopology } from '../../../topology/build.ts'
import { FakeCli } from '../../unit/cli/fake-cli.ts'
import { observation } from '../../unit/topology/fixtures.ts'

const folder = join(import.meta.dirname, 'topology')

async function printed(...words: readonly string[]): Promise<string> {
  const cli = new FakeCli({ topology: () => Promise.resolve(buildTopology(observation)) })
  await dispatch(['topology', ...words], cli)
  return `${cli.printed.join('\n')}\n`
}

for (const [file, words] of [['topology.txt', []], ['topology.json', ['--format', 'json']], ['topology.dot', ['-f', 'dot']], ['topology.svg', ['--format=svg']]] as const) {
  test(`the picture is that of ${file}`, async t => {
    const path = join(folder, file)
    const text = await printed(...words)
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, text)
    t.is(text, readFileSync(path, 'utf8'))
  })
}

test('an unknown format is refused with the known ones', async t => {
  await t.throwsAsync(printed('--format', 'png'), { code: 'invalid-argument', message: '--format "png": there are text, json, dot, svg' })
})
