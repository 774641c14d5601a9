/** Every example does what it says, and leaves nothing behind. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { busyboxTar } from '../helpers/busybox-image.ts'
import { FakeHost } from '../helpers/fake-host.ts'
import { runCommand } from '../helpers/namespace.ts'
import { requires } from '../helpers/requires.ts'
import { CHECKOUT } from '../helpers/tsnet.ts'

const folder = join(CHECKOUT, 'examples')
const examples = readdirSync(folder).filter(name => name.endsWith('.sh'))

/** The comment at the end of a script, below `# Output:`. */
function expectedOutput(script: string): string {
  const [, comment = ''] = script.split('# Output:\n')
  return comment.replaceAll(/^# ?/gm, '')
}

for (const example of examples) {
  test.serial(`${example} prints what its last comment says`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    const archive = join(host.roots.runRoot, 'busybox.tar')
    await busyboxTar(archive)
    t.is((await host.tsnet('image', 'import', archive, 'busybox')).status, 0)
    const path = join(folder, example)
    const env = { ...host.roots.env, PATH: `${CHECKOUT}bin:${process.env.PATH}` }
    const { status, stdout, stderr } = await runCommand(['sh', path], { env, timeoutMs: 60_000 })
    t.is(stdout, expectedOutput(readFileSync(path, 'utf8')), stderr)
    t.is(status, 0, stderr)
  })
}
