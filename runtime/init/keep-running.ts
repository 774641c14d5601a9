/** Starting a program that is always to run: its watcher (watcher.ts), with the descriptors that both have. */
import { closeSync, openSync } from 'node:fs'
import { spawnAndReap } from '../../kernel/spawn.ts'
import { withExecutable } from './executable.ts'
import { link } from './link.ts'
import { Program } from './program.ts'
import { buildWatcher, type WatcherPlan } from './watcher.ts'

export interface KeptProgram extends Pick<WatcherPlan, 'argv' | 'needed' | 'cgroup'> {
  /** Made where it is not there; what the program says goes to its end. */
  readonly log: string
  /** The program has them from descriptor 3 on; the caller's are still the caller's. */
  readonly descriptors: readonly number[]
}

/** Returns when the watcher runs, which is before the program does. @throws container-start-failed, kernel-error */
export function keepRunning({ argv, needed, cgroup, log, descriptors }: KeptProgram): void {
  const program = new Program(process.arch === 'arm64' ? 'arm64' : 'x64')
  const env = [`PATH=${process.env['PATH'] ?? ''}`, 'LC_ALL=C']
  buildWatcher(program, { argv, env, cgroup, lastDescriptor: 2 + descriptors.length, ...needed === undefined ? {} : { needed } })
  const { image } = link(program)
  using files = new DisposableStack()
  const input = files.adopt(openSync('/dev/null', 'r'), closeSync)
  const output = files.adopt(openSync(log, 'a', 0o600), closeSync)
  withExecutable(image, path => spawnAndReap({
    path, argv: ['tsnet-watcher'], newSession: true,
    descriptors: new Map([[0, input], [1, output], [2, output], ...descriptors.map((fd, index) => [index + 3, fd] as const)]),
  }))
}
