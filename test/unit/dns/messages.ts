/** Questions and answers made by hand, for the tests of the resolver's parts. */
import { decode, encode } from 'dns-packet'

export const types = { A: 1, NS: 2, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, AXFR: 252, ANY: 255 } as const

export interface QuestionOptions { readonly id?: number, readonly class?: number, readonly udpSize?: number, readonly flags?: number }

export function question(name: string, type: keyof typeof types, options: QuestionOptions = {}): Buffer {
  const header = Buffer.alloc(12)
  header.writeUInt16BE(options.id ?? 0x1234, 0)
  header.writeUInt16BE(options.flags ?? 0x0100, 2)
  header.writeUInt16BE(1, 4)
  if (options.udpSize !== undefined) header.writeUInt16BE(1, 10)
  return Buffer.concat([header, nameBytes(name), words(types[type], options.class ?? 1),
    ...options.udpSize === undefined ? [] : [Buffer.of(0), words(41, options.udpSize, 0, 0, 0)]])
}

export interface ReplyOptions {
  readonly rcode?: number
  readonly truncated?: boolean
  readonly answers?: readonly { readonly ttl: number, readonly data: Buffer }[]
  /** The last field of a SOA record in the authority section, and its own time to live. */
  readonly soa?: { readonly ttl: number, readonly minimum: number }
}

/** The answer of a server to `query` (without EDNS). */
export function reply(query: Buffer, { rcode = 0, truncated = false, answers = [], soa }: ReplyOptions = {}): Buffer {
  const head = Buffer.from(query)
  head.writeUInt16BE(0x8180 | (truncated ? 0x0200 : 0) | rcode, 2)
  head.writeUInt16BE(answers.length, 6)
  head.writeUInt16BE(soa === undefined ? 0 : 1, 8)
  const record = (type: number, ttl: number, data: Buffer): Buffer =>
    Buffer.concat([words(0xc00c, type, 1, ttl >>> 16, ttl & 0xffff, data.length), data])
  return Buffer.concat([
    head, ...answers.map(({ ttl, data }) => record(types.A, ttl, data)),
    ...soa === undefined ? [] : [record(types.SOA, soa.ttl, Buffer.concat([Buffer.alloc(2 + 16), words(0, soa.minimum)]))],
  ])
}

/** What a resolver of tsnet answered, for `t.like`. */
export function summary(message: Buffer): Readonly<Record<string, unknown>> {
  const flags = message.readUInt16BE(2)
  return {
    id: message.readUInt16BE(0), rcode: flags & 0xf, authoritative: (flags & 0x0400) !== 0, truncated: (flags & 0x0200) !== 0,
    available: (flags & 0x80) !== 0, questions: message.readUInt16BE(4), answers: message.readUInt16BE(6), additional: message.readUInt16BE(10),
  }
}

/** Addresses and names in the answer section of a message. */
export function addressesOf(message: Buffer): readonly string[] {
  return (decode(message).answers ?? []).map(answer => 'data' in answer && typeof answer.data === 'string' ? answer.data : '')
}

/** A name as it goes over the wire. */
export function nameBytes(name: string): Buffer {
  return encode({ questions: [{ type: 'A', name }] }).subarray(12, -4)
}

function words(...values: readonly number[]): Buffer {
  return Buffer.concat(values.map(value => Buffer.of(value >>> 8 & 0xff, value & 0xff)))
}
