/** `tsnet network connect [OPTIONS] NETWORK CONTAINER` */
import type { Command } from 'commander'
import { type Cli, collect } from '../cli.ts'
import { endpointSettings } from '../parse/endpoint-settings.ts'

interface ConnectFlags {
  readonly ip?: string
  readonly ip6?: string
  readonly alias?: readonly string[]
  readonly driverOpt?: readonly string[]
  readonly gwPriority?: string
  readonly linkLocalIp?: readonly string[]
  readonly bandwidth?: string
}

export function define(command: Command, cli: Cli): void {
  command.description('Connect a running container to a further network')
    .argument('<network>').argument('<container>')
    .option('--ip <address>', 'IPv4 address on this network')
    .option('--ip6 <address>', 'IPv6 address on this network')
    .option('--alias <name>', 'further name on this network', collect)
    .option('--driver-opt <key=value>', 'com.docker.network.endpoint.ifname or .sysctls', collect)
    .option('--bandwidth <limits>', 'what it may receive and send on this network, as in ingress=100mbit,egress=20mbit')
    .option('--gw-priority <number>', 'the network with the highest is the default gateway; 0 unless given')
    .option('--link-local-ip <address>', 'further address of the interface, from 169.254.0.0/16 or fe80::/10', collect)
    .action(async (network: string, container: string, flags: ConnectFlags) => {
      const settings = endpointSettings(network, flags)
      const { containers } = await cli.engine()
      for (const warning of await containers.connect(container, settings)) cli.warn(`warning: ${warning}`)
    })
}
