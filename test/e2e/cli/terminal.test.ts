/**
 * `-t`: a terminal of the user's own (made by script(1)) on one side, the container's on the other: size, Ctrl-C, and that the user's is put
 * back on every way out.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import test from 'ava'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { runCommand } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { CHECKOUT } from '../../helpers/tsnet.ts'
import { hostWithBusybox } from './world.ts'

let host: FakeHost
test.before(async () => {
  host = await hostWithBusybox()
})
test.after.always(() => host[Symbol.asyncDispose]())

/** A shell in a terminal of 33 rows and 101 columns, whose device it prints first. */
class Terminal {
  readonly #script: ChildProcess
  readonly #closed: Promise<unknown>
  #text = ''
  #seen = 0

  constructor(command: string) {
    const shell = `stty rows 33 cols 101; tty; before=$(stty -g); ${command}; echo "status $?"; [ "$before" = "$(stty -g)" ] && echo restored`
    this.#script = spawn('script', ['--quiet', '--flush', '--command', shell, '/dev/null'], {
      stdio: 'pipe', env: { ...process.env, ...host.roots.env, PATH: `${join(CHECKOUT, 'bin')}:${process.env.PATH}`, SHELL: '/bin/sh' },
    })
    this.#closed = once(this.#script, 'close')
    this.#script.stdout?.on('data', chunk => { this.#text += String(chunk) })
  }

  /** Waits until what is shown next matches, and gives the match. */
  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#text.slice(this.#seen))
      if (match !== null) {
        this.#seen += match.index + match[0].length
        return match
      }
      const more = new AbortController()
      const next = once(this.#script.stdout!, 'data', { signal: more.signal }).then(() => 'more', () => 'closed')
      const first = await Promise.race([next, this.#closed.then(() => 'closed')])
      more.abort()
      if (first === 'closed') throw new Error(`${String(pattern)} was not shown: ${this.#text.slice(this.#seen)}`)
    }
  }

  type(text: string): void {
    this.#script.stdin?.write(text)
  }

  /** Shows the exit status and whether the terminal is as it was. */
  async end(): Promise<string> {
    const [, status] = await this.shows(/status (\d+)\r?\n/)
    await this.shows(/restored/)
    this.#script.stdin?.end()
    await this.#closed
    return status ?? ''
  }

  /** The window is closed: the terminal hangs up. */
  kill(): void {
    this.#script.kill('SIGKILL')
  }
}

test.serial('the container\'s terminal has the size of the user\'s, and follows it', async t => {
  if (!requires.root(t)) return
  // Not an interactive shell: that one gives every command a process group of its own, and the signal goes to the one in front.
  const program = 'tty; stty size; trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done'
  const terminal = new Terminal(`tsnet run --rm -it busybox sh -c '${program}'`)
  const [, device = ''] = await terminal.shows(/(\/dev\/pts\/\d+)\r?\n/)
  await terminal.shows(/\/dev\/.*\r\n33 101\r\nready\r\n/)
  await runCommand(['stty', '-F', device, 'rows', '40', 'cols', '120'])
  await terminal.shows(/40 120\r\n/)
  terminal.type('\u0003')
  t.is(await terminal.end(), '130')
})

test.serial('Ctrl-C reaches what runs in the foreground inside, not tsnet', async t => {
  if (!requires.root(t)) return
  const terminal = new Terminal('tsnet run --rm -it busybox sh')
  await terminal.shows(/# /)
  terminal.type('sh -c "trap \'echo caught; exit 3\' INT; echo armed; while :; do sleep 0.05; done"; echo "gave $?"\n')
  await terminal.shows(/\narmed\r\n/)
  terminal.type('\u0003')
  await terminal.shows(/caught\r\ngave 3\r\n/)
  terminal.type('echo "still here"; exit 0\n')
  await terminal.shows(/\nstill here\r\n/)
  t.is(await terminal.end(), '0')
})

for (const [command, status] of [
  ['tsnet run --rm -it busybox no-such-command', '127'],
  ['tsnet run --rm -it no-such-image', '125'],
  ['tsnet run --rm -t busybox sh -c "tty; exit 3"', '3'],
  ['tsnet run --rm -it busybox sh -c "kill -9 -1; exit 4"', '4'],
] as const) {
  test.serial(`the terminal is put back after \`${command}\``, async t => {
    if (!requires.root(t)) return
    t.is(await new Terminal(command).end(), status)
  })
}

test.serial('the terminal is put back when the container is killed from elsewhere', async t => {
  if (!requires.root(t)) return
  const terminal = new Terminal('tsnet run --rm --name victim -it busybox sh')
  await terminal.shows(/# /)
  t.is((await host.tsnet('kill', 'victim')).status, 0)
  t.is(await terminal.end(), '137')
})

test.serial('exec -it has a terminal of its own', async t => {
  if (!requires.root(t)) return
  t.is((await host.tsnet('run', '-d', '--name', 'long', 'busybox', 'sleep', '1000')).status, 0)
  const terminal = new Terminal('tsnet exec -it long sh')
  await terminal.shows(/# /)
  terminal.type('stty size; exit 6\n')
  await terminal.shows(/33 101\r\n/)
  t.is(await terminal.end(), '6')
  t.is((await host.tsnet('rm', '-f', 'long')).status, 0)
})

test.serial('when the window is closed, the command ends and the container goes on', async t => {
  if (!requires.root(t)) return
  const terminal = new Terminal('tsnet run --name orphan -it busybox sh')
  await terminal.shows(/# /)
  const command = (await runCommand(['pgrep', '-f', 'run --name orphan'])).stdout.trim().split('\n')
  terminal.kill()
  for (const pid of command) await runCommand(['tail', '-f', '/dev/null', `--pid=${pid}`])
  t.regex((await host.tsnet('ps')).stdout, /orphan/)
  t.is((await host.tsnet('rm', '-f', 'orphan')).status, 0)
})

test.serial('-i -t needs a terminal, and says so in Docker\'s words', async t => {
  if (!requires.root(t)) return
  const { status, stderr } = await host.tsnetWith({ input: '' }, 'run', '--rm', '-it', 'busybox', 'sh')
  t.is(status, 125)
  t.regex(stderr, /the input device is not a TTY/)
  const detached = await host.tsnet('run', '-dit', '--name', 'later', 'busybox', 'sh')
  t.is(detached.status, 0, detached.stderr)
  t.is((await host.tsnet('rm', '-f', 'later')).status, 0)
})
