import { once } from 'node:events'
import { existsSync, readFileSync, watch } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import test from 'ava'
import { isTsnetError } from '../../../../errors/error.ts'
import { decodeLogFrames } from '../../../../runtime/init/log-format.ts'
import { startWithRuntime } from '../../../../runtime/init/oci-runtime.ts'
import { createFixture, type Fixture, kill, outcome } from './start-fixture.ts'

let fixture: Fixture
test.before(async () => { fixture = await createFixture() })
test.after.always(() => { fixture[Symbol.dispose]() })

const sh = (script: string): readonly string[] => ['sh', '-c', script]

for (const runtime of ['runc', 'crun']) {
  test.serial(`${runtime}: output, exit status and log are as with tsnet's own start`, async t => {
    const request = fixture.request(sh('echo out; echo err >&2; exit 7'))
    const { stdout, stderr, exitCode } = await outcome(await startWithRuntime(runtime, request))
    t.deepEqual([stdout, stderr, exitCode], ['out\n', 'err\n', 7])
    t.is(decodeLogFrames(readFileSync(request.logPath)).frames.length, 2)
    t.regex(readFileSync(request.statusPath, 'utf8'), /^01792 /)
  })

  test.serial(`${runtime}: the pid is that of the container's first process, and stdin reaches it`, async t => {
    const started = await startWithRuntime(runtime, fixture.request(['cat'], { interactive: true }))
    t.teardown(() => { kill(started.pid) })
    t.regex(readFileSync(`/proc/${started.pid}/status`, 'utf8'), /^NSpid:\s+\d+\s+1$/m)
    started.attached?.stdin?.end('typed')
    t.is((await outcome(started)).stdout, 'typed')
  })

  test.serial(`${runtime}: a terminal has its size`, async t => {
    const request = fixture.request(sh('tty; stty size; read x; echo got $x'), {
      interactive: true, size: { rows: 5, columns: 6 }, spec: { process: { terminal: true } },
    })
    const started = await startWithRuntime(runtime, request)
    t.teardown(() => { kill(started.pid) })
    let text = ''
    while (!text.includes('5 6')) text += String((await once(started.attached?.stdout as NodeJS.ReadableStream, 'data') as [Buffer])[0])
    started.attached?.stdin?.write('hi\r')
    t.regex(text + (await outcome(started)).stdout, /^\/dev\/pts\/0\r\n5 6\r\nhi\r\ngot hi\r\n$/)
  })

  test.serial(`${runtime}: errors have the codes of tsnet's own start`, async t => {
    const code = async (command: string): Promise<unknown> => {
      const error = await t.throwsAsync(startWithRuntime(runtime, fixture.request([command])))
      return isTsnetError(error) ? error.code : error
    }
    t.is(await code('nosuch'), 'command-not-found')
    t.is(await code('/nosuch/x'), 'command-not-found')
    t.is(await code('/etc/passwd'), 'command-not-executable')
  })

  test.serial(`${runtime}: a detached container runs the cleanup at its end`, async t => {
    const done = join(fixture.folder, `${runtime}-cleaned`)
    const appeared = Promise.withResolvers<void>()
    const watcher = watch(dirname(done), (_, name) => { if (name === basename(done)) appeared.resolve() })
    const started = await startWithRuntime(runtime, fixture.request(['true'], { detach: true, cleanup: ['/bin/sh', '-c', `> ${done}`] }))
    t.is(started.attached, undefined)
    await appeared.promise
    watcher.close()
    t.true(existsSync(done))
  })
}

test.serial('a runtime that is not there is named', async t => {
  const error = await t.throwsAsync(startWithRuntime('nosuch-runtime', fixture.request(['true'])))
  t.true(isTsnetError(error, 'invalid-argument'))
  t.is(error?.message, 'runtime "nosuch-runtime": there is no such program')
})
