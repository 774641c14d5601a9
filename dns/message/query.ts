/** A question as a client sends it: what of it decides the answer, and where it ends, since an answer begins with the same bytes. */
import { FLAG_QR, FORMERR, HEADER_LENGTH, MAX_UDP_SIZE, NOTIMP, PLAIN_UDP_SIZE, TYPE_OPT } from './constants.ts'
import { decodeName } from './name.ts'

export interface Query {
  readonly message: Buffer
  /** In lower case, without a final dot. */
  readonly name: string
  readonly type: number
  readonly class: number
  /** Offset behind the question. */
  readonly questionEnd: number
  /** The largest datagram that the client takes; absent without EDNS. */
  readonly udpSize?: number
}

/** What can be said of a message that is no question: an error, with the question where it could be read. */
export interface BadQuery { readonly message: Buffer, readonly rcode: number, readonly questionEnd: number }

/** Undefined for what must not be answered at all: an answer, or what is too short to be anything. */
export function decodeQuery(message: Buffer): Query | BadQuery | undefined {
  if (message.length < HEADER_LENGTH) return undefined
  const flags = message.readUInt16BE(2)
  if ((flags & FLAG_QR) !== 0) return undefined
  if ((flags & 0x7800) !== 0) return { message, rcode: NOTIMP, questionEnd: HEADER_LENGTH }
  const bad: BadQuery = { message, rcode: FORMERR, questionEnd: HEADER_LENGTH }
  if (message.readUInt16BE(4) !== 1) return bad
  const question = decodeName(message, HEADER_LENGTH)
  if (question === undefined || question.next + 4 > message.length) return bad
  const questionEnd = question.next + 4
  const size = readUdpSize(message, questionEnd)
  if (size === 'malformed') return bad
  return {
    message, name: question.name, questionEnd,
    type: message.readUInt16BE(question.next), class: message.readUInt16BE(question.next + 2),
    ...size === undefined ? {} : { udpSize: size },
  }
}

/** How large an answer by datagram may be. */
export function sizeLimit({ udpSize }: Pick<Query, 'udpSize'>): number {
  return Math.min(Math.max(udpSize ?? 0, PLAIN_UDP_SIZE), MAX_UDP_SIZE)
}

/** The class of the OPT record, which is no class. RFC 6891 §6.1.2. */
function readUdpSize(message: Buffer, questionEnd: number): number | 'malformed' | undefined {
  const count = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10)
  let size: number | undefined
  for (let index = 0, at = questionEnd; index < count; index++) {
    const owner = decodeName(message, at)
    if (owner === undefined || owner.next + 10 > message.length) return 'malformed'
    if (message.readUInt16BE(owner.next) === TYPE_OPT) size = message.readUInt16BE(owner.next + 2)
    at = owner.next + 10 + message.readUInt16BE(owner.next + 8)
    if (at > message.length) return 'malformed'
  }
  return size
}
