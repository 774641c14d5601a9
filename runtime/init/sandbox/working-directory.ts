/** The working directory, and the proof that it is inside the root (CVE-2024-21626: it was a leaked descriptor of the host's). */
import { addressOf, type Program } from '../program.ts'

const pathMax = 4096
const ENOENT = 2

/** Fails where getcwd(2) gives "(unreachable)/…" instead of an absolute path. */
export function verifyWorkingDirectory(program: Program): void {
  const path = program.reserve('path', pathMax)
  const inside = program.label('the working directory is inside the root')
  const step = 'check that the working directory is inside the root'
  const first = program.cellAt('first byte', path, 0)
  program.call(step, 'getcwd', [addressOf(first), pathMax])
  program.compute(step, { cell: first, mask: 0xffn, subtract: '/'.charCodeAt(0) }, { jump: { on: ['zero'], to: inside } })
  program.fail(step, ENOENT)
  program.place(inside)
}
