/** From the arguments to a subcommand: global options first, then the command's words, then the rest by commander. */
import { CommanderError } from 'commander'
import { TsnetError } from '../errors/error.ts'
import type { Cli, GlobalOptions } from './cli.ts'
import { type CommandEntry, commandTable } from './command-table.ts'
import { defineCommand } from './define-command.ts'
import { nearest } from '../errors/nearest.ts'
import { usage } from './usage.ts'
import { parseBoolean, plainOptions } from './plain-options.ts'

export interface Parsed { readonly globals: GlobalOptions, readonly words: readonly string[], readonly help: boolean, readonly version: boolean }

/** Reads the options before the subcommand. @throws invalid-argument */
export function parseGlobals(args: readonly string[], env: NodeJS.ProcessEnv): Parsed {
  const values = new Map([['--root', env.TSNET_ROOT || '/var/lib/tsnet'], ['--run-root', env.TSNET_RUN_ROOT || '/run/tsnet']])
  const flags = new Set<string>()
  let index = 0
  for (; args[index]?.startsWith('-') === true; index += 1) {
    const [name = '', ...rest] = (args[index] ?? '').split('=')
    if (values.has(name)) {
      if (rest.length === 0) index += 1
      const value = rest.length > 0 ? rest.join('=') : args[index]
      if (value === undefined || !value.startsWith('/')) {
        throw new TsnetError('invalid-argument', `${name}: needs an absolute path${value === undefined ? '' : `, not "${value}"`}`)
      }
      values.set(name, value)
    } else if (['--debug', '-D', '--help', '-h', '--version', '-v'].includes(name)) {
      if (rest.length === 0 || parseBoolean(name, rest.join('='))) flags.add(name.replace(/^-+/, '')[0] ?? '')
    } else throw new TsnetError('invalid-argument', `unknown global option: ${name}; there are --root, --run-root, --debug, --help, --version`)
  }
  return {
    globals: {
      root: values.get('--root') ?? '', runRoot: values.get('--run-root') ?? '',
      debug: flags.has('d') || flags.has('D'),
    },
    words: args.slice(index), help: flags.has('h'), version: flags.has('v'),
  }
}

/** Runs the subcommand that `words` begin with. */
export async function dispatch(words: readonly string[], cli: Cli): Promise<void> {
  const [first = 'help', second] = words
  if (first === 'help' && second !== undefined) return dispatch([...words.slice(1), '--help'], cli)
  if (first === 'help' || first === '--help') {
    cli.print(usage(commandTable))
    return
  }
  const entry = find(commandTable, first, '')
  if (!('commands' in entry)) return runEntry(entry, first, words.slice(1), cli)
  if (second === undefined || ['--help', '-h', 'help'].includes(second)) {
    cli.print(usage(entry.commands, first))
    return
  }
  return runEntry(find(entry.commands, second, `${first} `), `${first} ${second}`, words.slice(2), cli)
}

function runEntry(entry: CommandEntry, name: string, args: readonly string[], cli: Cli): Promise<void> {
  const [word = ''] = args
  const action = Object.hasOwn(entry.actions ?? {}, word) ? entry.actions?.[word] : undefined
  return action === undefined ? runCommand(entry, name, args, cli) : runCommand(action, `${name} ${word}`, args.slice(1), cli)
}

function find<T>(table: Readonly<Record<string, T>>, word: string, group: string): T {
  const entry = Object.hasOwn(table, word) ? table[word] : undefined
  if (entry !== undefined) return entry
  const guess = nearest(word, Object.keys(table))
  throw new TsnetError('invalid-argument', `unknown command: tsnet ${group}${word}`
    + (guess === undefined ? `; \`tsnet ${group}--help\` lists them` : ` (did you mean ${group}${guess}?)`))
}

async function runCommand(entry: CommandEntry, name: string, args: readonly string[], cli: Cli): Promise<void> {
  const command = await defineCommand(name, entry, cli)
  try {
    await command.parseAsync(plainOptions(args, command.options, endsWithCommand.test(name)), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return
    throw new TsnetError('invalid-argument', `${name}: ${plainReason(error.message)}; \`tsnet ${name} --help\` lists its options`)
  }
}

/** What follows the first argument of these is the container's. */
const endsWithCommand = /(?:^| )(?:run|exec)$/

/** Commander's words as part of a sentence. */
function plainReason(message: string): string {
  return message.replace(/^error: /, '').replace(/\n/, ' ')
    .replace(/^too many arguments\. Expected (\d+) arguments? but got (\d+)\.$/, (_, wanted, given) =>
      `takes ${wanted === '0' ? 'no arguments' : wanted === '1' ? 'one argument' : `${wanted} arguments`}, not ${given}`)
}
