/**
 * `--link-local-ip`: further addresses of an endpoint's interface, as they were asked for. They are no network's to hand out; but of one network
 * two members cannot have the same.
 */
import { containsIp, parseCidr } from '../address/cidr.ts'
import { type IpAddress, formatIp, parseIp } from '../address/ip.ts'
import { TsnetError } from '../errors/error.ts'
import type { StateView } from './state-store.ts'
import type { NetworkRecord } from './types.ts'

/** RFC 3927, RFC 4291; the prefix that a link has them with. */
const ranges = { 4: { cidr: parseCidr('169.254.0.0/16'), prefix: 16 }, 6: { cidr: parseCidr('fe80::/10'), prefix: 64 } } as const

/** The first and the last of 169.254.0.0/16, and fe80::, which every router has. */
function isReserved(ip: IpAddress): boolean {
  return ['169.254.0.0', '169.254.255.255', 'fe80::'].includes(formatIp(ip))
}

/** With their prefixes. @throws invalid-address, address-in-use */
export function linkLocalAddresses(view: StateView, network: NetworkRecord, asked: readonly string[]): readonly string[] {
  if (asked.length === 0) return []
  const taken = new Map(view.endpoints.list({ parent: network.id }).flatMap(({ name, linkLocal = [] }) => linkLocal.map(cidr => [cidr, name] as const)))
  return [...new Set(asked)].map(text => {
    const refuse = (reason: string): TsnetError => new TsnetError('invalid-address',
      `use link-local address ${text.slice(0, 80)} on network "${network.name}": ${reason}`, { data: { address: text } })
    const ip = parseIp(text)
    const { cidr, prefix } = ranges[ip.family]
    if (!containsIp(cidr, ip)) throw refuse('it is neither in 169.254.0.0/16 nor in fe80::/10')
    if (isReserved(ip)) throw refuse('it stands for the network or for everybody on it')
    if (!network.subnets.some(({ family }) => family === ip.family)) throw refuse(`the network has no IPv${ip.family}`)
    const address = `${formatIp(ip)}/${prefix}`
    const holder = taken.get(address)
    if (holder === undefined) return address
    throw new TsnetError('address-in-use', `use link-local address ${formatIp(ip)} on network "${network.name}": endpoint "${holder}" has it`,
      { data: { address: text, name: holder } })
  })
}
