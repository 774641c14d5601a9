/**
 * `-t`: the pseudo-terminal of the process, from the container's own devpts.
 *
 * The peer is opened through the master's descriptor (TIOCGPTPEER) and bound on /dev/console through its own, so that nothing that
 * the container puts at /dev/pts/N is ever used (CVE-2025-52565). The shim takes the master out of this process by pidfd_getfd.
 */
import type { TerminalSize } from '../../types.ts'
import type { Argument, Cell, Program } from '../program.ts'
import { attach, cloneMount, ensureInRoot, type InRoot } from './resolve.ts'

/** Where the shim finds the master: above whatever the mounts have open, below the usual limit of 1024. */
export const masterDescriptor = 1000

export interface Terminal { readonly peer: Cell }

/** `ptmx`: the directory (or AT_FDCWD) and name to open. */
export function openTerminal(program: Program, ptmx: readonly [Argument, string], size: TerminalSize | undefined): Terminal {
  const [master, peer] = [program.cell('master'), program.cell('terminal')]
  const flags = program.flags('O_RDWR', 'O_NOCTTY', 'O_CLOEXEC')
  program.call('open a terminal', 'openat', [ptmx[0], program.string(ptmx[1]), flags, 0], { store: master })
  program.call('unlock the terminal', 'ioctl', [master, program.flags('TIOCSPTLCK'), program.words('[0]', [0])])
  program.call('open the terminal\'s peer', 'ioctl', [master, program.flags('TIOCGPTPEER'), flags], { store: peer })
  if (size !== undefined) {
    const window = program.bytes(`{${size.rows} rows, ${size.columns} columns}`, encodeWindowSize(size))
    program.call('set the window size', 'ioctl', [master, program.flags('TIOCSWINSZ'), window])
  }
  program.call('number the master', 'dup3', [master, masterDescriptor, program.flags('O_CLOEXEC')])
  return { peer }
}

export function bindConsole(place: InRoot, { peer }: Terminal): void {
  const { program } = place
  const copy = cloneMount(program, 'copy the terminal', peer, false)
  attach(program, 'bind the terminal on /dev/console', copy, ensureInRoot(place, '/dev/console', 'file'))
}

/** The terminal becomes the controlling one of the (new) session and the three standard descriptors. */
export function takeTerminal(program: Program, { peer }: Terminal, { uid }: { readonly uid: number }): void {
  program.call('make it the controlling terminal', 'ioctl', [peer, program.flags('TIOCSCTTY'), 0])
  for (const fd of [0, 1, 2]) program.call(`terminal as descriptor ${fd}`, 'dup3', [peer, fd, 0])
  program.call('give the terminal to the user', 'fchown', [0, uid, -1], { ignoreErrors: true })
}

/** Struct winsize. */
export function encodeWindowSize({ rows, columns }: TerminalSize): Buffer {
  const buffer = Buffer.alloc(8)
  buffer.writeUInt16LE(Math.min(Math.max(rows, 0), 0xffff), 0)
  buffer.writeUInt16LE(Math.min(Math.max(columns, 0), 0xffff), 2)
  return buffer
}
