/**
 * Ranges and range sets of host-local, read, completed and checked as the reference plugin does it, with its words. Pure.
 * Source: containernetworking/plugins, plugins/ipam/host-local/backend/allocator/range.go.
 */
import { type Cidr, cidrOf, containsIp, formatCidr, lastOf, parseInterfaceAddress } from '../../address/cidr.ts'
import { type IpAddress, bitsOf, formatIp, parseIp } from '../../address/ip.ts'
import { cniCodes, cniError } from '../error.ts'
import { type JsonObject, arrayOf, isObject, stringOf } from '../fields.ts'

export interface Range {
  readonly cidr: Cidr
  readonly first: bigint
  readonly last: bigint
  readonly gateway: IpAddress
}

export type RangeSet = readonly Range[]

const bad = (msg: string): Error => cniError(cniCodes.other, msg)

/** Sets of ranges under a key: a list of lists. */
export function parseRangeSets(object: JsonObject, key: string): readonly RangeSet[] {
  const sets = arrayOf(object, key).map((set, index) => {
    if (!Array.isArray(set) || !set.every(isObject)) throw cniError(cniCodes.decodingFailure, `read network configuration: "${key}" must be a list of lists of ranges`)
    return parseRangeSet(set, index)
  })
  return sets
}

export function parseRangeSet(objects: readonly JsonObject[], index: number): RangeSet {
  if (objects.length === 0) throw bad(`invalid range set ${index}: empty range set`)
  try {
    const ranges = objects.map(parseRange)
    const families = new Set(ranges.map(({ cidr }) => cidr.family))
    if (families.size > 1) throw bad('mixed address families')
    for (const [i, range] of ranges.entries()) {
      const other = ranges.slice(0, i).find(earlier => overlaps(earlier, range))
      if (other !== undefined) throw bad(`subnets ${textOf(other)} and ${textOf(range)} overlap`)
    }
    return ranges
  } catch (error) {
    throw bad(`invalid range set ${index}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** @throws where two sets have addresses in common, or versions before 0.3.0 could not tell of two of one family */
export function checkRangeSets(sets: readonly RangeSet[], isOneEach: boolean): void {
  if (sets.length === 0) throw bad('no IP ranges specified')
  for (const [i, set] of sets.entries()) {
    const other = sets.findIndex((earlier, at) => at < i && earlier.some(a => set.some(b => overlaps(a, b))))
    if (other >= 0) throw bad(`range set ${i} overlaps with ${other}`)
  }
  const count = (family: 4 | 6): number => sets.filter(set => set[0]?.cidr.family === family).length
  if (isOneEach && (count(4) > 1 || count(6) > 1)) {
    throw bad('CNI version does not support more than 1 address per family')
  }
}

export function rangeHas(range: Range, ip: IpAddress): boolean {
  return ip.family === range.cidr.family && ip.value >= range.first && ip.value <= range.last
}

export function textOf({ cidr, first, last }: Range): string {
  const text = (value: bigint): string => formatIp({ family: cidr.family, value })
  return `${text(first)}-${text(last)}`
}

export function parseRange(object: JsonObject): Range {
  const subnet = stringOf(object, 'subnet') ?? ''
  const address = parseInterfaceAddress(subnet)
  const cidr = cidrOf(address)
  if (cidr.first !== address.ip.value) throw bad(`Network has host bits set. For a subnet mask of length ${cidr.prefix} the network address is ${formatIp({ family: cidr.family, value: cidr.first })}`)
  if (bitsOf(cidr.family) - cidr.prefix < 2) throw bad(`Network ${formatCidr(cidr)} too small to allocate from`)
  const start = inside(object, 'rangeStart', cidr)
  const end = inside(object, 'rangeEnd', cidr)
  const gateway = stringOf(object, 'gateway') ?? ''
  const first = start ?? cidr.first + 1n
  const last = end ?? (cidr.family === 4 ? lastOf(cidr) - 1n : lastOf(cidr))
  if (last < first) throw bad(`RangeStart ${formatIp({ family: cidr.family, value: first })} not in network or after RangeEnd`)
  return { cidr, first, last, gateway: gateway === '' ? { family: cidr.family, value: cidr.first + 1n } : gatewayIn(gateway, cidr) }
}

function inside(object: JsonObject, key: 'rangeStart' | 'rangeEnd', cidr: Cidr): bigint | undefined {
  const text = stringOf(object, key) ?? ''
  if (text === '') return undefined
  const ip = parseIp(text)
  if (!containsIp(cidr, ip)) throw bad(`${key === 'rangeStart' ? 'RangeStart' : 'RangeEnd'} ${text} not in network ${formatCidr(cidr)}`)
  return ip.value
}

/** A gateway outside the subnet is allowed, as by the reference plugin. */
function gatewayIn(text: string, cidr: Cidr): IpAddress {
  const ip = parseIp(text)
  if (ip.family !== cidr.family) throw bad(`gateway ${text} is not of the family of ${formatCidr(cidr)}`)
  return ip
}

function overlaps(a: Range, b: Range): boolean {
  return a.cidr.family === b.cidr.family && a.first <= b.last && b.first <= a.last
}
