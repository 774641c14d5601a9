/**
 * Subnets that the user gives: `--subnet`, `--gateway`, `--ip-range`, `--aux-address`, checked against each other.
 *
 * Text is read strictly by `address/`; the arithmetic is ip-cidr's, which is loaded only here, as it takes 10 ms.
 */
import { canonicalIp, familyOf, parseIp, type AddressFamily } from '../address/ip.ts'
import { formatCidr, overlaps, parseCidr, type Cidr } from '../address/cidr.ts'
import { TsnetError } from '../errors/error.ts'
import { usableAddresses } from './allocator.ts'

/** As the user wrote it. */
export interface SubnetInput {
  readonly subnet?: string
  readonly gateway?: string
  readonly ipRange?: string
  readonly auxAddresses?: Readonly<Record<string, string>>
}

/** As checked: canonical text, all inside the subnet. */
export interface ExplicitSubnet {
  readonly family: AddressFamily
  readonly cidr: string
  readonly gateway?: string
  readonly ipRange?: string
  readonly auxAddresses: Readonly<Record<string, string>>
}

/** Ranges that are not for hosts of a network. */
const unusable = ([
  ['0.0.0.0/8', 'this network'], ['127.0.0.0/8', 'loopback'], ['169.254.0.0/16', 'link-local addresses'],
  ['224.0.0.0/3', 'multicast and reserved addresses'],
  ['::/128', 'the unspecified address'], ['::1/128', 'loopback'], ['fe80::/10', 'link-local addresses'],
  ['ff00::/8', 'multicast'],
] as const).map(([text, use]) => ({ cidr: parseCidr(text), text, use }))

/**
 * @throws invalid-subnet for host bits, an ip-range or gateway outside the subnet, or a range that is not for hosts;
 * invalid-address for malformed addresses; address-in-use where gateway and auxiliary addresses coincide
 */
export async function checkSubnet(input: SubnetInput): Promise<ExplicitSubnet> {
  if (input.subnet === undefined) {
    const flag = input.gateway !== undefined ? '--gateway' : input.ipRange !== undefined ? '--ip-range' : '--aux-address'
    throw new TsnetError('invalid-subnet', `read ${flag}: it needs a --subnet that it is in`)
  }
  const cidr = parseCidr(input.subnet)
  const special = unusable.find(range => overlaps(range.cidr, cidr))
  if (special !== undefined) {
    throw new TsnetError('invalid-subnet', `use subnet ${formatCidr(cidr)}: ${special.text} is for ${special.use}`)
  }
  const { default: IPCIDR } = await import('ip-cidr')
  const block = new IPCIDR(formatCidr(cidr))
  const inside = (flag: string, text: string): string => {
    const address = canonicalIp(text)
    if (familyOf(address) === cidr.family && block.contains(address)) return address
    throw new TsnetError('invalid-address', `read ${flag} ${address}: it is outside the subnet ${formatCidr(cidr)}`,
      { data: { address } })
  }
  const gateway = input.gateway === undefined ? undefined : inside('--gateway', input.gateway)
  if (gateway !== undefined) refuseEdges('--gateway', gateway, cidr)
  const ipRange = input.ipRange === undefined ? undefined : checkRange(input.ipRange, cidr, block)
  const auxAddresses = Object.fromEntries(Object.entries(input.auxAddresses ?? {})
    .map(([name, text]) => [name, inside(`--aux-address ${name}=`, text)]))
  refuseTwice(auxAddresses, gateway)
  return {
    family: cidr.family, cidr: formatCidr(cidr), auxAddresses,
    ...gateway === undefined ? {} : { gateway }, ...ipRange === undefined ? {} : { ipRange },
  }
}

function checkRange(text: string, cidr: Cidr, block: { contains(address: string): boolean }): string {
  const range = parseCidr(text)
  const start = formatCidr(range).split('/')[0] ?? ''
  if (range.family === cidr.family && range.prefix >= cidr.prefix && block.contains(start)) return formatCidr(range)
  throw new TsnetError('invalid-subnet', `read --ip-range ${formatCidr(range)}: it is not inside the subnet ${formatCidr(cidr)}`)
}

function refuseEdges(flag: string, address: string, cidr: Cidr): void {
  const { first, last } = usableAddresses(cidr)
  const { value } = parseIp(address)
  if (value >= first && value <= last) return
  throw new TsnetError('invalid-address',
    `read ${flag} ${address}: it is the ${value < first ? 'network' : 'broadcast'} address of ${formatCidr(cidr)}`)
}

function refuseTwice(auxAddresses: Readonly<Record<string, string>>, gateway: string | undefined): void {
  const seen = new Map<string, string>(gateway === undefined ? [] : [[gateway, 'the gateway']])
  for (const [name, address] of Object.entries(auxAddresses)) {
    const other = seen.get(address)
    if (other !== undefined) {
      throw new TsnetError('address-in-use', `read --aux-address ${name}=${address}: it is ${other} as well`,
        { data: { address } })
    }
    seen.set(address, `--aux-address ${name}`)
  }
}
