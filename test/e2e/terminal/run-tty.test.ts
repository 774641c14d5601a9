/** `run -it` and `exec -it` at a terminal: what is typed and shown, sizes, ^C, exit statuses, and the terminal as it was. */
import { setTimeout } from 'node:timers/promises'
import test from 'ava'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { PseudoTerminal } from '../../helpers/pseudo-terminal.ts'
import { requires } from '../../helpers/requires.ts'
import { TSNET } from '../../helpers/tsnet.ts'
import { hostWithBusybox } from '../cli/world.ts'

let host: FakeHost
test.before(async () => {
  host = await hostWithBusybox()
})
test.after.always(() => host[Symbol.asyncDispose]())

const at = (...words: readonly string[]): PseudoTerminal => {
  return new PseudoTerminal([TSNET, ...words], host.roots.env)
}
const sh = (script: string): readonly string[] => ['busybox', 'sh', '-c', script]

test.serial('a shell at a terminal: size, resize, ^C as an interrupt in there, exit status, and the terminal restored', async t => {
  if (!requires.root(t)) return
  // The new size and what is typed come by ways of their own, as with Docker: neither waits for the other.
  const untilResized = 'until stty size | grep -qx "33 111"; do sleep 0.05; done'
  using terminal = at('run', '--rm', '-it', ...sh(`trap "echo caught; exit 42" INT; stty size; read x; ${untilResized}; echo "read $x"; while :; do sleep 0.05; done`))
  const before = terminal.modes()
  await terminal.sees('24 80')
  t.not(terminal.modes(), before)
  terminal.resize({ rows: 33, columns: 111 })
  terminal.type('typed\r')
  await terminal.sees('read typed')
  terminal.type('\x03')
  await terminal.sees('caught')
  t.is(await terminal.status(), 42)
  t.is(terminal.modes(), before)
})

test.serial('a window that changes while the container starts has its new size in there', async t => {
  if (!requires.root(t)) return
  for (const delay of [0, 40, 80, 120, 160, 200]) {
    using terminal = at('run', '--rm', '-it', ...sh('until stty size | grep -qx "33 111"; do sleep 0.05; done; echo "fits"'))
    await setTimeout(delay)
    terminal.resize({ rows: 33, columns: 111 })
    await terminal.sees('fits')
    t.is(await terminal.status(), 0)
  }
})

test.serial('what the container prints reaches the terminal byte by byte: no carriage return is added', async t => {
  if (!requires.root(t)) return
  using terminal = at('run', '--rm', '-it', ...sh('stty raw; printf "one\\ntwo\\r\\nend"'))
  await terminal.sees('end')
  t.is(terminal.shown, 'one\ntwo\r\nend')
  t.is(await terminal.status(), 0)
})

test.serial('after exec -it, and after a start that fails, the terminal is as it was', async t => {
  if (!requires.root(t)) return
  t.is((await host.tsnet('run', '-d', '--name', 'box', 'busybox', 'sleep', '600')).status, 0)
  for (const [words, status] of [
    [['exec', '-it', 'box', 'sh', '-c', 'tty; exit 5'], 5],
    [['exec', '-it', 'box', 'no-such-command'], 127],
    [['run', '--rm', '-it', 'busybox', 'no-such-command'], 127],
  ] as const) {
    using terminal = at(...words)
    const before = terminal.modes()
    t.is(await terminal.status(), status, terminal.shown)
    t.is(terminal.modes(), before)
  }
  await host.tsnet('rm', '-f', 'box')
})
