/** `tsnet network create [OPTIONS] NAME` */
import type { Command } from 'commander'
import type { NetworkSpec } from '../../cnm/controller-api.ts'
import { TsnetError } from '../../errors/error.ts'
import { type Cli, collect } from '../cli.ts'
import { driverFlags, driverOptionsHelp, withDriverFlags } from '../driver-options.ts'
import { parsePairs } from '../parse/environment.ts'
import { subnetSpecs } from '../parse/subnets.ts'

interface CreateFlags {
  readonly driver: string
  readonly subnet?: readonly string[]
  readonly gateway?: readonly string[]
  readonly ipRange?: readonly string[]
  readonly auxAddress?: readonly string[]
  readonly internal?: true
  readonly ipv6?: true
  readonly ipv4: boolean
  readonly label?: readonly string[]
  readonly opt?: readonly string[]
  readonly attachable?: true
  readonly scope?: string
  readonly ipamDriver?: string
  readonly dryRun?: true
}

export function define(command: Command, cli: Cli): void {
  const created = command.description('Create a network')
    .argument('<name>')
    .option('-d, --driver <driver>', 'driver of the network; there is bridge', 'bridge')
    .option('--subnet <cidr>', 'subnet, as in 10.20.0.0/24; one per address family', collect)
    .option('--gateway <address>', 'address of the gateway', collect)
    .option('--ip-range <cidr>', 'part of the subnet that containers get addresses from', collect)
    .option('--aux-address <name=address>', 'address that is never handed out', collect)
    .option('--internal', 'no way to the outside')
    .option('--ipv6', 'give containers IPv6 addresses')
    .option('--no-ipv4', 'give containers no IPv4 addresses')
    .option('--label <key=value>', 'set a label', collect)
    .option('-o, --opt <key=value>', 'option of the driver: see below', collect)
    .option('--attachable', 'accepted; every network is')
    .option('--scope <scope>', 'accepted; there is local')
    .option('--ipam-driver <driver>', 'accepted; there is default')
    .option('--dry-run', 'print the commands that would make the network, and do nothing')
  for (const flag of driverFlags()) created.addOption(flag)
  created.addHelpText('after', driverOptionsHelp)
    .action(async (name: string, flags: CreateFlags) => create(specOf(name, flags), flags.dryRun ?? false, cli))
}

function specOf(name: string, flags: CreateFlags): NetworkSpec {
  if (name === 'default') throw new TsnetError('predefined-network', 'create network "default": with `--network`, that is another word for "bridge"')
  requireOnly('--scope', flags.scope, 'local')
  requireOnly('--ipam-driver', flags.ipamDriver, 'default')
  return {
    name, driver: flags.driver, ...flags.attachable === true ? { attachable: true } : {},
    subnets: subnetSpecs({
      subnets: flags.subnet ?? [], gateways: flags.gateway ?? [], ranges: flags.ipRange ?? [], aux: parsePairs(flags.auxAddress ?? [], 'auxiliary address'),
    }),
    internal: flags.internal ?? false, enableIPv4: flags.ipv4, enableIPv6: flags.ipv6 ?? false,
    labels: parsePairs(flags.label ?? [], 'label'), options: withDriverFlags(parsePairs(flags.opt ?? [], 'option'), { ...flags }),
  }
}

/** An option of Docker's that leaves no choice here. */
function requireOnly(flag: string, value: string | undefined, only: string): void {
  if (value !== undefined && value !== only) throw new TsnetError('invalid-argument', `${flag} "${value}": there is ${only}`)
}

async function create(spec: NetworkSpec, isDryRun: boolean, cli: Cli): Promise<void> {
  const { controller, firewall } = await cli.engine()
  if (isDryRun) {
    await firewall.expect()
    for (const line of controller.describe(await controller.planNetwork(spec))) cli.print(line)
    return
  }
  const { network, warnings } = await controller.createNetwork(spec)
  for (const warning of warnings) cli.warn(`warning: ${warning}`)
  cli.print(network.id)
}
