import { existsSync, readlinkSync } from 'node:fs'
import test from 'ava'
import { isTsnetError } from '../../../../errors/error.ts'
import { execInContainer } from '../../../../runtime/init/exec.ts'
import type { StartedProcess } from '../../../../runtime/init/start-api.ts'
import { startContainer } from '../../../../runtime/init/start.ts'
import { createFixture, type Fixture, kill, outcome } from './start-fixture.ts'

let fixture: Fixture
let container: StartedProcess
test.before(async () => {
  fixture = await createFixture()
  container = await startContainer(fixture.request(['cat'], { interactive: true }))
})
test.after.always(async () => {
  kill(container.pid)
  await outcome(container)
  fixture[Symbol.dispose]()
})

const sh = (script: string): readonly string[] => ['sh', '-c', script]

test.serial('a further process runs in the container and its exit status is told', async t => {
  const result = await outcome(await execInContainer(fixture.exec(container.pid, sh('hostname; cat /proc/1/cmdline; echo err >&2; exit 6'))))
  t.deepEqual([result.stdout, result.stderr, result.exitCode], ['box\ncat\0', 'err\n', 6])
})

test.serial('it is in every namespace of the container', async t => {
  const started = await execInContainer(fixture.exec(container.pid, ['cat'], { interactive: true }))
  for (const name of ['mnt', 'net', 'pid', 'ipc', 'uts', 'cgroup']) {
    t.is(readlinkSync(`/proc/${started.pid}/ns/${name}`), readlinkSync(`/proc/${container.pid}/ns/${name}`))
  }
  started.attached?.stdin?.end('typed')
  t.is((await outcome(started)).stdout, 'typed')
})

test.serial('user, directory, environment and capabilities are those asked for', async t => {
  const process = { user: { uid: 1000, gid: 1000, additionalGids: [10] }, cwd: '/etc', env: ['PATH=/bin', 'COLOUR=blue'] }
  const { stdout } = await outcome(await execInContainer(fixture.exec(container.pid, sh('id; pwd; echo $COLOUR; grep CapBnd /proc/self/status'), { process })))
  t.is(stdout, 'uid=1000(guest) gid=1000(guest) groups=10(wheel)\n/etc\nblue\nCapBnd:\t00000000a80425fb\n')
})

test.serial('nothing is open in it but the three standard descriptors', async t => {
  const { stdout } = await outcome(await execInContainer(fixture.exec(container.pid, sh('ls /proc/$$/fd; true'))))
  t.is(stdout, '0\n1\n2\n')
})

test.serial('a terminal of the container\'s own devpts', async t => {
  const started = await execInContainer(fixture.exec(container.pid, sh('tty; stty size; read x; echo got $x'), {
    interactive: true, size: { rows: 5, columns: 6 }, process: { terminal: true },
  }))
  started.attached?.stdin?.write('hi\r')
  t.is((await outcome(started)).stdout.replace('hi\r\n', ''), '/dev/pts/0\r\n5 6\r\ngot hi\r\n')
})

test.serial('a detached one goes on without its caller', async t => {
  await execInContainer(fixture.exec(container.pid, sh('mkdir /tmp/there'), { detach: true }))
  const path = `/proc/${container.pid}/root/tmp/there`
  while (!existsSync(path)) await new Promise(resolve => { setImmediate(resolve) })
  t.true(existsSync(path))
})

test.serial('a background process that keeps the pipe does not keep the exec', async t => {
  const { stdout } = await outcome(await execInContainer(fixture.exec(container.pid, sh('sleep 1000 & echo started'))))
  t.is(stdout, 'started\n')
})

test.serial('errors have the codes of a start', async t => {
  const code = async (pid: number, ...args: string[]): Promise<unknown> => {
    const error = await t.throwsAsync(execInContainer(fixture.exec(pid, args)))
    return isTsnetError(error) ? error.code : error
  }
  t.is(await code(container.pid, 'nosuch'), 'command-not-found')
  t.is(await code(container.pid, '/etc/passwd'), 'command-not-executable')
  t.is(await code(4_194_304, 'true'), 'container-not-running')
})

test.serial('a working directory outside of the container\'s root is refused', async t => {
  for (const cwd of ['/proc/self/fd/4', '/proc/self/fd/8', '/nosuch']) {
    const error = await t.throwsAsync(execInContainer(fixture.exec(container.pid, ['pwd'], { process: { cwd } })))
    t.true(isTsnetError(error, 'container-start-failed'))
  }
})
