/** Signals: a shim that only SIGKILL ends, and a container that starts with the defaults whatever its starter ignored. */
import type { Program } from '../program.ts'

const signalCount = 64

/**
 * Every disposition to its default: an inherited SIG_IGN (nohup, Node's SIGPIPE) would reach the container. A loop over all numbers;
 * SIGKILL and SIGSTOP refuse.
 */
export function resetDispositions(program: Program): void {
  const [signal, left] = [program.cell('signal', 1), program.cell('left')]
  const again = program.label('next signal')
  program.place(again)
  program.call('reset the signal', 'rt_sigaction', [signal, program.bytes('{SIG_DFL}', new Uint8Array(32)), 0, 8], { ignoreErrors: true })
  program.compute('next signal', { cell: signal, subtract: -1 }, { store: signal })
  program.compute('is it the last?', { cell: signal, subtract: signalCount + 1 }, { store: left, jump: { on: ['negative'], to: again } })
}

export function blockSignals(program: Program): void {
  program.call('block all signals', 'rt_sigprocmask', [program.flags('SIG_SETMASK'), program.words('[ALL]', [-1]), 0, 8])
}

export function unblockSignals(program: Program): void {
  program.call('unblock all signals', 'rt_sigprocmask', [program.flags('SIG_SETMASK'), program.words('[]', [0]), 0, 8])
}
