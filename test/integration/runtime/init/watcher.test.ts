/** A program that is always to run, seen from outside: /proc and the file it writes a line into at each start. */
import { type FSWatcher, existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { keepRunning } from '../../../../runtime/init/keep-running.ts'
import { requires } from '../../../helpers/requires.ts'

const folder = `/run/watcher-${process.pid}`
test.before(() => { mkdirSync(folder) })
test.after.always(() => { rmSync(folder, { recursive: true, force: true }) })

/** A program that notes `WATCHER PID` in a file at each start and then does what the script says. */
class Watched implements AsyncDisposable {
  readonly #file: string
  readonly #changes: FSWatcher
  #changed = (): void => undefined

  constructor(name: string, script: string, { descriptors = [], needed }: { readonly descriptors?: readonly number[], readonly needed?: string } = {}) {
    this.#file = join(folder, name)
    this.#changes = watch(folder, () => this.#changed())
    keepRunning({
      argv: ['/bin/sh', '-c', `echo "$PPID $$" >> ${this.#file}; ${script}`], log: join(folder, `${name}.log`), cgroup: { v1: [] }, descriptors,
      ...needed === undefined ? {} : { needed },
    })
  }

  get log(): string {
    return readFileSync(`${this.#file}.log`, 'utf8')
  }

  /** The watcher's and the program's number at the start number `count`. */
  async start(count: number): Promise<readonly [number, number]> {
    for (;;) {
      const changed = new Promise<void>(resolve => { this.#changed = resolve })
      const line = existsSync(this.#file) ? readFileSync(this.#file, 'utf8').split('\n').slice(0, -1)[count - 1] : undefined
      if (line !== undefined) return line.split(' ').map(Number) as [number, number]
      await changed
    }
  }

  get starts(): number {
    return readFileSync(this.#file, 'utf8').split('\n').length - 1
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#changes.close()
    const [watcher, program] = await this.start(this.starts)
    for (const pid of [watcher, program]) if (isRunning(pid)) process.kill(pid, 'SIGKILL')
    for (const pid of [watcher, program]) await ended(pid)
  }
}

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

async function ended(pid: number): Promise<void> {
  for (const deadline = Date.now() + 10_000; isRunning(pid);) {
    if (Date.now() > deadline) throw new Error(`process ${pid} goes on`)
    await sleep(5)
  }
}

test.serial('what is killed or fails is started again at once, with the same descriptors, and a good end is the end', async t => {
  if (!requires.root(t)) return
  const go = join(folder, 'go')
  await using watched = new Watched('again', `case $(wc -l < ${join(folder, 'again')}) in 1) exec sleep 1000 ;; 2) echo said; exit 3 ;; 3) exec sleep 1000 ;; esac; touch ${go}`, { descriptors: [0] })
  const [watcher, first] = await watched.start(1)
  process.kill(first, 'SIGKILL')
  const [same, third] = await watched.start(3)
  t.is(same, watcher)
  t.is(readlinkSync(`/proc/${third}/fd/3`), readlinkSync('/proc/self/fd/0'))
  t.deepEqual(readdirSync(`/proc/${watcher}/fd`).toSorted(), ['0', '1', '2', '3'])
  t.is(readFileSync(`/proc/${watcher}/comm`, 'utf8'), 'tsnet-watcher\n')
  t.regex(readFileSync(`/proc/${watcher}/status`, 'utf8'), /SigBlk:\tf{7}[0-9a-f]{9}/)
  t.regex(readFileSync(`/proc/${third}/status`, 'utf8'), /SigBlk:\t0{16}/)
  t.is(readlinkSync(`/proc/${watcher}/cwd`), '/')
  t.regex(readFileSync(`/proc/${watcher}/stat`, 'utf8'), new RegExp(`\\) S 1 ${watcher} ${watcher} `), 'init\'s child, in a session of its own')
  process.kill(watcher, 'SIGTERM')
  process.kill(third, 'SIGTERM')
  await ended(watcher)
  t.is(watched.starts, 4)
  t.true(existsSync(go))
  t.is(watched.log, 'said\n')
})

test.serial('a program that cannot run is not tried again, and one that dies at once is started again without a pause only ten times', async t => {
  if (!requires.root(t)) return
  await using missing = new Watched('missing', 'exit 127')
  const [watcher] = await missing.start(1)
  await ended(watcher)
  t.is(missing.starts, 1)
  await using failing = new Watched('failing', 'exit 1')
  const [pausing] = await failing.start(10)
  for (const deadline = Date.now() + 10_000; !/nanosleep/.test(readFileSync(`/proc/${pausing}/wchan`, 'utf8'));) {
    if (Date.now() > deadline) throw new Error('it does not pause')
    await sleep(5)
  }
  t.true(failing.starts < 20, String(failing.starts))
  await failing.start(failing.starts + 1)
})

test.serial('a program whose package was removed meanwhile is not tried again', async t => {
  if (!requires.root(t)) return
  const needed = join(folder, 'script')
  writeFileSync(needed, '')
  await using watched = new Watched('removed', 'exec sleep 1000', { needed })
  const [watcher, program] = await watched.start(1)
  process.kill(program, 'SIGKILL')
  const [, second] = await watched.start(2)
  rmSync(needed)
  process.kill(second, 'SIGKILL')
  await ended(watcher)
  t.is(watched.starts, 2)
})
