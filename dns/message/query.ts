/** A question as a client sends it: what of it decides the answer, and where it ends, since an answer begins with the same bytes. */
import { decode } from 'dns-packet'
import { BADVERS, FLAG_QR, FORMERR, HEADER_LENGTH, MAX_UDP_SIZE, NOTIMP, PLAIN_UDP_SIZE } from './constants.ts'
import { nameEnd } from './name-end.ts'

export interface Query {
  readonly message: Buffer
  /** As the client wrote it, without a final dot; empty for the root, and for what no container can be called. */
  readonly name: string
  /** `A`, `AAAA`, …, `UNKNOWN_65`. */
  readonly type: string
  /** `IN`, … */
  readonly class: string
  /** Offset behind the question. */
  readonly questionEnd: number
  /** The largest datagram that the client takes; absent without EDNS. */
  readonly udpSize?: number
}

/** What can be said of a message that is no question: an error, with the question where it could be read. */
export interface BadQuery { readonly message: Buffer, readonly rcode: number, readonly questionEnd: number, readonly udpSize?: number }

/** Beside the question. dns-packet makes room for as many as the header promises, which takes it 1.5 ms for 200 000. */
const MAX_RECORDS = 64

/** Undefined for what must not be answered at all: an answer, or what is too short to be anything. */
export function decodeQuery(message: Buffer): Query | BadQuery | undefined {
  if (message.length < HEADER_LENGTH) return undefined
  const flags = message.readUInt16BE(2)
  if ((flags & FLAG_QR) !== 0) return undefined
  if ((flags & 0x7800) !== 0) return { message, rcode: NOTIMP, questionEnd: HEADER_LENGTH }
  const bad: BadQuery = { message, rcode: FORMERR, questionEnd: HEADER_LENGTH }
  const records = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10)
  const name = nameEnd(message, HEADER_LENGTH)
  // There is nothing before the question that it could point to.
  if (message.readUInt16BE(4) !== 1 || records > MAX_RECORDS || name === undefined || name.isPointer) return bad
  try {
    const { questions: [question] = [], additionals = [] } = decode(message)
    if (question === undefined) return bad
    const extension = additionals.find(record => record.type === 'OPT')
    const udpSize = extension?.udpPayloadSize
    // A later EDNS may mean something else by all else that is in it.
    if (extension !== undefined && extension.ednsVersion > 0) return { message, rcode: BADVERS, questionEnd: name.end + 4, udpSize: extension.udpPayloadSize }
    return {
      message, questionEnd: name.end + 4, type: question.type, class: question.class ?? 'IN',
      name: speakable(question.name, name.labels), ...udpSize === undefined ? {} : { udpSize },
    }
  } catch {
    return bad
  }
}

/** How large an answer by datagram may be. */
export function sizeLimit({ udpSize }: Pick<Query, 'udpSize'>): number {
  return Math.min(Math.max(udpSize ?? 0, PLAIN_UDP_SIZE), MAX_UDP_SIZE)
}

/** dns-packet does not tell a dot inside a label from one between two, nor bytes that are no text from each other. */
function speakable(name: string, labels: number): string {
  return name === '.' || name.includes('\ufffd') || name.split('.').length !== labels ? '' : name
}
