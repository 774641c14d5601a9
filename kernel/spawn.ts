/**
 * Starting programs by posix_spawn(3), which shares our memory until execve, so that its cost does not depend on our size. Node's own
 * spawn forks: 5 ms in a process of Node's size, which then has to copy every page that it writes to, and 4 ms more to load.
 *
 * A program has standard signal dispositions, whatever ours are (Node ignores SIGPIPE). Whoever starts one has to wait for it.
 */
import { addressOf, native } from './ffi.ts'
import { kernelError } from './error.ts'
import { close, dup } from './syscalls/descriptor.ts'
import { waitPid } from './syscalls/process.ts'

export interface Spawn {
  readonly path: string
  readonly argv: readonly string[]
  /** `NAME=value`; absent: empty. */
  readonly env?: readonly string[]
  /** What the program has, by number there; of what is not named, it inherits what is not close-on-exec. */
  readonly descriptors: ReadonlyMap<number, number>
  /** In a session of its own: ^C in our terminal does not reach it. */
  readonly newSession?: boolean
}

/** @returns the pid @throws kernel-error with the reason of execve(2) */
export function spawn({ path, argv, env = [], descriptors, newSession = false }: Spawn): number {
  using stack = new DisposableStack()
  const actions = stack.adopt(Buffer.alloc(SIZEOF_FILE_ACTIONS), fileActionsDestroy)
  fileActionsInit(actions)
  const attributes = stack.adopt(Buffer.alloc(SIZEOF_ATTRIBUTES), attributesDestroy)
  attributesInit(attributes)
  attributesSetFlags(attributes, POSIX_SPAWN_SETSIGDEF | (newSession ? POSIX_SPAWN_SETSID : 0))
  attributesSetSignalDefault(attributes, EVERY_SIGNAL)
  // From above all numbers wanted, so that no dup2 overwrites what another one reads from.
  const free = Math.max(...descriptors.keys()) + 1
  for (const [number, fd] of descriptors) fileActionsAddDup2(actions, fd < free ? stack.adopt(dup(fd, free), close) : fd, number)
  const pid = Buffer.alloc(4)
  const errno = posixSpawn(pid, path, actions, attributes, stringArray(argv), stringArray(env))
  if (errno !== 0) throw kernelError('execve', errno, { detail: path })
  return pid.readInt32LE(0)
}

/** For programs that are over at once, as they go on in a process of their own. @throws kernel-error with the reason of execve(2) */
export function spawnAndReap(request: Spawn): void {
  waitPid(spawn(request))
}

/** A NULL-terminated array of pointers and the strings they point at in one block, so that nothing can be collected. */
function stringArray(texts: readonly string[]): Buffer {
  if (texts.some(text => text.includes('\0'))) throw new TypeError('a NUL inside an argument')
  const strings = Buffer.from(texts.map(text => `${text}\0`).join(''))
  const pointers = (texts.length + 1) * 8
  const block = Buffer.concat([Buffer.alloc(pointers), strings])
  let address = addressOf(block) + BigInt(pointers)
  for (const [index, text] of texts.entries()) {
    block.writeBigUInt64LE(address, index * 8)
    address += BigInt(Buffer.byteLength(text) + 1)
  }
  return block
}

const posixSpawn = native('int posix_spawn(void *pid, const char *path, void *actions, void *attributes, void *argv, void *env)')
const fileActionsInit = native('int posix_spawn_file_actions_init(void *actions)')
const fileActionsDestroy = native('int posix_spawn_file_actions_destroy(void *actions)')
const fileActionsAddDup2 = native('int posix_spawn_file_actions_adddup2(void *actions, int fd, int target)')
const attributesInit = native('int posix_spawnattr_init(void *attributes)')
const attributesDestroy = native('int posix_spawnattr_destroy(void *attributes)')
const attributesSetFlags = native('int posix_spawnattr_setflags(void *attributes, int flags)')
const attributesSetSignalDefault = native('int posix_spawnattr_setsigdefault(void *attributes, void *signals)')

const POSIX_SPAWN_SETSIGDEF = 4
const POSIX_SPAWN_SETSID = 0x80
/** sigset_t */
const EVERY_SIGNAL = Buffer.alloc(128, 0xff)
/** posix_spawn_file_actions_t has 80 bytes in glibc on both architectures, posix_spawnattr_t 336. */
const SIZEOF_FILE_ACTIONS = 128
const SIZEOF_ATTRIBUTES = 512
