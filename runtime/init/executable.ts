/**
 * A place for an executable of our making, for the moment of its start.
 *
 * A sealed memfd, made for this one start, so that nothing a container could reach is ever executed again (CVE-2019-5736); where the
 * host forbids executing memfds (vm.memfd_noexec=2), a file that is unlinked at once.
 */
import { mkdtempSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { TsnetError } from '../../errors/error.ts'
import { isErrno } from '../../kernel/error.ts'
import { close, fcntl, memfdCreate, MFD_ALLOW_SEALING, MFD_EXEC } from '../../kernel/syscalls/descriptor.ts'

/**
 * Calls `start` with the path of the image in a file that can be executed.
 * @throws container-start-failed if no place can be found that it may run from
 */
export function withExecutable<T>(image: Uint8Array, start: (path: string) => T): T {
  let cause: unknown
  for (const place of [inMemory, inFolder('/dev/shm'), inFolder('/run'), inFolder('/tmp')]) {
    try {
      using executable = place(image)
      return start(executable.path)
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
