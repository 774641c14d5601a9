import { mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import test from 'ava'
import { isErrno } from '../../../kernel/error.ts'
import { findExecutable, run, runSync, startWaiting } from '../../../kernel/exec.ts'

test('standard input, output, error and status come through, in both forms', async t => {
  const argv = ['sh', '-c', 'cat; echo warn >&2; exit 3']
  const wanted = { status: 3, stdout: 'hello', stderr: 'warn\n' }
  t.deepEqual(await run(argv, { stdin: 'hello' }), wanted)
  t.deepEqual(runSync(argv, { stdin: 'hello' }), wanted)
})

test('arguments are not read by a shell', async t => {
  const { stdout } = await run(['printf', '%s', '$(id) `id` "; rm'])
  t.is(stdout, '$(id) `id` "; rm')
})

test('a program that does not read its input is no error', async t => {
  const stdin = 'x'.repeat(1 << 20)
  t.is((await run(['true'], { stdin })).status, 0)
  t.is(runSync(['true'], { stdin }).status, 0)
})

test.serial('large output and large input do not wait for each other, and nothing stays open', async t => {
  const before = readdirSync('/proc/self/fd').length
  const stdin = 'line\n'.repeat(200_000)
  const { stdout, stderr } = await run(['sh', '-c', 'tee /dev/stderr'], { stdin })
  t.true(stdout === stdin && stderr === stdin)
  t.is(readdirSync('/proc/self/fd').length, before)
})

test.serial('programs that run at the same time have their own results', async t => {
  const results = await Promise.all([3, 1, 2].map(n => run(['sh', '-c', `sleep 0.0${n}; echo ${n}; exit ${n}`])))
  t.deepEqual(results.map(({ status, stdout }) => [status, stdout]), [[3, '3\n'], [1, '1\n'], [2, '2\n']])
  t.is(process.listenerCount('SIGCHLD'), 0)
})

test('an environment is the caller\'s, with LC_ALL=C and what is asked for', async t => {
  const { stdout } = await run(['env'], { env: { TSNET_TEST: 'é', PATH: undefined } })
  const lines = stdout.split('\n')
  t.true(lines.includes('LC_ALL=C') && lines.includes('TSNET_TEST=é') && lines.includes(`HOME=${process.env['HOME']}`))
  t.false(lines.some(line => line.startsWith('PATH=')))
})

test('a signal is a status of 128 and its number', async t => {
  t.is((await run(['sh', '-c', 'kill -9 $$'])).status, 137)
  t.is(runSync(['sh', '-c', 'kill -9 $$']).status, 137)
})

test('a program that is not there is ENOENT and named', async t => {
  const error = await t.throwsAsync(run(['tsnet-no-such-program']))
  t.true(isErrno(error, 'ENOENT'))
  t.regex(error?.message ?? '', /"tsnet-no-such-program"/)
})

test('system folders are searched also with a poor PATH, and a folder is no program', t => {
  t.regex(findExecutable('ip', '') ?? '', /\/s?bin\/ip$/)
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-exec-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'tsnet-tool'))
  t.is(findExecutable('tsnet-tool', folder), undefined)
  writeFileSync(join(folder, 'tsnet-file'), '', { mode: 0o644 })
  t.is(findExecutable('tsnet-file', folder), undefined)
  writeFileSync(join(folder, 'tsnet-program'), '', { mode: 0o755 })
  t.is(findExecutable('tsnet-program', `relative:${folder}`), join(folder, 'tsnet-program'))
})

test.serial('a program that waits is given its input later, or none at all; nothing stays open', async t => {
  const before = readdirSync('/proc/self/fd').length
  {
    using waiting = startWaiting(['sh', '-c', 'read line; echo "got $line"; exit 3'])
    t.deepEqual(await waiting.finish('hello\n'), { status: 3, stdout: 'got hello\n', stderr: '' })
  }
  startWaiting(['cat'])[Symbol.dispose]()
  while (readdirSync('/proc/self/fd').length > before) await setTimeout(5)
  t.throws(() => startWaiting(['no-such-program']), { message: /ENOENT/ })
  t.is(readdirSync('/proc/self/fd').length, before)
  t.is(process.listenerCount('SIGCHLD'), 0)
})

test('a program that has ended by itself does not take its input', async t => {
  using waiting = startWaiting(['true'])
  await setTimeout(200)
  await t.throwsAsync(waiting.finish('hello\n'), { message: /EPIPE/ })
})
