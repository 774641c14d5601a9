/** The options of the bridge driver, as flags of `network create` and under their names with -o; a test compares the names with the driver's. */
import { Option } from 'commander'
import { TsnetError } from '../errors/error.ts'

/** A flag as commander has it, short for the option; a `--no-…` says `false`. */
export interface DriverOption { readonly flag: string, readonly meaning: string }

export const driverOptions: Readonly<Record<string, DriverOption>> = {
  'com.docker.network.bridge.name': { flag: '--bridge-name <link>', meaning: 'name of the bridge on the host' },
  'com.docker.network.driver.mtu': { flag: '--mtu <bytes>', meaning: 'largest packet; without it, the default route\'s' },
  'com.docker.network.container_iface_prefix': { flag: '--iface-prefix <prefix>', meaning: 'interfaces in containers, instead of eth' },
  'com.docker.network.bridge.enable_icc': { flag: '--no-icc', meaning: 'members do not reach each other; also --icc=false' },
  'com.docker.network.bridge.enable_ip_masquerade': { flag: '--no-ip-masq', meaning: 'the world sees the containers\' own addresses; also --ip-masq=false' },
  'com.docker.network.bridge.host_binding_ipv4': { flag: '--host-binding-ipv4 <address>', meaning: 'where -p publishes without an address' },
  'com.docker.network.bridge.gateway_mode_ipv4': { flag: '--gateway-mode-ipv4 <mode>', meaning: 'nat, nat-unprotected, routed or isolated' },
  'com.docker.network.bridge.gateway_mode_ipv6': { flag: '--gateway-mode-ipv6 <mode>', meaning: 'the same for IPv6' },
  'com.docker.network.bridge.trusted_host_interfaces': {
    flag: '--trusted-host-interfaces <links>', meaning: 'as in eth1:wg0; who comes in there may use containers\' own addresses',
  },
  'com.docker.network.bridge.inhibit_ipv4': { flag: '--inhibit-ipv4', meaning: 'the bridge gets no IPv4 address' },
  'com.docker.network.host_ipv4': { flag: '--host-ipv4 <address>', meaning: 'address that the world sees, instead of the outgoing interface\'s' },
  'com.docker.network.host_ipv6': { flag: '--host-ipv6 <address>', meaning: 'the same for IPv6' },
  'tsnet.anti_spoofing': { flag: '--no-anti-spoofing', meaning: 'containers may send with any address' },
  'tsnet.publish_policy': { flag: '--publish-policy <policy>', meaning: 'who may reach published ports: allow, deny, or subnets parted by commas' },
  'tsnet.ipv6_proxy': { flag: '--ipv6-proxy <kind>', meaning: 'true, v1 or v2: published TCP ports over IPv6 for containers without it' },
}

/** In the order of the table. */
export function driverFlags(): readonly Option[] {
  return Object.values(driverOptions).map(({ flag, meaning }) => new Option(flag, meaning))
}

/** The driver's options, from -o and from the flags that are short for some. @throws conflicting-options where both name one, and differ */
export function withDriverFlags(options: Readonly<Record<string, string>>, flags: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const said = driverFlags().flatMap((option, index): readonly (readonly [string, string])[] => {
    const value = flags[option.attributeName()]
    // A flag that can only be denied is true by default.
    if (value === undefined || option.negate && value === true) return []
    return [[Object.keys(driverOptions)[index] ?? '', typeof value === 'string' ? value : value === true ? 'true' : 'false']]
  })
  for (const [name, value] of said) {
    const given = options[name]
    if (given === undefined || given === value) continue
    const flag = driverOptions[name]?.flag.replace(/ .*/, '') ?? ''
    throw new TsnetError('conflicting-options', `create network: ${flag}${flag.startsWith('--no-') ? '' : ` ${value}`} and -o ${name}=${given} say different things`)
  }
  return { ...options, ...Object.fromEntries(said) }
}

export function driverOptionsHelp(): string {
  const width = Math.max(...Object.keys(driverOptions).map(name => name.length))
  return ['', 'Options of the driver as -o NAME=VALUE, and the flag that is short for each:',
    ...Object.entries(driverOptions).map(([name, { flag }]) => `  ${name.padEnd(width)}  ${flag.replace(/ .*/, '')}`)].join('\n')
}
