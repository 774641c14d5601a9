/**
 * Running a linked program: the executable in memory, the spawn with its descriptors, and the conversation with the shim.
 *
 * The executable lives in a sealed memfd, made for this one start, so that nothing a container could reach is ever executed again
 * (CVE-2019-5736); where the host forbids executing memfds (vm.memfd_noexec=2), in a file that is unlinked at once.
 */
import { mkdtempSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { TsnetError } from '../../errors/error.ts'
import { isErrno } from '../../kernel/error.ts'
import { spawnAndReap } from '../../kernel/spawn.ts'
import { close, fcntl, memfdCreate, MFD_ALLOW_SEALING, MFD_EXEC, O_RDWR, openFile, pipe } from '../../kernel/syscalls/descriptor.ts'
import { AF_UNIX, SOCK_STREAM, socketPair } from '../../kernel/syscalls/socket.ts'
import { Conversation } from './conversation.ts'
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

/** @throws container-start-failed if no place can be found that the executable may run from */
export function launch({ image }: LinkedProgram, options: LaunchOptions): Launched {
  let cause: unknown
  for (const place of [inMemory, inFolder('/dev/shm'), inFolder('/run'), inFolder('/tmp')]) {
    try {
      using executable = place(image)
      return spawnShim(executable.path, options)
    } catch (error) {
      if (!isErrno(error, 'EACCES', 'EPERM', 'ENOENT', 'EROFS', 'ENOSPC')) throw error
      cause = error
    }
  }
  throw new TsnetError('container-start-failed', 'start container: no place that an executable may run from was found', { cause })
}

interface Executable extends Disposable { readonly path: string }

const F_ADD_SEALS = 1033
const F_SEAL_SEAL = 1
const F_SEAL_SHRINK = 2
const F_SEAL_GROW = 4
const F_SEAL_WRITE = 8

function inMemory(image: Uint8Array): Executable {
  const fd = memfdCreate('tsnet-start', MFD_ALLOW_SEALING | MFD_EXEC)
  writeSync(fd, image)
  fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
  // By this process's number, as the descriptors of the spawned one are being put in order when it is looked up.
  return { path: `/proc/${process.pid}/fd/${fd}`, [Symbol.dispose]: () => { close(fd) } }
}

function inFolder(parent: string): (image: Uint8Array) => Executable {
  return image => {
    const folder = mkdtempSync(path.join(parent, 'tsnet-start-'))
    const file = path.join(folder, 'start')
    const remove = (): void => { rmSync(folder, { recursive: true, force: true }) }
    try {
      writeFileSync(file, image, { mode: 0o700 })
    } catch (error) {
      remove()
      throw error
    }
    return { path: file, [Symbol.dispose]: remove }
  }
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
