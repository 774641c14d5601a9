/** Output that cannot be written, and command lines that are killed: one sentence at most, and nothing left by the next command. */
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { type CommandResult, runCommand } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { TSNET } from '../../helpers/tsnet.ts'
import { hostWithBusybox } from '../cli/world.ts'

let host: FakeHost
test.before(async () => {
  host = await hostWithBusybox()
})
test.after.always(() => host[Symbol.asyncDispose]())

/** A line of shell, `tsnet` in it being the checkout's. */
const shell = (line: string): Promise<CommandResult> => {
  const tsnet = `tsnet() { ${TSNET} "$@"; }`
  return runCommand(['sh', '-c', `${tsnet}; ${line}`], { env: host.roots.env })
}

for (const [words, status] of [['run --rm busybox echo hello', 125], ['image ls', 1], ['topology --format json', 1]] as const) {
  test.serial(`\`${words}\` to a full disk is told in one sentence`, async t => {
    if (!requires.root(t)) return
    const result = await shell(`tsnet ${words} > /dev/full`)
    t.is(result.status, status)
    t.regex(result.stderr, /^tsnet: write to standard output: ENOSPC[^\n]*\n$/)
  })
}

test.serial('a server whose log is full goes on serving, and ends well', async t => {
  if (!requires.root(t)) return
  const socket = '/run/docker/plugins/tsnet.sock'
  const { stdout } = await shell(`${TSNET} serve > /dev/full 2>&1 & until [ -S ${socket} ]; do kill -0 $! || exit; sleep 0.02; done; `
    + `curl -sS --unix-socket ${socket} http://tsnet/healthz; kill $!; wait $!; echo " $?"`)
  t.regex(stdout, /^\{"status":"ok".*\} 0\n$/)
})

test.serial('a socket whose path is too long is refused with what to shorten', async t => {
  if (!requires.root(t)) return
  const { status, stderr } = await shell(`tsnet --run-root ${host.roots.runRoot}/${'x'.repeat(100)} serve`)
  t.is(status, 1)
  t.regex(stderr, /^tsnet: listen on [^\n]*; give a shorter --run-root \(invalid-argument\)\n$/)
})

test.serial('a reader of standard error that leaves early is no crash', async t => {
  if (!requires.root(t)) return
  const { stdout, stderr } = await shell('tsnet run --rm busybox sh -c "seq 20000 >&2" 2>&1 >/dev/null | head -n 1')
  t.is(stdout, '1\n')
  t.is(stderr, '')
})

test.serial('a command that was killed leaves no lock file behind the next one', async t => {
  if (!requires.root(t)) return
  const child = host.startTsnet('run', '--rm', '--name', 'killed', 'busybox', 'sh', '-c', 'echo up; exec sleep 600')
  if (child.stdout === null) throw new Error('no pipe')
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.is((await host.tsnet('rm', '-f', 'killed')).status, 0)
  t.deepEqual(readdirSync(join(host.roots.runRoot, 'owners')), [])
})
