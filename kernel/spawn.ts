/**
 * Starting a small program that is over at once, because it goes on in a process of its own: posix_spawn(3).
 *
 * It shares our memory until execve, so its cost does not depend on our size; Node's own spawn forks, which takes 5 ms in a
 * process of Node's size and makes it copy every page it writes to meanwhile.
 */
import { addressOf, native } from './ffi.ts'
import { kernelError } from './error.ts'
import { syscall } from './syscall.ts'
import { close, dup } from './syscalls/descriptor.ts'

export interface Spawn {
  readonly path: string
  /** argv[0], and all of argv. The environment is empty. */
  readonly name: string
  /** What the program has, by number there; of what is not named, it inherits what is not close-on-exec. */
  readonly descriptors: ReadonlyMap<number, number>
  /** In a session of its own: ^C in our terminal does not reach it. */
  readonly newSession?: boolean
}

/** Runs the program to its end. @throws kernel-error with the reason of execve(2) */
export function spawnAndReap({ path, name, descriptors, newSession = false }: Spawn): void {
  using stack = new DisposableStack()
  const actions = stack.adopt(Buffer.alloc(SIZEOF_FILE_ACTIONS), fileActionsDestroy)
  fileActionsInit(actions)
  const attributes = stack.adopt(Buffer.alloc(SIZEOF_ATTRIBUTES), attributesDestroy)
  attributesInit(attributes)
  if (newSession) attributesSetFlags(attributes, POSIX_SPAWN_SETSID)
  // From above all numbers wanted, so that no dup2 overwrites what another one reads from.
  const free = Math.max(...descriptors.keys()) + 1
  for (const [number, fd] of descriptors) fileActionsAddDup2(actions, fd < free ? stack.adopt(dup(fd, free), close) : fd, number)
  const pid = Buffer.alloc(4)
  const errno = posixSpawn(pid, path, actions, attributes, argumentsOf(name), NO_ENVIRONMENT)
  if (errno !== 0) throw kernelError('execve', errno, { detail: path })
  syscall('wait4', [pid.readInt32LE(0), null, 0, null])
}

/** argv in one block, so that nothing it points at can be collected: [pointer to the name, NULL, name]. */
function argumentsOf(name: string): Buffer {
  const argv = Buffer.alloc(16 + Buffer.byteLength(name) + 1)
  argv.writeBigUInt64LE(addressOf(argv) + 16n, 0)
  argv.write(name, 16)
  return argv
}

const posixSpawn = native('int posix_spawn(void *pid, const char *path, void *actions, void *attributes, void *argv, void *env)')
const fileActionsInit = native('int posix_spawn_file_actions_init(void *actions)')
const fileActionsDestroy = native('int posix_spawn_file_actions_destroy(void *actions)')
const fileActionsAddDup2 = native('int posix_spawn_file_actions_adddup2(void *actions, int fd, int target)')
const attributesInit = native('int posix_spawnattr_init(void *attributes)')
const attributesDestroy = native('int posix_spawnattr_destroy(void *attributes)')
const attributesSetFlags = native('int posix_spawnattr_setflags(void *attributes, int flags)')

const POSIX_SPAWN_SETSID = 0x80
const NO_ENVIRONMENT = Buffer.alloc(8)
/** posix_spawn_file_actions_t has 80 bytes in glibc on both architectures, posix_spawnattr_t 336. */
const SIZEOF_FILE_ACTIONS = 128
const SIZEOF_ATTRIBUTES = 512
