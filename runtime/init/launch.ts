/** Running a linked program: the spawn with its descriptors, and the conversation with the shim. */
import { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { spawnAndReap } from '../../kernel/spawn.ts'
import { close, O_RDWR, openFile, pipe } from '../../kernel/syscalls/descriptor.ts'
import { AF_UNIX, SOCK_STREAM, socketPair } from '../../kernel/syscalls/socket.ts'
import { Conversation } from './conversation.ts'
import { withExecutable } from './executable.ts'
import type { LinkedProgram } from './link.ts'
import { descriptors } from './shim/protocol.ts'

export interface LaunchOptions {
  readonly terminal: boolean
  readonly interactive: boolean
  readonly attached: boolean
  readonly keptDescriptors: readonly number[]
}

export interface Launched {
  readonly conversation: Conversation
  /** Present if attached; `resize` only with a terminal. */
  readonly stdin?: Writable
  readonly stdout?: Readable
  readonly stderr?: Readable
  readonly resize?: Writable
}

export function launch({ image }: LinkedProgram, options: LaunchOptions): Launched {
  return withExecutable(image, path => spawnShim(path, options))
}

function spawnShim(path: string, options: LaunchOptions): Launched {
  const channels = openChannels(options)
  const open = Object.values(channels).filter(channel => channel !== undefined)
  const nothing = openFile('/dev/null', O_RDWR)
  const named = (['control', 'stdin', 'stdout', 'stderr', 'resize'] as const)
    .map(name => [descriptors[name], channels[name]?.theirs ?? nothing] as const)
  const kept = options.keptDescriptors.map((fd, index) => [descriptors.kept + index, fd] as const)
  try {
    // Its own session, so that ^C in the caller's terminal does not end it.
    spawnAndReap({
      path, argv: ['tsnet-shim'], newSession: true, descriptors: new Map([[0, nothing], [1, nothing], [2, nothing], ...named, ...kept]),
    })
  } catch (error) {
    for (const { ours } of open) close(ours)
    throw error
  } finally {
    for (const { theirs } of open) close(theirs)
    close(nothing)
  }
  const { control, stdin, stdout, stderr, resize } = channels
  return {
    conversation: new Conversation(new Socket({ fd: control.ours })),
    ...stdin && { stdin: new Socket({ fd: stdin.ours, readable: false, writable: true }) },
    ...stdout && { stdout: new Socket({ fd: stdout.ours, readable: true, writable: false }) },
    ...stderr && { stderr: new Socket({ fd: stderr.ours, readable: true, writable: false }) },
    ...resize && { resize: new Socket({ fd: resize.ours, readable: false, writable: true }) },
  }
}

/** What is between the shim and its caller; absent where nobody is at the other end. */
interface Channels extends Record<'stdin' | 'stdout' | 'stderr' | 'resize', Channel | undefined> { readonly control: Channel }
interface Channel { readonly ours: number, readonly theirs: number }

/** The container's own streams are pipes, as a socket cannot be opened again as /dev/stdin. */
function openChannels({ terminal, interactive, attached }: LaunchOptions): Channels {
  const when = (wanted: boolean, open: () => Channel): Channel | undefined => attached && wanted ? open() : undefined
  return {
    control: connection(),
    stdin: when(interactive, terminal ? connection : outgoing),
    stdout: when(true, incoming),
    stderr: when(!terminal, incoming),
    resize: when(terminal, connection),
  }
}

function connection(): Channel {
  const [ours, theirs] = socketPair(AF_UNIX, SOCK_STREAM)
  return { ours, theirs }
}

function outgoing(): Channel {
  const [theirs, ours] = pipe()
  return { ours, theirs }
}

function incoming(): Channel {
  const [ours, theirs] = pipe()
  return { ours, theirs }
}
