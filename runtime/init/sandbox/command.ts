/** The last step: execve, along PATH as execvp(3) does. */
import type { OciProcess } from '../../oci-spec.ts'
import type { Program } from '../program.ts'

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Step of the record that reports that nothing could be executed; its errno says why. */
export const executeStep = 'execute the command'

const ENOENT = 2
const ENOTDIR = 20

/** ENOENT only if no candidate was there at all; otherwise the error of the last one that was (EACCES, ENOEXEC, …). */
export function execute(program: Program, { args, env }: Pick<OciProcess, 'args' | 'env'>): void {
  const [argv, environment] = [program.strings(args), program.strings(env)]
  const [result, reason] = [program.cell('execve result'), program.cell('reason', -ENOENT)]
  for (const candidate of candidates(args[0] ?? '', env)) {
    const next = program.label(`after ${candidate}`)
    program.call(`execute ${candidate}`, 'execve', [program.string(candidate), argv, environment], {
      store: result, ignoreErrors: true,
    })
    for (const errno of [ENOENT, ENOTDIR]) {
      program.compute('is it missing?', { cell: result, subtract: -errno }, { jump: { on: ['zero'], to: next } })
    }
    program.compute('keep the reason', { cell: result }, { store: reason })
    program.place(next)
  }
  program.fail(executeStep, reason)
}

function candidates(name: string, env: readonly string[]): readonly string[] {
  // An empty name is no file, though every folder of the path would be one.
  if (name === '') return []
  if (name.includes('/')) return [name]
  const path = env.findLast(entry => entry.startsWith('PATH='))?.slice('PATH='.length) ?? defaultPath
  return path.split(':').map(directory => directory === '' ? `./${name}` : `${directory}/${name}`)
}
