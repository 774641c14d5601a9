/**
 * `tsnet serve`: what has to listen, with one life. Docker's plugin is its first listener; a further one is a line in `startListeners`.
 *
 * It holds no state of its own but the descriptors of published ports: killed at any instant, it loses nothing, and the next one goes on.
 */
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { listenCni } from '../cni/server/listen.ts'
import { TsnetError } from '../errors/error.ts'
import { makeFolder } from '../kernel/folder.ts'
import { removeDeadOwners } from '../kernel/lock.ts'
import { LOCK_EX, LOCK_NB, flock } from '../kernel/syscalls/descriptor.ts'
import { type DockerDoorOptions, openDockerDoor } from './docker-door.ts'
import type { Engine } from '../engine/open.ts'

export interface ServeOptions {
  readonly docker: DockerDoorOptions
  /** One line of the log. */
  readonly log: (line: string) => void
}

/** Something that listens until it is closed. */
export interface Door { readonly where: readonly string[], close(): Promise<void> }

/** Listens until `stop` is aborted; then ends calls under way, and lets go of all. @throws socket-in-use, invalid-argument, store-error */
export async function serve(engine: Engine, options: ServeOptions, stop: AbortSignal): Promise<void> {
  using _lock = onlyOne(engine.roots.runRoot)
  // Of a predecessor that was killed; commands do this when they end, and this one may not for a year.
  removeDeadOwners(engine.roots.runRoot)
  using _routes = await engine.watchRoutes()
  await using doors = new AsyncDisposableStack()
  for (const door of await startListeners(engine, options, doors)) options.log(`listening on ${door}`)
  await new Promise<void>(resolve => {
    if (stop.aborted) resolve()
    else stop.addEventListener('abort', () => resolve(), { once: true })
  })
  options.log('ending')
}

async function startListeners(engine: Engine, { docker, log }: ServeOptions, doors: AsyncDisposableStack): Promise<readonly string[]> {
  const opened: Door[] = []
  const open = async (door: Promise<Door>): Promise<void> => {
    opened.push(doors.adopt(await door, one => one.close()))
  }
  await open(openDockerDoor(engine, docker, log))
  await open(listenCni({ roots: engine.roots, log }))
  return opened.flatMap(({ where }) => where)
}

/** Two of them would hold each other's ports. The kernel frees the lock when its holder dies. */
function onlyOne(runRoot: string): Disposable {
  makeFolder(runRoot, 0o711)
  const fd = openSync(join(runRoot, 'serve.lock'), 'a', 0o600)
  if (flock(fd, LOCK_EX | LOCK_NB)) return { [Symbol.dispose]: () => closeSync(fd) }
  closeSync(fd)
  throw new TsnetError('socket-in-use', 'serve: another tsnet serve runs here, with the same --run-root')
}
