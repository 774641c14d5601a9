/** `tsnet exec [OPTIONS] CONTAINER COMMAND [ARG...]` */
import type { Command } from 'commander'
import { type Cli, collect } from '../cli.ts'
import { foreground } from '../foreground.ts'
import { parseEnvironment, readEnvironmentFile } from '../parse/environment.ts'
import { requireTerminal, terminalSize } from '../terminal.ts'

interface ExecFlags {
  readonly interactive?: true
  readonly tty?: true
  readonly detach?: true
  readonly env?: readonly string[]
  readonly envFile?: readonly string[]
  readonly workdir?: string
  readonly user?: string
}

export function define(command: Command, cli: Cli): void {
  command.description('Run a command in a running container')
    .argument('<container>').argument('<command>').argument('[args...]')
    .passThroughOptions()
    .option('-i, --interactive', 'pass standard input on')
    .option('-t, --tty', 'give the command a terminal')
    .option('-d, --detach', 'run in the background')
    .option('-e, --env <key=value>', 'set an environment variable', collect)
    .option('--env-file <file>', 'read environment variables from a file', collect)
    .option('-w, --workdir <dir>', 'working directory inside the container')
    .option('-u, --user <user[:group]>', 'user, by name or number')
    .action(async (container: string, program: string, args: readonly string[], flags: ExecFlags) =>
      exec(container, [program, ...args], flags, cli))
}

async function exec(container: string, argv: readonly string[], flags: ExecFlags, cli: Cli): Promise<void> {
  const mode = { tty: flags.tty ?? false, interactive: flags.interactive ?? false, detach: flags.detach ?? false }
  requireTerminal(mode)
  const env = [
    ...(flags.envFile ?? []).flatMap(path => readEnvironmentFile(path, cli.env)),
    ...(flags.env ?? []).flatMap(text => parseEnvironment(text, cli.env)),
  ]
  const { containers } = await cli.engine()
  const size = mode.tty ? terminalSize() : undefined
  await foreground(cli, async () => {
    const started = await containers.exec(container, {
      command: argv, env, ...mode,
      ...flags.workdir === undefined ? {} : { workdir: flags.workdir }, ...flags.user === undefined ? {} : { user: flags.user },
      ...size === undefined ? {} : { size },
    })
    if (mode.detach) return undefined
    return { ...started, kill: signal => tryKill(started.pid, signal) }
  }, { ...mode, size })
}

function tryKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // It has just ended.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
