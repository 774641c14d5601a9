/** The three standard descriptors of a process without a terminal. */
import type { Argument, Cell, Program } from '../program.ts'

export interface StandardStreams {
  /** Absent: the null device. */
  readonly stdin?: Argument
  readonly stdout: Argument
  readonly stderr: Argument
}

/** `dev`: the container's own /dev, whose null device then is stdin; absent: descriptor 0 stays, the host's null device. */
export function setStandardStreams(program: Program, streams: StandardStreams, dev: Cell | undefined): void {
  if (streams.stdin !== undefined) program.call('pipe as stdin', 'dup3', [streams.stdin, 0, 0])
  else if (dev !== undefined) {
    const fd = program.cell('null')
    const flags = program.flags('O_RDWR', 'O_NOFOLLOW', 'O_CLOEXEC')
    program.call('open /dev/null for stdin', 'openat', [dev, program.string('null'), flags, 0], { store: fd })
    program.call('/dev/null as stdin', 'dup3', [fd, 0, 0])
  }
  program.call('pipe as stdout', 'dup3', [streams.stdout, 1, 0])
  program.call('pipe as stderr', 'dup3', [streams.stderr, 2, 0])
}

/** So that a user other than root can open /dev/stdout. */
export function giveStreams(program: Program, { stdin }: StandardStreams, uid: number): void {
  for (const fd of stdin === undefined ? [1, 2] : [0, 1, 2]) {
    program.call(`give descriptor ${fd} to the user`, 'fchown', [fd, uid, -1], { ignoreErrors: true })
  }
}
