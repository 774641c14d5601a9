/** The end of a shim: drain the output, write the status file, tell the caller, and clean up if it is not there. */
import { addressOf, type Cell, type Data, type Program } from '../program.ts'
import { discardPendingSignals, unblockSignals } from '../sandbox/signals.ts'
import { writeByte, writeDecimal } from './decimal.ts'
import { descriptors, EXITED, messageSize } from './protocol.ts'
import { drain, type RunningPump } from './pump.ts'
import type { ShimPlan } from './shim.ts'

interface End { readonly message: Data, readonly pumps: readonly RunningPump[], readonly status: Cell }

export function finish(program: Program, plan: ShimPlan, { message, pumps, status }: End): void {
  const word = (index: number): Cell => program.cellAt(`message[${index}]`, message, index * 8)
  program.call('note the time', 'clock_gettime', [program.flags('CLOCK_REALTIME'), addressOf(word(2))], { ignoreErrors: true })
  for (const pump of pumps) drain(program, pump)
  program.compute('say exited', { cell: word(0), mask: 0n, subtract: -EXITED }, { store: word(0) })
  program.compute('say the status', { cell: status, mask: 0xffff_ffffn }, { store: word(1) })
  if (plan.statusPath !== undefined) writeStatus(program, plan.statusPath, [word(1), word(2), word(3)])
  program.call('tell the caller', 'write', [descriptors.control, message, messageSize], { ignoreErrors: true })
  if (plan.cleanup !== undefined) cleanUp(program, plan.cleanup, message)
  program.call('end', 'exit_group', [0])
}

/** A wait status has 16 bits; ten digits of seconds last until 2286. */
const fieldDigits = [5, 10, 9] as const
const statusSize = fieldDigits.reduce((size, digits) => size + digits + 1, 0)

/**
 * Takes the room of the status file before the container starts: the container, or its log, may fill the disk, and how it ended is to be
 * written all the same. On a disk that is full already there is no start.
 */
export function reserveStatus(program: Program, path: string): void {
  const [fd, at] = [program.cell('status file'), program.flags('AT_FDCWD')]
  const flags = program.flags('O_WRONLY', 'O_CREAT', 'O_CLOEXEC')
  program.call('make the status file', 'openat', [at, program.string(`${path}.new`), flags, 0o640], { store: fd })
  program.call('reserve the status file', 'write', [fd, program.string(' '.repeat(statusSize)), statusSize])
  program.call('close the status file', 'close', [fd])
}

/** `<wait status> <seconds> <nanoseconds>\n` with leading zeros, put in place whole by a rename. */
function writeStatus(program: Program, path: string, values: readonly Cell[]): void {
  const text = program.reserve('status', statusSize + 8)
  let offset = 0
  values.forEach((value, index) => {
    const copy = program.cell(['wait status', 'seconds', 'nanoseconds'][index] ?? '')
    const digits = fieldDigits[index] ?? 0
    program.compute('copy it', { cell: value }, { store: copy })
    writeDecimal(program, { value: copy, text, offset, digits })
    offset += digits
    writeByte(program, program.cellAt('separator', text, offset), index === values.length - 1 ? '\n' : ' ')
    offset += 1
  })
  const [fd, at] = [program.cell('status file'), program.flags('AT_FDCWD')]
  const flags = program.flags('O_WRONLY', 'O_CREAT', 'O_CLOEXEC')
  const fresh = program.string(`${path}.new`)
  program.call('open the status file', 'openat', [at, fresh, flags, 0o640], { store: fd, ignoreErrors: true })
  program.call('write the status file', 'write', [fd, text, statusSize], { ignoreErrors: true })
  program.call('put the status file in place', 'renameat2', [at, fresh, at, program.string(path), 0], { ignoreErrors: true })
}

/** The caller's byte means that it cleans up itself; end of file, that it died or was never to stay. */
function cleanUp(program: Program, { argv, env }: NonNullable<ShimPlan['cleanup']>, buffer: Data): void {
  const done = program.label('done')
  program.call('wait for the caller', 'read', [descriptors.control, buffer, 1], {
    jump: { on: ['positive'], to: done }, ignoreErrors: true,
  })
  program.call('let go of all descriptors', 'close_range', [descriptors.control, 0xffff_ffff, 0], { ignoreErrors: true })
  discardPendingSignals(program)
  unblockSignals(program)
  program.call('clean up', 'execve', [program.string(argv[0] ?? ''), program.strings(argv), program.strings(env)], {
    ignoreErrors: true,
  })
  program.place(done)
}
