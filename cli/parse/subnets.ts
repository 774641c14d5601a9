/** Puts each --gateway, --ip-range and --aux-address to the --subnet it lies in, as Docker does. */
import { cidrOf, containsIp, parseInterfaceAddress } from '../../address/cidr.ts'
import { parseIp } from '../../address/ip.ts'
import type { SubnetSpec } from '../../cnm/controller-api.ts'
import { TsnetError } from '../../errors/error.ts'

export interface SubnetFlags {
  readonly subnets: readonly string[]
  readonly gateways: readonly string[]
  readonly ranges: readonly string[]
  readonly aux: Readonly<Record<string, string>>
}

/** @throws invalid-subnet, invalid-address, invalid-argument */
export function subnetSpecs({ subnets, gateways, ranges, aux }: SubnetFlags): readonly SubnetSpec[] {
  const specs = subnets.map((subnet): { -readonly [K in keyof SubnetSpec]: SubnetSpec[K] } => ({ subnet }))
  // Whether the subnet itself is well-formed is for the core to say; here it only has to be found.
  const blocks = subnets.map(subnet => cidrOf(parseInterfaceAddress(subnet)))
  const specOf = (flag: string, text: string, ip: string): { -readonly [K in keyof SubnetSpec]: SubnetSpec[K] } => {
    const address = parseIp(ip)
    const spec = specs[blocks.findIndex(block => containsIp(block, address))]
    if (spec !== undefined) return spec
    throw new TsnetError('invalid-address', subnets.length === 0
      ? `${flag} "${text}": give the --subnet it belongs to, too` : `${flag} "${text}": it is in none of the subnets ${subnets.join(', ')}`)
  }
  for (const gateway of gateways) {
    const spec = specOf('--gateway', gateway, gateway)
    if (spec.gateway !== undefined) throw new TsnetError('invalid-argument', `--gateway "${gateway}": subnet ${spec.subnet} has ${spec.gateway} already`)
    spec.gateway = gateway
  }
  for (const range of ranges) {
    const spec = specOf('--ip-range', range, range.split('/', 1)[0] ?? '')
    if (spec.ipRange !== undefined) throw new TsnetError('invalid-argument', `--ip-range "${range}": subnet ${spec.subnet} has ${spec.ipRange} already`)
    spec.ipRange = range
  }
  for (const [name, address] of Object.entries(aux)) {
    if (address === '') throw new TsnetError('invalid-argument', `--aux-address "${name}": it is no NAME=ADDRESS; example: printer=10.20.0.9`)
    const spec = specOf('--aux-address', `${name}=${address}`, address)
    spec.auxAddresses = { ...spec.auxAddresses, [name]: address }
  }
  return specs
}
