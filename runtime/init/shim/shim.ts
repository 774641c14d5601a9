/**
 * The shim: the waiting parent of a container's (or exec's) first process, in the same executable.
 *
 *     starter ── clone3 ──> shim ── clone3 ──> child: sandbox, execve
 *       exits                │ threads: stdout, stderr → log, caller
 *                            │ wait4, drain, status file, tell the caller
 *                            └ no "done" byte from the caller: execve of the cleanup
 *
 * It is in a session and cgroup of its own, blocks every signal, and holds what has to stay open until the end.
 */
import type { ConstantName } from '../kernel-constants.ts'
import { addressOf, type Cell, type Program } from '../program.ts'
import { joinCgroupsV1, openCgroupV2 } from '../sandbox/cgroup.ts'
import type { ChildStreams } from '../sandbox/sandbox.ts'
import { blockSignals, resetDispositions } from '../sandbox/signals.ts'
import type { CgroupDirectories } from '../start-api.ts'
import { finish, reserveStatus } from './finish.ts'
import { descriptors, FAILED, messageSize, STARTED } from './protocol.ts'
import { openStreams, type ShimStreams } from './streams.ts'
import { Threads } from './threads.ts'

export interface ShimPlan {
  readonly terminal: boolean
  readonly interactive: boolean
  /** The caller has the other ends of the descriptors stdin to resize. */
  readonly attached: boolean
  readonly keptDescriptors: number
  readonly cgroup: CgroupDirectories
  readonly shimCgroup: CgroupDirectories
  readonly cloneFlags: readonly ConstantName[]
  /** For exec: a process of the pid namespace that the child is born into. */
  readonly join?: { readonly pid: number, readonly pidfd: Cell }
  readonly logPath?: string
  readonly statusPath?: string
  readonly cleanup?: { readonly argv: readonly string[], readonly env: readonly string[] }
}

export type BuildChild = (child: ChildStreams) => void

export function buildShim(program: Program, plan: ShimPlan, buildChild: BuildChild): void {
  const message = program.words('message', [FAILED, 0, 0, 0])
  const startFailed = program.label('start failed')
  program.onFailure(startFailed)
  becomeShim(program, plan)
  if (plan.statusPath !== undefined) reserveStatus(program, plan.statusPath)
  const streams = openStreams(program, plan)
  const family = cloneChild(program, plan, streams)
  const threads = new Threads(program)
  const pumps = streams.attach(threads, { pidfd: family.pidfd, message, failed: family.failed })
  awaitStart(program, { message, report: streams.report.read, failed: family.failed })
  tellStarted(program, message, family)
  program.call('wait for the end', 'wait4', [family.pid, addressOf(family.status), program.flags('__WALL'), 0])
  finish(program, plan, { message, pumps, status: family.status })
  placeFailures(program, { message, startFailed, family })
  threads.place()
  program.place(family.child)
  letGo(program, plan.keptDescriptors)
  buildChild(streams.child)
}

/** The child has no use for what the shim keeps. */
function letGo(program: Program, count: number): void {
  if (count === 0) return
  program.call('let go of what the shim keeps', 'close_range', [descriptors.kept, descriptors.kept + count - 1, 0])
}

/** The first process clones the shim, into the shim's v2 cgroup, and exits: nobody of the caller's session is its parent. */
function becomeShim(program: Program, { shimCgroup, keptDescriptors }: ShimPlan): void {
  const shim = program.label('shim')
  const flags = program.flags('CLONE_VM', ...shimCgroup.v2 === undefined ? [] : ['CLONE_INTO_CGROUP' as const])
  const args = program.words(`{${flags.text}}`, [flags.value, 0, 0, 0, program.flags('SIGCHLD').value, 0, 0, 0, 0, 0, 0])
  if (shimCgroup.v2 !== undefined) openCgroupV2(program, shimCgroup.v2, program.cellAt('shim cgroup', args, 80))
  program.call('clone the shim', 'clone3', [args, 88], { jump: { on: ['zero'], to: shim } })
  program.call('leave the shim alone', 'exit_group', [0])
  program.place(shim)
  program.call('start a session', 'setsid', [])
  program.call('leave the working directory', 'chdir', [program.string('/')])
  program.call('set the umask', 'umask', [0o022])
  program.call('name the shim', 'prctl', [program.flags('PR_SET_NAME'), program.string('tsnet-shim'), 0, 0, 0])
  program.call('close what is not ours', 'close_range', [descriptors.kept + keptDescriptors, 0xffff_ffff, 0])
  resetDispositions(program)
  blockSignals(program)
  joinCgroupsV1(program, shimCgroup.v1)
}

export interface Family {
  readonly pid: Cell
  readonly pidfd: Cell
  readonly status: Cell
  /** Where the child's records begin. */
  readonly child: ReturnType<Program['label']>
  /** Failures after the clone: the child is killed first. */
  readonly killed: ReturnType<Program['label']>
  /** The child reported a failure: it has ended. */
  readonly failed: ReturnType<Program['label']>
}

