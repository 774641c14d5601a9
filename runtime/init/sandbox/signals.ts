/** Signals: a shim that only SIGKILL ends, and a container that starts with the defaults whatever its starter ignored. */
import type { Program } from '../program.ts'

const signalCount = 64

/** Every disposition to its default: an inherited SIG_IGN (nohup, Node's SIGPIPE) would reach the container. */
export function resetDispositions(program: Program): void {
  setDispositions(program, '{SIG_DFL}', 0)
}

/**
 * Forgets what came while all signals were blocked (the SIGPIPE of a message to a dead caller, for one): it would end the program that
 * is executed next. The kernel drops a pending signal when its disposition becomes SIG_IGN.
 */
export function discardPendingSignals(program: Program): void {
  setDispositions(program, '{SIG_IGN}', 1)
  resetDispositions(program)
}

/** A loop over all numbers; SIGKILL and SIGSTOP refuse. */
function setDispositions(program: Program, name: string, handler: number): void {
  const action = new Uint8Array(32)
  action[0] = handler
  const [signal, left] = [program.cell('signal', 1), program.cell('left')]
  const again = program.label('next signal')
  program.place(again)
  program.call('set the disposition', 'rt_sigaction', [signal, program.bytes(name, action), 0, 8], { ignoreErrors: true })
  program.compute('next signal', { cell: signal, subtract: -1 }, { store: signal })
  program.compute('is it the last?', { cell: signal, subtract: signalCount + 1 }, { store: left, jump: { on: ['negative'], to: again } })
}

export function blockSignals(program: Program): void {
  program.call('block all signals', 'rt_sigprocmask', [program.flags('SIG_SETMASK'), program.words('[ALL]', [-1]), 0, 8])
}

export function unblockSignals(program: Program): void {
  program.call('unblock all signals', 'rt_sigprocmask', [program.flags('SIG_SETMASK'), program.words('[]', [0]), 0, 8])
}
