/** The pipes, or the terminal, between container, log and caller. */
import { addressOf, type Cell, type Data, type Label, type Program } from '../program.ts'
import { type ChildStreams, reportDescriptor } from '../sandbox/sandbox.ts'
import type { StandardStreams } from '../sandbox/standard-streams.ts'
import { masterDescriptor } from '../sandbox/terminal.ts'
import { descriptors } from './protocol.ts'
import { type RunningPump, startCopy, startPump } from './pump.ts'
import type { ShimPlan } from './shim.ts'
import type { Threads } from './threads.ts'

interface Pair { readonly read: Cell, readonly write: Cell }

export interface ShimStreams {
  /** The report socket: `read` is the shim's end, `write` the child's. */
  readonly report: Pair
  readonly child: ChildStreams
  /** In the shim, after the clone: only the child shall hold its ends. */
  closeChildEnds(): void
  /** Takes the terminal, starts the pumps. */
  attach(threads: Threads, handover: Handover): readonly RunningPump[]
}

export interface Handover {
  readonly pidfd: Cell
  readonly message: Data
  /** Where to go with a message that holds the child's failure. */
  readonly failed: Label
}

const EIO = 5

export function openStreams(program: Program, plan: ShimPlan): ShimStreams {
  const report = makePair(program, 'report', 'socket')
  const log = plan.logPath === undefined ? undefined : openLog(program, plan.logPath)
  return plan.terminal ? terminalStreams(program, { plan, report, log }) : pipeStreams(program, { plan, report, log })
}

interface Parts { readonly plan: ShimPlan, readonly report: Pair, readonly log: Cell | undefined }

function pipeStreams(program: Program, { plan, report, log }: Parts): ShimStreams {
  const [stdout, stderr] = [makePair(program, 'stdout', 'pipe'), makePair(program, 'stderr', 'pipe')]
  const held = plan.interactive && !plan.attached ? makePair(program, 'stdin', 'pipe') : undefined
  const stdin = plan.interactive ? { stdin: held?.read ?? descriptors.stdin } : {}
  const streams: StandardStreams = { ...stdin, stdout: stdout.write, stderr: stderr.write }
  const open = (name: 'stdout' | 'stderr', source: Cell): Parameters<typeof startPump>[2] => ({
    name, source, ...log === undefined ? {} : { log }, ...plan.attached ? { caller: descriptors[name] } : {},
  })
  return {
    report,
    child: { report: report.write, streams, handOver: () => {} },
    closeChildEnds: () => {
      for (const end of [report.write, stdout.write, stderr.write, streams.stdin]) {
        if (end !== undefined) program.call('close the child\'s end', 'close', [end])
      }
    },
    attach: threads => [
      startPump(program, threads, open('stdout', stdout.read)), startPump(program, threads, open('stderr', stderr.read)),
    ],
  }
}

function terminalStreams(program: Program, { plan, report, log }: Parts): ShimStreams {
  const master = program.cell('master')
  return {
    report,
    child: {
      report: report.write,
      streams: { stdout: 1, stderr: 2 },
      handOver: () => {
        const note = program.words('ready', [0, 0])
        program.call('offer the terminal', 'write', [reportDescriptor, note, 16])
        program.call('wait until it is taken', 'read', [reportDescriptor, note, 1])
        program.call('close the master', 'close', [masterDescriptor])
      },
    },
    closeChildEnds: () => { program.call('close the child\'s end', 'close', [report.write]) },
    attach: (threads, handover) => {
      takeMaster(program, { ...handover, report, master })
      if (plan.attached) startTerminalCopies(program, threads, { master, interactive: plan.interactive })
      const pump = { name: 'stdout' as const, source: master, ...log === undefined ? {} : { log } }
      return [startPump(program, threads, plan.attached ? { ...pump, caller: descriptors.stdout } : pump)]
    },
  }
}

interface Taking extends Handover { readonly report: Pair, readonly master: Cell }

/** The child either offers the terminal (two zero words) or reports a failure, which then is the message to the caller. */
function takeMaster(program: Program, { report, pidfd, master, message, failed }: Taking): void {
  const [offered, died] = [program.label('terminal is offered'), program.label('terminal is not offered')]
  const [record, step] = [program.cellAt('record', message, 8), 'wait for the terminal']
  program.call(step, 'read', [report.read, addressOf(record), 16], { jump: { on: ['zero'], to: died } })
  program.compute(step, { cell: record }, { jump: { on: ['positive'], to: failed } })
  program.jump(offered)
  program.place(died)
  program.fail(step, EIO)
  program.place(offered)
  program.call('take the terminal', 'pidfd_getfd', [pidfd, masterDescriptor, 0], { store: master })
  program.call('let the child go on', 'write', [report.read, message, 1])
}

function startTerminalCopies(program: Program, threads: Threads, { master, interactive }: { master: Cell, interactive: boolean }): void {
  if (interactive) {
    startCopy(program, threads, 'copy stdin', (buffer, length, end) => {
      program.call('read stdin', 'read', [descriptors.stdin, buffer, 4096], { store: length, jump: { on: ['negative', 'zero'], to: end } })
      program.call('type', 'write', [master, buffer, length], { jump: { on: ['negative'], to: end } })
    })
  }
  startCopy(program, threads, 'resize', (buffer, length, end) => {
    program.call('read a window size', 'read', [descriptors.resize, buffer, 8], { store: length, jump: { on: ['negative', 'zero'], to: end } })
    program.call('set the window size', 'ioctl', [master, program.flags('TIOCSWINSZ'), buffer], { ignoreErrors: true })
  })
}

function makePair(program: Program, name: string, kind: 'pipe' | 'socket'): Pair {
  const ends = program.words(`${name} pair`, [0])
  const [read, write] = [program.cell(`${name} read end`), program.cell(`${name} write end`)]
  if (kind === 'pipe') program.call(`make the ${name} pipe`, 'pipe2', [ends, program.flags('O_CLOEXEC')])
  else {
    const type = program.flags('SOCK_STREAM', 'SOCK_CLOEXEC')
    program.call(`make the ${name} socket`, 'socketpair', [program.flags('AF_UNIX'), type, 0, ends])
  }
  const word = program.cellAt(ends.text, ends, 0)
  program.compute('first descriptor', { cell: word, mask: 0xffff_ffffn }, { store: read })
  const upper = program.cellAt(ends.text, ends, 4)
  program.compute('second descriptor', { cell: upper, mask: 0xffff_ffffn }, { store: write })
  return { read, write }
}

function openLog(program: Program, path: string): Cell {
  const log = program.cell('log')
  const flags = program.flags('O_WRONLY', 'O_CREAT', 'O_APPEND', 'O_CLOEXEC')
  program.call(`open the log ${path}`, 'openat', [program.flags('AT_FDCWD'), program.string(path), flags, 0o640], { store: log })
  return log
}

