/**
 * DNS cookies (RFC 7873) are between two neighbours: those of a client mean nothing to the server behind us, and as each of its questions has
 * another one, no two of them would be the same.
 */
import { TYPE_OPT } from './constants.ts'
import { nameEnd } from './name-end.ts'

const COOKIE = 10
/** Of a record behind its name: type, class, time to live, length. */
const RECORD_HEADER = 10

/** A question as it came, which is well formed, without its cookie. */
export function withoutCookie(message: Buffer, questionEnd: number): Buffer {
  const records = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10)
  for (let index = 0, at = questionEnd; index < records; index++) {
    const header = nameEnd(message, at)?.end
    if (header === undefined || header + RECORD_HEADER > message.length) return message
    const start = header + RECORD_HEADER
    const end = start + message.readUInt16BE(header + 8)
    if (message.readUInt16BE(header) === TYPE_OPT) return withOptions(message, { start, end }, options(message, start, end).filter(({ code }) => code !== COOKIE))
    at = end
  }
  return message
}

interface Option { readonly code: number, readonly bytes: Buffer }

function options(message: Buffer, start: number, end: number): readonly Option[] {
  const found: Option[] = []
  for (let at = start; at + 4 <= end;) {
    const next = at + 4 + message.readUInt16BE(at + 2)
    found.push({ code: message.readUInt16BE(at), bytes: message.subarray(at, next) })
    at = next
  }
  return found
}

function withOptions(message: Buffer, { start, end }: { readonly start: number, readonly end: number }, kept: readonly Option[]): Buffer {
  const data = Buffer.concat(kept.map(({ bytes }) => bytes))
  const changed = Buffer.concat([message.subarray(0, start), data, message.subarray(end)])
  changed.writeUInt16BE(data.length, start - 2)
  return changed
}