function cloneChild(program: Program, plan: ShimPlan, streams: ShimStreams): Family {
  const [pid, pidfd, status] = [program.cell('pid'), program.cell('pidfd'), program.cell('wait status')]
  const [child, killed, failed] = [program.label('first process'), program.label('kill the child'), program.label('child has failed')]
  const { v2 } = plan.cgroup
  const flags = program.flags(...plan.cloneFlags, 'CLONE_PIDFD', ...v2 === undefined ? [] : ['CLONE_INTO_CGROUP' as const])
  const args = program.words(`{${flags.text}, SIGCHLD}`, [
    flags.value, addressOf(pidfd), 0, 0, program.flags('SIGCHLD').value, 0, 0, 0, 0, 0, 0,
  ])
  if (v2 !== undefined) openCgroupV2(program, v2, program.cellAt('cgroup', args, 80))
  const own = plan.join === undefined ? undefined : enterPidNamespace(program, plan.join)
  program.call('clone the first process', 'clone3', [args, 88], { store: pid, jump: { on: ['zero'], to: child } })
  program.onFailure(killed)
  if (own !== undefined) program.call('go back to the own pid namespace', 'setns', [own, program.flags('CLONE_NEWPID')])
  streams.closeChildEnds()
  return { pid, pidfd, status, child, killed, failed }
}

/** Children are born into the pid namespace; threads cannot be made before `own` is entered again. */
function enterPidNamespace(program: Program, { pid, pidfd }: { readonly pid: number, readonly pidfd: Cell }): Cell {
  const own = program.cell('own pid namespace')
  const path = program.string('/proc/self/ns/pid')
  program.call('be untraceable', 'prctl', [program.flags('PR_SET_DUMPABLE'), 0, 0, 0, 0])
  program.call(`find process ${pid}`, 'pidfd_open', [pid, 0], { store: pidfd })
  program.call('open the own pid namespace', 'openat', [
    program.flags('AT_FDCWD'), path, program.flags('O_RDONLY', 'O_CLOEXEC'), 0,
  ], { store: own })
  program.call(`enter the pid namespace of ${pid}`, 'setns', [pidfd, program.flags('CLONE_NEWPID')])
  return own
}

interface Started { readonly message: ReturnType<Program['words']>, readonly report: Cell, readonly failed: Family['failed'] }

/** execve closes the report socket: end of file is success, 16 bytes are the failed record and its errno. */
function awaitStart(program: Program, { message, report, failed }: Started): void {
  program.call('wait for execve', 'read', [report, addressOf(program.cellAt('record', message, 8)), 16], {
    jump: { on: ['positive'], to: failed }, ignoreErrors: true,
  })
}

/** Nobody to tell: the caller died, so nobody knows of this container and it is ended; the cleanup does the rest. */
function tellStarted(program: Program, message: ReturnType<Program['words']>, { pid }: Family): void {
  const [kill, told] = [program.label('nobody is there'), program.label('told')]
  const word = (index: number): Cell => program.cellAt(`message[${index}]`, message, index * 8)
  program.compute('say started', { cell: word(0), mask: 0n, subtract: -STARTED }, { store: word(0) })
  program.compute('say the pid', { cell: pid }, { store: word(1) })
  program.call('say the shim\'s pid', 'getpid', [], { store: word(2) })
  program.call('tell the caller', 'write', [descriptors.control, message, messageSize], {
    jump: { on: ['positive'], to: told }, ignoreErrors: true,
  })
  program.place(kill)
  program.call('end the container', 'kill', [pid, program.flags('SIGKILL')], { ignoreErrors: true })
  program.place(told)
}

interface Failures {
  readonly message: ReturnType<Program['words']>
  readonly startFailed: Family['failed']
  readonly family: Family
}

function placeFailures(program: Program, { message, startFailed, family }: Failures): void {
  const word = (index: number): Cell => program.cellAt(`message[${index}]`, message, index * 8)
  const wait = (): void => {
    program.call('wait for the child', 'wait4', [family.pid, 0, program.flags('__WALL'), 0], { ignoreErrors: true })
  }
  const tell = program.label('tell the failure')
  program.place(family.killed)
  program.call('kill the child', 'kill', [family.pid, program.flags('SIGKILL')], { ignoreErrors: true })
  wait()
  program.place(startFailed)
  program.compute('say the record', { cell: program.failure }, { store: word(1) })
  program.compute('say errno', { cell: program.cellAt('result', program.failure.data, 24) }, { store: word(2) })
  program.jump(tell)
  program.place(family.failed)
  wait()
  program.place(tell)
  program.call('tell the caller', 'write', [descriptors.control, message, messageSize], { ignoreErrors: true })
  program.call('end', 'exit_group', [125])
}
