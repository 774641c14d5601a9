/**
 * Sending what the kernel takes long to do (deleting a link: 14 to 50 ms), and closing what it takes long to close (an nfnetlink
 * socket after a delete: 10 to 28 ms), without anybody waiting: neither the main thread nor the end of the process.
 *
 * Both are RCU grace periods inside a system call. A thread of the pool would keep the process from ending (a thread in an uninterruptible
 * wait delays the exit of its process), so a helper process of 150 bytes inherits the socket and does the call (`helper-elf.ts`). It
 * forks once more and exits, so that it is init's child and nobody's zombie. A message reaches it through a pipe; end of file tells
 * it to exit.
 */
import { writeSync } from 'node:fs'
import { isTsnetError } from '../errors/error.ts'
import { helperElf } from './helper-elf.ts'
import { spawnAndReap } from './spawn.ts'
import { MFD_EXEC, close, memfdCreate, pipe } from './syscalls/descriptor.ts'

/**
 * Has a message of at most 4096 bytes sent by a helper; returns before it is. What comes of it is seen in the kernel alone.
 * False where no helper can be started: nothing is sent then.
 */
export function sendDetached(socket: number, message: Uint8Array): boolean {
  const [readEnd, writeEnd] = pipe()
  try {
    writeSync(writeEnd, message)
    return spawnHelper(socket, readEnd)
  } finally {
    close(readEnd)
    close(writeEnd)
  }
}

/**
 * Closes a socket by `closeSocket` while a helper holds it too, so that the last close, which waits, is the helper's.
 * Where no helper can be started, the close waits here.
 */
export function closeDetached(socket: number, closeSocket: () => void): void {
  const release = holdOpen(socket)
  try {
    closeSocket()
  } finally {
    release()
  }
}

/** A helper that keeps `socket` open until the function returned is called, or until this process ends. */
export function holdOpen(socket: number): () => void {
  const [readEnd, writeEnd] = pipe()
  try {
    spawnHelper(socket, readEnd)
  } finally {
    close(readEnd)
  }
  return () => close(writeEnd)
}

/**
 * Starts the helper with `socket` as descriptor 3 and `input` as 4. False where that fails: no /proc, no processes left, memory
 * files that may not be executed (sysctl vm.memfd_noexec).
 */
function spawnHelper(socket: number, input: number): boolean {
  let program: number | undefined
  try {
    program = memfdCreate('tsnet-helper', MFD_EXEC)
    writeSync(program, helperElf())
    spawnAndReap({ path: `/proc/self/fd/${program}`, argv: ['tsnet-helper'], descriptors: new Map([[3, socket], [4, input]]) })
    return true
  } catch (error) {
    if (!isTsnetError(error, 'kernel-error')) throw error
    return false
  } finally {
    if (program !== undefined) close(program)
  }
}
