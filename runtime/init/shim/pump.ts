/**
 * Pumps: one thread that reads a stream and writes it to the log and to the attached caller.
 *
 * The log comes first and never waits for the caller's death: the first error of a write to the caller ends that branch for ever.
 */
import { logFrameLimit, logHeaderSize, logHeaderWords, type LogStream } from '../log-format.ts'
import { addressOf, type Argument, type Cell, type Data, type Label, type Program } from '../program.ts'
import type { Thread, Threads } from './threads.ts'

export interface Pump {
  readonly name: LogStream
  readonly source: Cell
  /** Descriptor of the log; absent: none is kept. */
  readonly log?: Cell
  /** Descriptor towards the caller; absent: nobody is attached. */
  readonly caller?: number
}

export interface RunningPump extends Thread {
  readonly source: Cell
  /** Length of the piece in flight; 0 while the thread waits for the next. */
  readonly length: Cell
}

interface Parts { readonly program: Program, readonly pump: Pump, readonly frame: Frame, readonly end: Label }

interface Frame { readonly header: Data, readonly buffer: Data, readonly length: Cell, readonly vector: Data }

export function startPump(program: Program, threads: Threads, pump: Pump): RunningPump {
  const frame = makeFrame(program, pump.name)
  const thread = threads.start(`pump ${pump.name}`, () => {
    const [end, alone] = [program.label(`${pump.name} ended`), program.label(`${pump.name} without caller`)]
    const parts = { program, pump, frame, end }
    if (pump.caller !== undefined) pumpLoop(parts, { descriptor: pump.caller, gone: alone })
    program.place(alone)
    if (pump.caller !== undefined) closeCaller(program, pump.caller)
    pumpLoop(parts)
    program.place(end)
    if (pump.caller !== undefined) closeCaller(program, pump.caller)
  })
  return { ...thread, source: pump.source, length: frame.length }
}

function makeFrame(program: Program, stream: LogStream): Frame {
  const header = program.words('log header', logHeaderWords(stream))
  const buffer = program.reserve('buffer', logFrameLimit)
  const vector = program.words('[header, data]', [header, logHeaderSize, buffer, 0])
  return { header, buffer, vector, length: program.cellAt(`length of ${stream}`, vector, 24) }
}

function pumpLoop({ program, pump, frame, end }: Parts, caller?: { readonly descriptor: number, readonly gone: Label }): void {
  const again = program.label(`read ${pump.name}`)
  const { header, buffer, vector, length } = frame
  program.place(again)
  program.compute('nothing in flight', { cell: length, mask: 0n }, { store: length })
  program.call(`read ${pump.name}`, 'read', [pump.source, buffer, logFrameLimit], { store: length, jump: { on: ['negative', 'zero'], to: end } })
  if (pump.log !== undefined) {
    program.call('note the time', 'clock_gettime', [program.flags('CLOCK_REALTIME'), header], { ignoreErrors: true })
    program.compute('note the length', { cell: length }, { store: program.cellAt('length', header, 16) })
    program.call(`log ${pump.name}`, 'writev', [pump.log, vector, 2], { ignoreErrors: true })
  }
  if (caller !== undefined) {
    program.call(`give ${pump.name} to the caller`, 'write', [caller.descriptor, buffer, length], { jump: { on: ['negative'], to: caller.gone } })
  }
  program.jump(again)
}

/** So that the caller reads the end of the stream. */
function closeCaller(program: Program, descriptor: number): void {
  program.call('close the caller\'s end', 'close', [descriptor], { ignoreErrors: true })
}

/** From the caller's stdin or window sizes to the terminal, until either end is gone. */
export function startCopy(program: Program, threads: Threads, name: string, copy: (buffer: Data, length: Cell, end: Label) => void): void {
  threads.start(name, () => {
    const [again, end] = [program.label(name), program.label(`${name} ended`)]
    const [buffer, length] = [program.reserve('buffer', 4096), program.cell('length')]
    program.place(again)
    copy(buffer, length, end)
    program.jump(again)
    program.place(end)
  })
}

const drainStepNs = 100_000_000

/**
 * Waits until everything that was written before now is in the log. End of file comes with the death of the last writer, which is at
 * once; only where a descriptor was passed out of the container does the stream stay open, and then it counts as drained
 * when nothing is left to read and nothing is in flight.
 */
export function drain(program: Program, { tid, source, length }: RunningPump): void {
  const [again, done] = [program.label('drain'), program.label('drained')]
  const left = program.cell('bytes left')
  const step = 'wait for the end of the output'
  const ended = (): void => { program.compute(step, { cell: tid, mask: 0xffff_ffffn }, { jump: { on: ['zero'], to: done } }) }
  const timeout = program.words('{100 ms}', [0, drainStepNs])
  const wait: readonly Argument[] = [addressOf(tid), program.flags('FUTEX_WAIT'), tid, timeout]
  program.place(again)
  ended()
  program.call(step, 'futex', wait, { ignoreErrors: true })
  ended()
  program.compute(step, { cell: length }, { jump: { on: ['positive'], to: again } })
  program.call(step, 'ioctl', [source, program.flags('FIONREAD'), addressOf(left)], { ignoreErrors: true })
  program.compute(step, { cell: left, mask: 0xffff_ffffn }, { jump: { on: ['positive'], to: again } })
  program.place(done)
}
