/**
 * Running a linked program: the executable in memory, the spawn with its descriptors, and the conversation with the shim.
 *
 * The executable lives in a sealed memfd, made for this one start, so that nothing a container could reach is ever executed again
 * (CVE-2019-5736); where the host forbids executing memfds (vm.memfd_noexec=2), in a file that is unlinked at once.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import path from 'node:path'
import { Duplex, type Readable, type Writable } from 'node:stream'
import { TsnetError } from '../../errors/error.ts'
import { isErrno } from '../../kernel/error.ts'
import { close, fcntl, memfdCreate, MFD_ALLOW_SEALING, MFD_EXEC, pipe } from '../../kernel/syscalls/descriptor.ts'
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
export async function launch({ image }: LinkedProgram, options: LaunchOptions): Promise<Launched> {
  let cause: unknown
  for (const place of [inMemory, inFolder('/dev/shm'), inFolder('/run'), inFolder('/tmp')]) {
    try {
      using executable = place(image)
      return await spawnShim(executable.path, options)
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

async function spawnShim(executable: string, options: LaunchOptions): Promise<Launched> {
  const { terminal, interactive, attached, keptDescriptors } = options
  const socket = (wanted: boolean): 'pipe' | 'ignore' => attached && wanted ? 'pipe' : 'ignore'
  // Pipes of our own: what Node makes for 'pipe' are sockets, which a container must not get as stdin (/dev/stdin could not be
  // opened), and which Node drains unread when the process it spawned exits, as the shim's starter does at once.
  const [input, output, errors] = [interactive && !terminal, true, !terminal].map(wanted => attached && wanted ? pipe() : undefined)
  const child = spawn(executable, [], {
    argv0: 'tsnet-shim',
    // Its own session, so that ^C in the caller's terminal does not end it.
    detached: true,
    env: {},
    stdio: [
      'ignore', 'ignore', 'ignore', 'pipe', input?.[0] ?? socket(interactive), output?.[1] ?? 'ignore', errors?.[1] ?? 'ignore',
      socket(terminal), ...keptDescriptors,
    ],
  })
  for (const fd of [input?.[0], output?.[1], errors?.[1]]) if (fd !== undefined) close(fd)
  if (child.pid === undefined) {
    for (const fd of [input?.[1], output?.[0], errors?.[0]]) if (fd !== undefined) close(fd)
    const { promise, reject } = Promise.withResolvers<never>()
    child.once('error', reject)
    return await promise
  }
  child.unref()
  const control = streamOf(child, descriptors.control)
  if (control === undefined) throw new TsnetError('internal-error', 'start container: no control socket')
  return {
    conversation: new Conversation(control),
    ...defined({
      stdin: input === undefined ? streamOf(child, descriptors.stdin) : new Socket({ fd: input[1], readable: false, writable: true }),
      stdout: output && new Socket({ fd: output[0], readable: true, writable: false }),
      stderr: errors && new Socket({ fd: errors[0], readable: true, writable: false }),
      resize: streamOf(child, descriptors.resize),
    }),
  }
}

function streamOf(child: ChildProcess, number: number): Duplex | undefined {
  const stream: unknown = child.stdio[number]
  return stream instanceof Duplex ? stream : undefined
}

type Ends = Omit<Launched, 'conversation'>

function defined(ends: { readonly [Key in keyof Ends]-?: Duplex | undefined }): Ends {
  return Object.fromEntries(Object.entries(ends).filter(([, stream]) => stream !== undefined))
}
