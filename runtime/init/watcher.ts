/**
 * The watcher of a program that is always to run: starts it, waits for its end, starts it again. A list of system calls, 44 kB resident.
 *
 *     starter ── clone3 ──> watcher ── clone3 ──> the program      <──┐
 *       exits                  │ wait4 ── killed or failed ───────────┘
 *                              └ status 0, or the program is not there: exit
 *
 * Watcher and program have the same descriptors, so what they name outlives the program: locks, and sockets in a vault (dns/vault.ts).
 * It is in a session and in cgroups of its own, and blocks every signal.
 */
import { addressOf, type Label, type Program } from './program.ts'
import { blockSignals, resetDispositions, unblockSignals } from './sandbox/signals.ts'
import type { CgroupDirectories } from './start-api.ts'

export interface WatcherPlan {
  /** Absolute argv. */
  readonly argv: readonly string[]
  /** What the program cannot do without, such as its script: where it is gone, as with a package that was removed, the program counts as gone. */
  readonly needed?: string
  readonly env: readonly string[]
  readonly cgroup: CgroupDirectories
  /** The program has the descriptors from 0 on to this one. */
  readonly lastDescriptor: number
}

/** One that dies within so many seconds of its start, again and again, is started at once so often, so often after a short pause, then after long ones. */
const longLifeSeconds = 10
const startsAtOnce = 10
const startsSoon = 60
const shortPause = { seconds: 0, nanoseconds: 500_000_000 }
const longPause = { seconds: 30, nanoseconds: 0 }
/** What the watcher's child says when there is no such program. */
const NOT_FOUND = 127
const R_OK = 4

export function buildWatcher(program: Program, plan: WatcherPlan): void {
  const [watcher, again, child, end] = ['watcher', 'start the program', 'program', 'end'].map(name => program.label(name)) as [Label, Label, Label, Label]
  const clone = program.words('{SIGCHLD}', [0, 0, 0, 0, program.flags('SIGCHLD').value, 0, 0, 0, 0, 0, 0])
  program.onFailure(end)
  program.call('clone the watcher', 'clone3', [clone, 88], { jump: { on: ['zero'], to: watcher } })
  program.call('leave the watcher alone', 'exit_group', [0])
  program.place(watcher)
  becomeWatcher(program, plan)
  const starts = program.cell('starts left', startsAtOnce + startsSoon)
  const [began, ended] = [program.words('began', [0, 0]), program.words('ended', [0, 0])]
  const [pid, status] = [program.cell('pid'), program.cell('wait status')]
  program.place(again)
  program.call('note the start', 'clock_gettime', [program.flags('CLOCK_MONOTONIC'), began])
  program.call('clone the program', 'clone3', [clone, 88], { store: pid, jump: { on: ['zero'], to: child } })
  program.call('wait for the end', 'wait4', [pid, addressOf(status), program.flags('__WALL'), 0])
  program.compute('has it ended well?', { cell: status, mask: 0xffffn }, { jump: { on: ['zero'], to: end } })
  program.compute('was it not there?', { cell: status, mask: 0xffffn, subtract: NOT_FOUND << 8 }, { jump: { on: ['zero'], to: end } })
  program.call('note the end', 'clock_gettime', [program.flags('CLOCK_MONOTONIC'), ended])
  countStarts(program, { starts, began: program.cellAt('began', began, 0), ended: program.cellAt('ended', ended, 0), again })
  program.place(end)
  program.call('exit', 'exit_group', [0])
  program.place(child)
  const missing = program.label('not there')
  unblockSignals(program)
  if (plan.needed !== undefined) {
    program.call(`look for ${plan.needed}`, 'faccessat', [program.flags('AT_FDCWD'), program.string(plan.needed), R_OK], { jump: { on: ['negative'], to: missing } })
  }
  program.call('execute the program', 'execve', [program.string(plan.argv[0] ?? ''), program.strings(plan.argv), program.strings(plan.env)], { ignoreErrors: true })
  program.place(missing)
  program.call('say that it is not there', 'exit_group', [NOT_FOUND])
}

function becomeWatcher(program: Program, { cgroup, lastDescriptor }: WatcherPlan): void {
  program.call('start a session', 'setsid', [])
  program.call('leave the working directory', 'chdir', [program.string('/')])
  program.call('set the umask', 'umask', [0o022])
  program.call('name the watcher', 'prctl', [program.flags('PR_SET_NAME'), program.string('tsnet-watcher'), 0, 0, 0])
  program.call('close what is not ours', 'close_range', [lastDescriptor + 1, 0xffff_ffff, 0])
  resetDispositions(program)
  blockSignals(program)
  // A host that does not let it (EROFS, EACCES): then the caller's groups are ours as well.
  for (const directory of [...cgroup.v1, ...cgroup.v2 === undefined ? [] : [cgroup.v2]]) {
    const fd = program.cell('cgroup.procs')
    const step = `join cgroup ${directory}`
    const path = program.string(`${directory}/cgroup.procs`)
    program.call(step, 'openat', [program.flags('AT_FDCWD'), path, program.flags('O_WRONLY', 'O_CLOEXEC'), 0], { store: fd, ignoreErrors: true })
    program.call(step, 'write', [fd, program.string('0'), 1], { ignoreErrors: true })
    program.call(step, 'close', [fd], { ignoreErrors: true })
  }
}

interface Counting {
  readonly starts: ReturnType<Program['cell']>
  readonly began: ReturnType<Program['cell']>
  readonly ended: ReturnType<Program['cell']>
  readonly again: Label
}

/** Goes to `again`, sooner or later; a long life brings all starts back. */
function countStarts(program: Program, { starts, began, ended, again }: Counting): void {
  const [short, soon] = [program.label('a short life'), program.label('pause for a moment')]
  const life = program.cell('life')
  program.compute('how long was its life?', { cell: ended, subtract: began }, { store: life })
  program.compute('was it short?', { cell: life, subtract: longLifeSeconds }, { jump: { on: ['negative'], to: short } })
  program.compute('all starts are left', { cell: life, mask: 0n, subtract: -(startsAtOnce + startsSoon) }, { store: starts })
  program.place(short)
  program.compute('one start less', { cell: starts, subtract: 1 }, { store: starts })
  program.compute('may it start at once?', { cell: starts, subtract: startsSoon }, { jump: { on: ['positive'], to: again } })
  program.compute('may it start soon?', { cell: starts }, { jump: { on: ['positive'], to: soon } })
  pause(program, longPause)
  program.jump(again)
  program.place(soon)
  pause(program, shortPause)
  program.jump(again)
}

function pause(program: Program, { seconds, nanoseconds }: typeof longPause): void {
  program.call(`pause for ${seconds} s ${nanoseconds} ns`, 'nanosleep', [program.constantWords(`{${seconds}, ${nanoseconds}}`, [seconds, nanoseconds]), 0])
}
