/** Readers that do not read, and shims that are killed: whoever stops or removes the container is not held up, and nothing stays. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import test from 'ava'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { hostWithBusybox } from '../cli/world.ts'

let host: FakeHost
test.before(async () => {
  host = await hostWithBusybox()
  await host.tsnet('run', '--rm', 'busybox', 'true')
})
test.after.always(() => host[Symbol.asyncDispose]())

const processOf = async (name: string): Promise<number> => Number((await host.tsnet('inspect', '-f', '{{.State.Pid}}', name)).stdout)

for (const words of [['rm', '-f'], ['stop', '-t', '1']]) {
  test.serial(`${words.join(' ')} of a container whose attached reader does not read`, async t => {
    if (!requires.root(t)) return
    const child = host.startTsnet('run', '--name', 'stuck', 'busybox', 'sh', '-c', 'echo up >&2; exec yes')
    await once(child.stderr!, 'data')
    const closed = once(child, 'close')
    const { status, stderr } = await host.tsnet(...words, 'stuck')
    t.is(stderr, '')
    t.is(status, 0)
    child.stdout?.resume()
    await closed
    t.is(child.exitCode, 137)
    await host.tsnet('rm', '-f', 'stuck')
  })
}

test.serial('the shim of a container in the foreground is killed: the command line kills the rest, and leaves nothing', async t => {
  if (!requires.root(t)) return
  const before = await host.snapshot()
  const child = host.startTsnet('run', '--rm', '--name', 'orphan', '-p', '8099:80', 'busybox', 'sh', '-c', 'echo up; exec sleep 600')
  await once(child.stdout!, 'data')
  const closed = once(child, 'close')
  const pid = await processOf('orphan')
  process.kill(Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]), 'SIGKILL')
  await closed
  t.is(child.exitCode, 137)
  await host.assertAsBefore(before, { except: [/cgroups:/] })
})
