/**
 * What a client is told, or that others are to be asked. Pure.
 *
 * A name of ours never goes to anybody else: where it has no record of the kind asked for, the answer is empty.
 */
import { type IpAddress, ipToBytes } from '../address/ip.ts'
import type { Scope } from './directory.ts'
import { CLASS_IN, NOERROR, NXDOMAIN, REFUSED, SERVFAIL, TYPE_A, TYPE_AAAA, TYPE_ANY, TYPE_AXFR, TYPE_IXFR, TYPE_PTR } from './message/constants.ts'
import { encodeName } from './message/name.ts'
import type { Query } from './message/query.ts'
import type { Answer, AnswerRecord } from './message/response.ts'
import { addressOfName } from './reverse.ts'

/** Seconds: a container that is started again may have another address. */
const localTtl = 60

export function answer(query: Query, scope: Scope): Answer | 'forward' {
  if (query.class !== CLASS_IN || query.type === TYPE_AXFR || query.type === TYPE_IXFR) return failure(REFUSED)
  const address = addressOfName(query.name)
  const known = address === undefined ? undefined : scope.reverse(address)
  if (known === 'nobody') return local([], NXDOMAIN)
  if (known !== undefined) return local(query.type === TYPE_PTR || query.type === TYPE_ANY ? pointer(known.name) : [])
  const holders = scope.lookup(query.name)
  if (holders !== undefined) return local(holders.filter(holder => isWanted(query.type, holder)).map(addressRecord))
  return scope.forwards ? 'forward' : failure(SERVFAIL)
}

export function failure(rcode: number): Answer {
  return { rcode, records: [], authoritative: false }
}

function local(records: readonly AnswerRecord[], rcode = NOERROR): Answer {
  return { rcode, records, authoritative: true }
}

function isWanted(type: number, { family }: IpAddress): boolean {
  return type === TYPE_ANY || type === (family === 4 ? TYPE_A : TYPE_AAAA)
}

function addressRecord(address: IpAddress): AnswerRecord {
  return { type: address.family === 4 ? TYPE_A : TYPE_AAAA, ttl: localTtl, data: ipToBytes(address) }
}

/** A name too long for the wire is none. */
function pointer(name: string): readonly AnswerRecord[] {
  const data = encodeName(name)
  return data === undefined ? [] : [{ type: TYPE_PTR, ttl: localTtl, data }]
}
