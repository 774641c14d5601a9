/**
 * What a client is told, or that others are to be asked. Pure.
 *
 * A name of ours never goes to anybody else: where it has no record of the kind asked for, the answer is empty.
 */
import { type IpAddress, formatIp, parseIp } from '../address/ip.ts'
import type { Scope } from './directory.ts'
import { NOERROR, NXDOMAIN, REFUSED, SERVFAIL } from './message/constants.ts'
import { isName } from './message/name-end.ts'
import type { Query } from './message/query.ts'
import type { Answer, AnswerRecord } from './message/response.ts'
import { addressOfName } from './reverse.ts'

/** Seconds: a container that is started again may have another address. */
const localTtl = 60
const loopback: readonly IpAddress[] = [parseIp('127.0.0.1'), parseIp('::1')]

export function answer(query: Query, scope: Scope): Answer | 'forward' {
  if (query.class !== 'IN' || query.type === 'AXFR' || query.type === 'IXFR') return failure(REFUSED)
  const name = query.name.toLowerCase()
  const address = addressOfName(name)
  const known = address === undefined ? undefined : scope.reverse(address)
  if (known === 'nobody') return local([], NXDOMAIN)
  if (known !== undefined) return local(query.type === 'PTR' || query.type === 'ANY' ? pointer(known.name) : [])
  const holders = scope.lookup(name) ?? (isLocalhost(name) ? loopback : undefined)
  if (holders !== undefined) return local(holders.filter(holder => isWanted(query.type, holder)).map(addressRecord))
  return scope.forwards ? 'forward' : failure(SERVFAIL)
}

/** RFC 6761: whoever else is asked for these is told what is the client's own business, and may answer anything. */
function isLocalhost(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost')
}

export function failure(rcode: number): Answer {
  return { rcode, records: [], authoritative: false }
}

function local(records: readonly AnswerRecord[], rcode = NOERROR): Answer {
  return { rcode, records, authoritative: true }
}

function isWanted(type: string, address: IpAddress): boolean {
  return type === 'ANY' || type === typeOf(address)
}

function addressRecord(address: IpAddress): AnswerRecord {
  return { type: typeOf(address), ttl: localTtl, data: formatIp(address) }
}

function typeOf({ family }: IpAddress): 'A' | 'AAAA' {
  return family === 4 ? 'A' : 'AAAA'
}

/** A name too long for the wire is none. */
function pointer(name: string): readonly AnswerRecord[] {
  return isName(name) ? [{ type: 'PTR', ttl: localTtl, data: name }] : []
}
