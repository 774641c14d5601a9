/** Which program a container runs: Docker's rules for ENTRYPOINT, CMD and `--entrypoint`. */
import { TsnetError } from '../../errors/error.ts'

export interface ImageCommand { readonly entrypoint: readonly string[], readonly command: readonly string[] }

/**
 * `--entrypoint` takes the place of the image's ENTRYPOINT and drops its CMD; an empty one clears both. Arguments replace CMD.
 * @throws invalid-argument when nothing is left to run.
 */
export function resolveCommand(
  image: ImageCommand, entrypoint: string | undefined, command: readonly string[],
): readonly string[] {
  const program = entrypoint === undefined ? image.entrypoint : entrypoint === '' ? [] : [entrypoint]
  const args = command.length > 0 ? command : entrypoint === undefined ? image.command : []
  const all = [...program, ...args]
  if (all.length === 0) throw new TsnetError('invalid-argument', 'run container: no command specified, and the image has none')
  return all
}
