/** `tsnet run [OPTIONS] IMAGE [COMMAND] [ARG...]` */
import { type Command, Option } from 'commander'
import { type Cli, collect } from '../cli.ts'
import { foreground } from '../foreground.ts'
import { type RunFlags, containerSpec } from '../parse/run-flags.ts'
import { CidFile } from '../cid-file.ts'
import { requireTerminal, terminalSize } from '../terminal.ts'
import { startUnoptimized } from '../unoptimized.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Create a container and run a command in it')
    .argument('[image]', 'not with --rootfs').argument('[command...]')
    .passThroughOptions()
  processOptions(command)
  networkOptions(command)
  limitOptions(command)
  command.action(async (image: string | undefined, words: readonly string[], flags: RunFlags) => run(image === undefined ? [] : [image, ...words], flags, cli))
}

function processOptions(command: Command): void {
  command
    .option('-d, --detach', 'run in the background and print the container\'s id')
    .option('--rm', 'remove the container when it has ended')
    .option('--name <name>', 'name of the container')
    .option('-i, --interactive', 'pass standard input on')
    .option('-t, --tty', 'give the container a terminal')
    .option('-e, --env <key=value>', 'set an environment variable', collect)
    .option('--env-file <file>', 'read environment variables from a file', collect)
    .option('-w, --workdir <dir>', 'working directory inside the container')
    .option('-u, --user <user[:group]>', 'user, by name or number')
    .option('--entrypoint <command>', 'use instead of the image\'s entrypoint')
    .option('--rootfs <dir>', 'run from a directory instead of an image')
    .option('--read-only', 'make the root file system read-only')
    .option('-v, --volume <[source:]target[:ro]>', 'mount a folder of the host, or a volume', collect)
    .option('-l, --label <key=value>', 'set a label', collect)
    .option('--cidfile <file>', 'write the container\'s id to a file')
    .option('--stop-signal <signal>', 'signal that `stop` sends')
    .option('--stop-timeout <seconds>', 'seconds that `stop` waits before SIGKILL')
    .option('--security-opt <option>', 'no-new-privileges', collect)
    .option('--runtime <name>', 'run by an installed OCI runtime (runc, crun)')
    .option('--dry-run', 'print the commands that would make the network, and do nothing')
}

function networkOptions(command: Command): void {
  command
    .option('--network <mode>', 'bridge, none, host, container:NAME, a network, or name=NETWORK,ip=…; several times for several networks', collect)
    .option('--net <mode>', 'the same as --network', collect)
    .option('--network-alias <name>', 'further name on the first network', collect)
    .option('--link-local-ip <address>', 'further address on the first network, from 169.254.0.0/16 or fe80::/10', collect)
    .option('--bandwidth <limits>', 'what it may receive and send on the first network, as in ingress=100mbit,egress=20mbit')
    .option('-h, --hostname <name>', 'host name of the container')
    .option('-p, --publish <[ip:][port:]port[/proto]>', 'publish a port or a range', collect)
    .option('-P, --publish-all', 'publish every port that the image exposes, or --expose')
    .option('--expose <port[/proto]>', 'a port or a range that is used, without publishing it', collect)
    .option('--ip <address>', 'IPv4 address of the container')
    .option('--ip6 <address>', 'IPv6 address of the container')
    .option('--mac-address <mac>', 'MAC address of the container')
    .option('--dns <address>', 'nameserver', collect)
    .option('--dns-search <domain>', 'search domain', collect)
    .option('--dns-option <option>', 'option of resolv.conf', collect)
    .addOption(new Option('--dns-opt <option>', 'Docker\'s older word for it').hideHelp().argParser(collect))
    .option('--add-host <name:address>', 'line of /etc/hosts', collect)
    .helpOption('--help', 'display help for command')
}

function limitOptions(command: Command): void {
  command
    .option('-m, --memory <size>', 'memory limit, as in 512m')
    .option('--cpus <number>', 'number of CPUs, as in 1.5')
    .option('--pids-limit <number>', 'number of processes')
}

async function run(words: readonly string[], flags: RunFlags, cli: Cli): Promise<void> {
  const spec = containerSpec(words, flags, cli)
  if (flags.dryRun === true) {
    const { containers, controller, firewall } = await cli.engine()
    await firewall.expect()
    for (const line of controller.describe(await containers.plan(spec))) cli.print(line)
    return
  }
  requireTerminal(spec)
  using cidFile = CidFile.reserve(flags.cidfile)
  const engine = await cli.engine()
  startUnoptimized()
  await foreground(cli, async (signal, size) => {
    const started = await engine.containers.run(spec, { signal, ...size === undefined ? {} : { size } })
    cidFile.write(started.record.id)
    for (const warning of started.warnings) cli.warn(`warning: ${warning}`)
    if (spec.detach) {
      cli.print(started.record.id)
      return undefined
    }
    return { ...started, kill: name => engine.containers.kill(started.record.id, name) }
  }, { tty: spec.tty, interactive: spec.interactive, size: spec.tty ? terminalSize() : undefined })
}
