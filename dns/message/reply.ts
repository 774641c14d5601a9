/**
 * Answers of other servers: whether they answer what was asked, how long they hold, and the same bytes some seconds later.
 *
 * They are passed on as they came and never written anew (docs/adr/0012-dns-packet.md), so all that is read of them is the frame of their records.
 */
import { FLAG_QR, FLAG_TC, HEADER_LENGTH, NOERROR, NXDOMAIN, TYPE_OPT, TYPE_SOA } from './constants.ts'
import { nameEnd } from './name-end.ts'

/** What the answer says, and where its times to live stand. `ttl` is in seconds, absent where the answer must not be kept. */
export interface Reply { readonly rcode: number, readonly truncated: boolean, readonly ttl?: number, readonly ttlOffsets: readonly number[] }

interface Section { readonly ttlOffsets: number[], answers: number, shortest: number, negative: number | undefined }

/** True where `response` answers `query`: the same id, and the same question but for upper and lower case. */
export function isReplyTo(query: Buffer, response: Buffer): boolean {
  if (response.length < HEADER_LENGTH || response.readUInt16BE(0) !== query.readUInt16BE(0)) return false
  if ((response.readUInt16BE(2) & FLAG_QR) === 0 || response.readUInt16BE(4) !== 1) return false
  const question = questionOf(query)
  return question !== undefined && question === questionOf(response)
}

/** The bytes of the question with its letters in lower case: servers may give them back in another. */
function questionOf(message: Buffer): string | undefined {
  const name = nameEnd(message, HEADER_LENGTH)
  return name === undefined ? undefined : message.toString('latin1', HEADER_LENGTH, name.end + 4).replace(/[A-Z]+/g, letters => letters.toLowerCase())
}

/** Undefined for what is no answer. */
export function decodeReply(message: Buffer): Reply | undefined {
  const question = message.length < HEADER_LENGTH ? undefined : nameEnd(message, HEADER_LENGTH)
  if (question === undefined) return undefined
  const flags = message.readUInt16BE(2)
  const [rcode, truncated] = [flags & 0xf, (flags & FLAG_TC) !== 0]
  const section = readRecords(message, question.end + 4)
  if (section === undefined) return undefined
  const ttl = section.answers > 0 ? section.shortest : section.negative
  const kept = !truncated && (rcode === NOERROR || rcode === NXDOMAIN) && ttl !== undefined
  return { rcode, truncated, ttlOffsets: section.ttlOffsets, ...kept ? { ttl } : {} }
}

/** The answer under another id, with its times to live shortened by what has passed. */
export function agedReply(message: Buffer, { ttlOffsets }: Pick<Reply, 'ttlOffsets'>, seconds: number, id: number): Buffer {
  const copy = Buffer.from(message)
  copy.writeUInt16BE(id, 0)
  for (const offset of ttlOffsets) copy.writeUInt32BE(Math.max(0, copy.readUInt32BE(offset) - seconds), offset)
  return copy
}

function readRecords(message: Buffer, start: number): Section | undefined {
  const [answers, authorities, others] = [6, 8, 10].map(offset => message.readUInt16BE(offset))
  const section: Section = { ttlOffsets: [], answers: answers ?? 0, shortest: Infinity, negative: undefined }
  const count = (answers ?? 0) + (authorities ?? 0) + (others ?? 0)
  for (let index = 0, at = start; index < count; index++) {
    const owner = nameEnd(message, at)?.end
    if (owner === undefined || owner + 10 > message.length) return undefined
    const type = message.readUInt16BE(owner)
    const end = owner + 10 + message.readUInt16BE(owner + 8)
    if (end > message.length) return undefined
    if (type !== TYPE_OPT) note(section, message, { type, ttlOffset: owner + 4, end })
    at = end
  }
  return section
}

/** How long "there is nothing" holds: the last field of the SOA record, or its own time to live. RFC 2308 §5. */
function note(section: Section, message: Buffer, { type, ttlOffset, end }: { type: number, ttlOffset: number, end: number }): void {
  const ttl = message.readUInt32BE(ttlOffset)
  section.ttlOffsets.push(ttlOffset)
  section.shortest = Math.min(section.shortest, ttl)
  if (type === TYPE_SOA && end - 4 >= ttlOffset + 6) section.negative = Math.min(ttl, message.readUInt32BE(end - 4))
}
