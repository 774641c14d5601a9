/**
 * Sending what the kernel takes long to do (deleting a link: 14 to 50 ms), and closing what it takes long to close (an nfnetlink
 * socket after a delete: 10 to 28 ms), without anybody waiting: neither the main thread nor the end of the process.
 *
 * Both are RCU grace periods inside a system call. A thread of the pool would keep the process from ending (a thread in an uninterruptible
 * wait delays the exit of its process), so a helper process of 150 bytes inherits the socket and does the call (`helper-elf.ts`). It
 * is started by posix_spawn(3), which shares memory until execve and so does not depend on our size; it forks once more, so that it is
 * init's child and nobody's zombie. A message reaches it through a pipe; end of file tells it to exit.
 */
import { writeSync } from 'node:fs'
import { addressOf, native } from './ffi.ts'
import { helperElf } from './helper-elf.ts'
import { syscall } from './syscall.ts'
import { MFD_EXEC, close, dup, memfdCreate, pipe } from './syscalls/descriptor.ts'

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

const posixSpawn = native('int posix_spawn(void *pid, const char *path, void *actions, void *attributes, void *argv, void *env)')
const fileActionsInit = native('int posix_spawn_file_actions_init(void *actions)')
const fileActionsDestroy = native('int posix_spawn_file_actions_destroy(void *actions)')
const fileActionsAddDup2 = native('int posix_spawn_file_actions_adddup2(void *actions, int fd, int target)')

/**
 * Starts the helper with `socket` as descriptor 3 and `input` as 4, and reaps the process in between. False where that fails: no
 * /proc, no processes left, memory files that may not be executed (sysctl vm.memfd_noexec).
 */
function spawnHelper(socket: number, input: number): boolean {
  // Above 4, so that the one dup2 does not overwrite the other's source.
  const sources = [dup(socket, 10), dup(input, 10)] as const
  const program = tryMemfd()
  const actions = Buffer.alloc(SIZEOF_FILE_ACTIONS)
  fileActionsInit(actions)
  try {
    if (program === undefined) return false
    writeSync(program, helperElf())
    fileActionsAddDup2(actions, sources[0], 3)
    fileActionsAddDup2(actions, sources[1], 4)
    const pid = Buffer.alloc(4)
    const errno = posixSpawn(pid, `/proc/self/fd/${program}`, actions, null, helperArguments(), Buffer.alloc(8))
    if (errno !== 0) return false
    syscall('wait4', [pid.readInt32LE(0), null, 0, null])
    return true
  } finally {
    fileActionsDestroy(actions)
    for (const fd of [...sources, program]) if (fd !== undefined) close(fd)
  }
}

function tryMemfd(): number | undefined {
  try {
    return memfdCreate('tsnet-helper', MFD_EXEC)
  } catch {
    return undefined
  }
}

/** argv in one block, so that nothing it points at can be collected: [pointer to the name, NULL, name]. */
function helperArguments(): Buffer {
  const name = 'tsnet-helper\0'
  const argv = Buffer.alloc(16 + name.length)
  argv.writeBigUInt64LE(addressOf(argv) + 16n, 0)
  argv.write(name, 16)
  return argv
}

/** posix_spawn_file_actions_t has 80 bytes in glibc on both architectures. */
const SIZEOF_FILE_ACTIONS = 128
