/** `--rm=true` is `--rm`, and `--rm=false` is nothing, as with Docker's boolean options; only before the first argument. */
import type { Option } from 'commander'

export function plainBooleans(args: readonly string[], options: readonly Option[]): readonly string[] {
  const kept: string[] = []
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    if (!arg.startsWith('-') || arg === '-' || arg === '--') return [...kept, ...args.slice(index)]
    const match = /^(--[a-z0-9-]+)=(true|false|1|0)$/.exec(arg)
    const option = match === null ? undefined : options.find(({ long, required, optional }) => long === match[1] && !required && !optional)
    if (match === null || option === undefined) kept.push(arg)
    else if (match[2] === 'true' || match[2] === '1') kept.push(match[1] ?? '')
    if (takesNext(arg, options)) {
      index += 1
      if (index < args.length) kept.push(args[index] ?? '')
    }
  }
  return kept
}

/** Whether the value of the last option in `arg` is the next argument: `--name x`, `-itp 80:80`. */
function takesNext(arg: string, options: readonly Option[]): boolean {
  if (arg.startsWith('--')) return !arg.includes('=') && options.some(({ long, required }) => long === arg && required)
  const letters = arg.slice(1).split('')
  const first = letters.findIndex(letter => options.some(({ short, required }) => short === `-${letter}` && required))
  return first >= 0 && first === letters.length - 1
}
