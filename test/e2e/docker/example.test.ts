/** The example of the Docker plugin does what it says; its units are what systemd takes. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { runCommand } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { CHECKOUT } from '../../helpers/tsnet.ts'
import { DockerLab } from './lab.ts'

const folder = join(CHECKOUT, 'examples/docker-plugin')

test.serial('demo.sh prints what its last comment says, and leaves nothing', async t => {
  if (!requires.root(t) || !requires.tool(t, 'dockerd')) return
  await using lab = await DockerLab.create({ serve: false })
  const before = await lab.host.snapshot()
  // Debian's client comes first, as everywhere in these tests.
  const programs = mkdtempSync('/run/programs-')
  symlinkSync('/usr/bin/docker', join(programs, 'docker'))
  const env = { ...lab.host.roots.env, DOCKER_HOST: `unix://${lab.daemon.socket}`, PATH: `${programs}:${CHECKOUT}bin:${process.env.PATH}` }
  const path = join(folder, 'demo.sh')
  const { status, stdout, stderr } = await runCommand(['sh', path], { env, timeoutMs: 120_000 })
  const [, comment = ''] = readFileSync(path, 'utf8').split('# Output:\n')
  t.is(stdout, comment.replaceAll(/^# ?/gm, ''), stderr)
  t.is(status, 0, stderr)
  rmSync(programs, { recursive: true })
  await lab.host.assertAsBefore(before, { except: [/ cgroups: /, / files: .*(\.lock|\/owners\/.*|tsnet\.db.*)$/, /docker0.*fe80::|fe80::.*docker0/] })
})

test.serial('the units name the socket that dockerd looks for', t => {
  t.regex(readFileSync(join(folder, 'tsnet.socket'), 'utf8'), /^ListenStream=\/run\/docker\/plugins\/tsnet\.sock$/m)
  t.regex(readFileSync(join(folder, 'tsnet.service'), 'utf8'), /^ExecStart=.*tsnet serve$/m)
})
