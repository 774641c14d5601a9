/** The start of the resolver, whose starter may die at any moment: whoever comes next has a resolver, and there is but one. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { instanceState } from '../../../dns/instance.ts'
import { requires } from '../../helpers/requires.ts'
import { CHECKOUT } from '../../helpers/tsnet.ts'
import { eventually } from '../../integration/runtime/container/host.ts'
import { Lab } from './lab.ts'

const STARTER = fileURLToPath(new URL('./start.fixture.ts', import.meta.url))
/** What a start is made of; those of Node's own start are among them. */
const calls = ['flock', 'ftruncate', 'socketpair', 'memfd_create', 'clone', 'clone3', 'vfork', 'fork', 'execve', 'sendmsg', 'wait4', 'waitid'].join()

/** Of this host: those whose state is in `runRoot`. */
function resolvers(runRoot: string): readonly number[] {
  return readdirSync('/proc').map(Number).filter(pid => {
    try {
      return pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`--run-root\0${runRoot}\0internal\0resolve`)
    } catch {
      return false
    }
  })
}

test.serial('whoever starts the resolver may be killed at any system call that makes it: the next command has one, and only one', async t => {
  if (!requires.root(t) || !requires.tool(t, 'strace') || !requires.tool(t, 'dig')) return
  t.timeout(300_000)
  await using lab = await Lab.create()
  const { root, runRoot } = lab.host.roots
  await lab.ok('network', 'create', 'blue')
  await lab.ok('run', '-d', '--name', 'web', '--net', 'blue', 'busybox', 'sleep', '1000')
  const inside = await lab.inside('web')
  const gateway = await lab.gateway('blue', 4)
  const starter = [process.execPath, STARTER, root, runRoot, process.execPath, join(CHECKOUT, 'dist/tsnet.js')]
  let killed = 0
  for (let n = 1; ; n += 1) {
    lab.killWithWatcher()
    await eventually(async () => {
      if (await Promise.resolve(instanceState(runRoot).state) !== 'dead') throw new Error('not dead yet')
    })
    const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:signal=KILL:when=${n}`]
    const { status } = await lab.host.try('strace', '-qq', '-o', '/dev/null', ...inject, ...starter)
    if (status === 0) break
    killed += 1
    await lab.ok('ps')
    await eventually(async () => {
      const answer = await inside.try('dig', '+short', '+time=1', '+tries=1', `@${gateway}`, 'web')
      if (!answer.stdout.includes('.')) throw new Error(`call ${n}: no answer`)
    })
    t.is(resolvers(runRoot).length, 1, `call ${n}`)
  }
  t.true(killed >= 5, `${killed} calls`)
  await eventually(async () => {
    if (!(await inside.run('dig', '+short', '+time=1', `@${gateway}`, 'web')).includes('.')) throw new Error('no answer')
  })
  await lab.ok('rm', '-f', 'web')
  await lab.ok('network', 'rm', 'blue')
  await eventually(async () => {
    if (await Promise.resolve(resolvers(runRoot).length) > 0) throw new Error('somebody is left')
  })
})
