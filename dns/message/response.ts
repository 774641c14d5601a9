/** Answers of our own, by dns-packet: header, the question as it came, the records, and an OPT record where the client sent one. */
import { type Answer as ResourceRecord, type StringAnswer, encode, encodingLength } from 'dns-packet'
import { FLAG_AA, FLAG_CD, FLAG_RA, FLAG_RD, FLAG_TC, HEADER_LENGTH, MAX_UDP_SIZE } from './constants.ts'

/** A record about the name that was asked for. */
export type AnswerRecord = Required<Pick<StringAnswer, 'type' | 'ttl' | 'data'>>

export interface Answer {
  readonly rcode: number
  readonly records: readonly AnswerRecord[]
  /** We are the ones to know: a name of ours. */
  readonly authoritative: boolean
}

interface Asked { readonly message: Buffer, readonly name?: string, readonly questionEnd: number, readonly udpSize?: number }

/** The message for the client; what is larger than `limit` says so (TC), and has as many records as fit. */
export function encodeResponse({ message, name = '', questionEnd, udpSize }: Asked, { rcode, records, authoritative }: Answer, limit = 65_535): Buffer {
  const additionals: ResourceRecord[] = udpSize === undefined ? []
    : [{ type: 'OPT', name: '.', udpPayloadSize: MAX_UDP_SIZE, extendedRcode: rcode >> 4, ednsVersion: 0, flags: 0, flag_do: false, options: [] }]
  const all = records.map((record): StringAnswer => ({ ...record, name }))
  const answers = fitting(all, limit - (questionEnd - HEADER_LENGTH) - encodingLength({ additionals }))
  const asked = message.readUInt16BE(2)
  const truncated = answers.length < all.length ? FLAG_TC : 0
  const flags = FLAG_RA | asked & (0x7800 | FLAG_RD | FLAG_CD) | (authoritative ? FLAG_AA : 0) | truncated | rcode & 0xf
  const encoded = encode({ type: 'response', id: message.readUInt16BE(0), flags, questions: [], answers, additionals })
  // dns-packet would write the question anew; a client compares it with its own, to the last bit.
  const question = message.subarray(HEADER_LENGTH, questionEnd)
  encoded.writeUInt16BE(question.length > 0 ? 1 : 0, 4)
  return Buffer.concat([encoded.subarray(0, HEADER_LENGTH), question, encoded.subarray(HEADER_LENGTH)])
}

/** The first of the records, as many as there is room for. */
function fitting(records: readonly StringAnswer[], room: number): StringAnswer[] {
  let left = room
  const rest = records.findIndex(record => (left -= encodingLength({ answers: [record] }) - HEADER_LENGTH) < 0)
  return rest < 0 ? [...records] : records.slice(0, rest)
}

/** An answer of somebody else that is too large for a datagram: its header and the question, and that there is more (TC). */
export function truncate(response: Buffer, questionEnd: number): Buffer {
  const short = Buffer.from(response.subarray(0, questionEnd))
  short.writeUInt16BE(short.readUInt16BE(2) | FLAG_TC, 2)
  short.fill(0, 6, HEADER_LENGTH)
  return short
}
