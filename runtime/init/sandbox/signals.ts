/** Signals: a shim that only SIGKILL ends, and a container that starts with the defaults whatever its starter ignored. */
import type { Program } from '../program.ts'

const SIGKILL = 9
const SIGSTOP = 19
const last = 64

/** Every disposition to its default: an inherited SIG_IGN (nohup, Node's SIGPIPE) would reach the container. */
export function resetDispositions(program: Program): void {
  const action = program.bytes('{SIG_DFL}', new Uint8Array(32))
  for (let signal = 1; signal <= last; signal++) {
    if (signal !== SIGKILL && signal !== SIGSTOP) {
      program.call(`reset signal ${signal}`, 'rt_sigaction', [signal, action, 0, 8])
    }
  }
}

export function blockSignals(program: Program): void {
  program.call('block all signals', 'rt_sigprocmask', [program.flags('SIG_SETMASK'), program.words('[ALL]', [-1]), 0, 8])
}

export function unblockSignals(program: Program): void {
  program.call('unblock all signals', 'rt_sigprocmask', [program.flags('SIG_SETMASK'), program.words('[]', [0]), 0, 8])
}
