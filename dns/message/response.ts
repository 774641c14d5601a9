/** Answers of our own: header and question as they came, the records, and an OPT record where the client sent one. RFC 1035 §4.1, RFC 6891. */
import { CLASS_IN, FLAG_AA, FLAG_CD, FLAG_QR, FLAG_RA, FLAG_RD, FLAG_TC, HEADER_LENGTH, MAX_UDP_SIZE, TYPE_OPT } from './constants.ts'

/** A record about the name that was asked for. */
export interface AnswerRecord { readonly type: number, readonly ttl: number, readonly data: Uint8Array }

export interface Answer {
  readonly rcode: number
  readonly records: readonly AnswerRecord[]
  /** We are the ones to know: a name of ours. */
  readonly authoritative: boolean
}

interface Asked { readonly message: Buffer, readonly questionEnd: number, readonly udpSize?: number }

/** The name of the question, by a pointer to it. */
const QUESTION_NAME = 0xc00c
const RECORD_HEADER = 12
const OPT_LENGTH = 11

/** The message for the client; what is larger than `limit` says so (TC), and has as many records as fit. */
export function encodeResponse({ message, questionEnd, udpSize }: Asked, { rcode, records, authoritative }: Answer, limit = 65_535): Buffer {
  const optLength = udpSize === undefined ? 0 : OPT_LENGTH
  let length = questionEnd + optLength
  let count = 0
  for (const { data } of records) {
    if (length + RECORD_HEADER + data.length > limit) break
    length += RECORD_HEADER + data.length
    count += 1
  }
  const response = Buffer.alloc(length)
  message.copy(response, 0, 0, questionEnd)
  const asked = message.readUInt16BE(2)
  const truncated = count < records.length ? FLAG_TC : 0
  const opcode = asked & 0x7800
  response.writeUInt16BE(FLAG_QR | FLAG_RA | opcode | (asked & (FLAG_RD | FLAG_CD)) | (authoritative ? FLAG_AA : 0) | truncated | rcode, 2)
  response.writeUInt16BE(questionEnd > HEADER_LENGTH ? 1 : 0, 4)
  response.writeUInt16BE(count, 6)
  response.writeUInt16BE(0, 8)
  response.writeUInt16BE(udpSize === undefined ? 0 : 1, 10)
  let at = questionEnd
  for (const record of records.slice(0, count)) at = writeRecord(response, at, record)
  if (udpSize !== undefined) {
    response.writeUInt16BE(TYPE_OPT, at + 1)
    response.writeUInt16BE(MAX_UDP_SIZE, at + 3)
  }
  return response
}

/** An answer of somebody else that is too large for a datagram: its header and the question, and that there is more (TC). */
export function truncate(response: Buffer, questionEnd: number): Buffer {
  const short = Buffer.from(response.subarray(0, questionEnd))
  short.writeUInt16BE(short.readUInt16BE(2) | FLAG_TC, 2)
  short.fill(0, 6, HEADER_LENGTH)
  return short
}

function writeRecord(response: Buffer, at: number, { type, ttl, data }: AnswerRecord): number {
  response.writeUInt16BE(QUESTION_NAME, at)
  response.writeUInt16BE(type, at + 2)
  response.writeUInt16BE(CLASS_IN, at + 4)
  response.writeUInt32BE(ttl, at + 6)
  response.writeUInt16BE(data.length, at + 10)
  response.set(data, at + RECORD_HEADER)
  return at + RECORD_HEADER + data.length
}
