/**
 * Docker's spellings of options that commander does not know, in commander's: `--rm=true` is `--rm`, `--rm=false` is nothing, `-d=true` and
 * `-p=80:80` likewise; `--ipv4=false` is `--no-ipv4` where that is the option.
 */
import type { Option } from 'commander'
import { TsnetError } from '../errors/error.ts'

/** @param firstEnds what follows the first argument belongs to the command in the container @throws invalid-argument for `--rm=maybe` */
export function plainOptions(args: readonly string[], options: readonly Option[], firstEnds: boolean): readonly string[] {
  const kept: string[] = []
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    const isArgument = !arg.startsWith('-') || arg === '-'
    if (arg === '--' || isArgument && firstEnds) return [...kept, ...args.slice(index)]
    if (isArgument) {
      kept.push(arg)
      continue
    }
    kept.push(...plain(arg, options))
    if (takesNext(arg, options)) {
      index += 1
      if (index < args.length) kept.push(args[index] ?? '')
    }
  }
  return kept
}

function plain(arg: string, options: readonly Option[]): readonly string[] {
  const [, positive = '', given = 'true'] = /^--([a-z0-9-]+)(?:=([^]*))?$/.exec(arg) ?? []
  const negative = options.find(({ long }) => long === `--no-${positive}`)?.long
  if (typeof negative === 'string' && !options.some(({ long }) => long === `--${positive}`)) {
    return parseBoolean(`--${positive}`, given) ? [] : [negative]
  }
  const [, name = '', value = ''] = /^(--?[a-zA-Z0-9-]+)=([^]*)$/.exec(arg) ?? []
  const [option, others] = name.startsWith('--') ? [options.find(({ long }) => long === name), ''] : lastOfGroup(name, options)
  if (option === undefined) return [arg]
  if (option.required) return name.startsWith('--') ? [arg] : [name, value]
  if (parseBoolean(name, value)) return [name]
  return others === '' ? [] : [`-${others}`]
}

/** @throws invalid-argument */
export function parseBoolean(flag: string, text: string): boolean {
  if (['true', '1'].includes(text)) return true
  if (['false', '0'].includes(text)) return false
  throw new TsnetError('invalid-argument', `${flag} "${text.slice(0, 80)}": it is neither true nor false`)
}

/** The option of the last letter of `-dip`, and the letters before it, which take no value. */
function lastOfGroup(name: string, options: readonly Option[]): readonly [Option | undefined, string] {
  const others = name.slice(1, -1)
  const find = (letter: string): Option | undefined => options.find(({ short }) => short === `-${letter}`)
  return [others.split('').every(letter => find(letter)?.required === false) ? find(name.at(-1) ?? '') : undefined, others]
}

/** Whether the value of the last option in `arg` is the next argument: `--name x`, `-itp 80:80`. */
function takesNext(arg: string, options: readonly Option[]): boolean {
  if (arg.startsWith('--')) return !arg.includes('=') && options.some(({ long, required }) => long === arg && required)
  const letters = arg.slice(1).split('')
  const first = letters.findIndex(letter => options.some(({ short, required }) => short === `-${letter}` && required))
  return first >= 0 && first === letters.length - 1
}
