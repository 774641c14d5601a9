/**
 * Entering a network namespace: only synchronously, only on the main thread, and always back again.
 *
 * setns(2) moves one thread. Whatever runs on libuv's pool (fs.promises, deferred listen and bind, child processes of other
 * ticks) stays in, or comes back to, the host's namespace: a function that awaits would do half of its work on the host. So the type of
 * `inNetns` refuses a function that returns a promise, and a worker thread is refused at run time.
 * Sockets opened inside stay in the namespace for their life; that is how everything else gets there.
 */
import { readlinkSync } from 'node:fs'
import { TsnetError } from '../errors/error.ts'
import { kernelError } from './error.ts'
import { trySyscall } from './syscall.ts'
import { close, openFile } from './syscalls/descriptor.ts'
import { CLONE_NEWNET, setns } from './syscalls/namespace.ts'

/** Only a synchronous function: one that returns a promise has the type `never` here. */
export type Synchronous<T> = T extends PromiseLike<unknown> ? never : unknown

/**
 * Calls `fn` inside the network namespace at `path`; with undefined, where we are. Twin: `ip netns exec`.
 *
 * @throws kernel-error where there is no namespace at `path`; internal-error off the main thread
 */
export function inNetns<T>(path: string | undefined, fn: () => T & Synchronous<T>): T {
  if (path === undefined) return fn()
  return withOwnNetns(() => {
    const target = openFile(path)
    try {
      setns(target, CLONE_NEWNET, path)
    } finally {
      close(target)
    }
    return fn()
  })
}

/** Calls `fn`, which may leave this thread in another namespace, and comes back to the present one whatever happens. */
export function withOwnNetns<T>(fn: () => T & Synchronous<T>): T {
  // By its number, as loading node:worker_threads to ask it takes 2 ms.
  if (trySyscall('gettid') !== process.pid) throw new TsnetError('internal-error', 'enter a network namespace: only the main thread may')
  const home = openFile('/proc/self/ns/net')
  try {
    return fn()
  } finally {
    const result = trySyscall('setns', home, CLONE_NEWNET)
    // Whoever may not enter namespaces at all has never left.
    if (result < 0 && readlinkSync('/proc/thread-self/ns/net') !== readlinkSync(`/proc/self/fd/${home}`)) stopOutsideHome(-result)
    close(home)
  }
}

/** In a foreign namespace every further call would hit the wrong network, so the process must not go on. */
function stopOutsideHome(errno: number): never {
  process.stderr.write(`tsnet: cannot return to the host's network namespace: ${kernelError('setns', errno).message}\n`)
  process.abort()
}
