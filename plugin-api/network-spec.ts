/** What `docker network create` asks for, as a network of tsnet. Pure. */
import { formatCidr, parseCidr, parseInterfaceAddress } from '../address/cidr.ts'
import { formatIp } from '../address/ip.ts'
import type { SubnetSpec } from '../cnm/controller-api.ts'
import type { ForeignNetworkSpec } from '../cnm/foreign-api.ts'
import type { NetworkId } from '../cnm/types.ts'
import { TsnetError } from '../errors/error.ts'
import type { Family } from '../objects/firewall.ts'
import type { CreateNetworkRequest, IpamData, NetworkOptions } from './requests.ts'

const modes = ['bridge', 'none'] as const

/** @throws invalid-option, invalid-subnet, invalid-address */
export function networkSpec({ NetworkID, Options, IPv4Data, IPv6Data }: CreateNetworkRequest): ForeignNetworkSpec {
  const { mode, options } = driverOptions(Options)
  const given = [...poolsOf(4, IPv4Data), ...poolsOf(6, IPv6Data)]
  const enable4 = Options?.['com.docker.network.enable_ipv4'] ?? (IPv4Data ?? []).length > 0
  const enable6 = Options?.['com.docker.network.enable_ipv6'] === true || (IPv6Data ?? []).length > 0
  return {
    foreign: {
      id: NetworkID as NetworkId, runtime: 'docker',
      addressSpaces: Object.fromEntries(given.flatMap(({ family, space, subnet }) => subnet === undefined ? [] : [[family, space]])),
    },
    name: `docker-${NetworkID.slice(0, 12)}`, driver: mode, options,
    internal: Options?.['com.docker.network.internal'] === true, enableIPv4: enable4 || !enable6, enableIPv6: enable6,
    subnets: mode === 'none' ? [] : given.flatMap(({ subnet }) => subnet ?? []),
  }
}

/** Families for which Docker is to reserve no gateway: the host has no address there. */
export function withoutGateway(given: NetworkOptions | null | undefined): { readonly SkipIPv4: boolean, readonly SkipIPv6: boolean } {
  const { mode, options } = driverOptions(given)
  const isSkipped = (family: Family): boolean => mode === 'none' || options[`com.docker.network.bridge.gateway_mode_ipv${family}`] === 'isolated'
  return { SkipIPv4: isSkipped(4), SkipIPv6: isSkipped(6) }
}

/** The driver's options, and which driver: `-o mode=` is this door's own, the others are the bridge driver's. */
function driverOptions(given: NetworkOptions | null | undefined): { readonly mode: typeof modes[number], readonly options: Readonly<Record<string, string>> } {
  const { mode: wanted, ...rest } = given?.['com.docker.network.generic'] ?? {}
  const mode = modes.find(known => known === (wanted ?? 'bridge'))
  if (mode === undefined) {
    const text = String(wanted).slice(0, 80)
    throw new TsnetError('invalid-option', `read option "mode" with value "${text}": a mode is bridge or none; host and container: are Docker's own`
      + ' (docker run --network host, --network container:NAME)', { data: { option: 'mode', value: text } })
  }
  const options = Object.fromEntries(Object.entries(rest).map(([name, value]) => {
    if (typeof value === 'string') return [name, value]
    throw new TsnetError('invalid-option', `read option "${name.slice(0, 80)}": its value is no text`, { data: { option: name } })
  }))
  const [first] = Object.keys(options)
  if (mode === 'none' && first !== undefined) {
    throw new TsnetError('invalid-option', `read option "${first.slice(0, 80)}": a network of mode none has no options but mode`, { data: { option: first } })
  }
  return { mode, options }
}

interface GivenPool { readonly family: Family, readonly space: string, readonly subnet?: SubnetSpec }

/** The null IPAM driver gives 0.0.0.0/0: then tsnet chooses. */
function poolsOf(family: Family, data: readonly IpamData[] | null | undefined): readonly GivenPool[] {
  return (data ?? []).map(({ AddressSpace = '', Pool = '', Gateway = '', AuxAddresses }) => {
    const subnet = chosenSubnet(family, Pool)
    if (subnet === undefined) return { family, space: AddressSpace }
    const aux = Object.entries(AuxAddresses ?? {}).map(([name, address]) => [name, addressOf(address)])
    return {
      family, space: AddressSpace,
      subnet: { subnet, ...Gateway === '' ? {} : { gateway: addressOf(Gateway) }, ...aux.length === 0 ? {} : { auxAddresses: Object.fromEntries(aux) } },
    }
  })
}

/** Docker writes addresses with their subnet's prefix: `172.20.0.1/16`. @throws invalid-address, invalid-subnet */
export function addressOf(text: string): string {
  return formatIp(parseInterfaceAddress(text).ip)
}

/** Undefined for the whole address space and for nothing: nobody has chosen. @throws invalid-subnet, invalid-address */
function chosenSubnet(family: Family, text: string): string | undefined {
  if (text === '') return undefined
  const cidr = parseCidr(text)
  if (cidr.family !== family) throw new TsnetError('invalid-subnet', `use subnet ${text.slice(0, 80)}: it is no IPv${family} subnet`)
  return cidr.prefix === 0 ? undefined : formatCidr(cidr)
}
