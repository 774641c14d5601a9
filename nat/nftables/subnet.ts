/** A subnet as an interval of addresses. */
import { lastOf, parseCidr } from '../../address/cidr.ts'
import { bitsOf, ipToBytes } from '../../address/ip.ts'
import type { Verdict } from './expression.ts'
import type { Element } from './message.ts'
import { interval } from './piece.ts'

export function subnetElements(subnet: string, verdict: Verdict): readonly Element[] {
  const cidr = parseCidr(subnet)
  const bytesOf = (value: bigint): Buffer => Buffer.from(ipToBytes({ family: cidr.family, value }))
  const after = lastOf(cidr) + 1n
  return interval(bytesOf(cidr.first), after >> BigInt(bitsOf(cidr.family)) === 0n ? bytesOf(after) : undefined, verdict)
}
