/** Questions read, answers written, answers of others judged. */
import fc from 'fast-check'
import test from 'ava'
import { type Query, decodeQuery, sizeLimit } from '../../../../dns/message/query.ts'
import { withoutCookie } from '../../../../dns/message/cookie.ts'
import { agedReply, decodeReply, isReplyTo } from '../../../../dns/message/reply.ts'
import { encodeResponse, truncate } from '../../../../dns/message/response.ts'
import { question, reply, summary } from '../messages.ts'

const query = (message: Buffer): Query => decodeQuery(message) as Query

test('a question is read', t => {
  const message = question('Web.Blue', 'AAAA', { udpSize: 4096 })
  t.deepEqual(decodeQuery(message), { message, name: 'Web.Blue', type: 'AAAA', class: 'IN', questionEnd: 26, udpSize: 4096 })
  t.false('udpSize' in query(question('web', 'A')))
})

test('what is no question is told apart', t => {
  t.is(decodeQuery(Buffer.alloc(11)), undefined)
  t.is(decodeQuery(question('web', 'A', { flags: 0x8000 })), undefined, 'an answer')
  t.like(decodeQuery(question('web', 'A', { flags: 0x2800 })), { rcode: 4 })
  t.like(decodeQuery(Buffer.alloc(12)), { rcode: 1 }, 'no question in it')
  t.like(decodeQuery(question('web', 'A').subarray(0, -1)), { rcode: 1 })
  t.like(decodeQuery(question('web', 'A', { udpSize: 4096 }).subarray(0, -1)), { rcode: 1 })
})

test('an EDNS of a later version is told which one is spoken here', t => {
  const message = question('web', 'A', { udpSize: 1232 })
  message.writeUInt8(1, message.length - 5)
  const found = decodeQuery(message)
  if (found === undefined || !('rcode' in found)) throw new Error('taken for a question')
  const answer = encodeResponse(found, { rcode: found.rcode, records: [], authoritative: false })
  t.is(answer.readUInt16BE(2) & 0xf, 0, 'the lower four bits of 16')
  t.deepEqual([...answer.subarray(-11)], [0, 0, 41, 0x04, 0xd0, 1, 0, 0, 0, 0, 0], 'the upper ones, and version 0')
})

/** Bytes, and real questions with some bytes changed. */
const bytesOfAnyKind = fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 4 }).map(changes => {
  const message = question('web.blue', 'A', { udpSize: 1232 })
  for (const [at, byte] of changes) message[at % message.length] = byte
  return message
}))

test('any bytes are a question, none or a bad one', t => {
  fc.assert(fc.property(bytesOfAnyKind, bytes => {
    const found = decodeQuery(Buffer.from(bytes))
    if (found !== undefined) encodeResponse(found, { rcode: 0, records: [], authoritative: false })
    decodeReply(Buffer.from(bytes))
    isReplyTo(Buffer.from(bytes), Buffer.from(bytes))
  }))
  t.pass()
})

test('a name that dns-packet cannot tell from another is read as none', t => {
  const asked = (...labels: readonly string[]): string | undefined => {
    const name = Buffer.concat(labels.map(label => Buffer.concat([Buffer.of(label.length), Buffer.from(label, 'latin1')])))
    const found = decodeQuery(Buffer.concat([question('x', 'A').subarray(0, 12), name, Buffer.of(0, 0, 1, 0, 1)]))
    return found !== undefined && 'name' in found ? found.name : undefined
  }
  t.is(asked('web', 'blue'), 'web.blue')
  t.is(asked('web.blue'), '', 'a dot inside a label')
  t.is(asked('\xff\xfe'), '')
  t.is(asked(), '', 'the root')
  t.is(asked('x'.repeat(63)), 'x'.repeat(63))
})

test('what would cost much to read is not read', t => {
  const many = question('web', 'A')
  for (const offset of [6, 8, 10]) many.writeUInt16BE(0xffff, offset)
  t.like(decodeQuery(many), { rcode: 1 })
  const circle = Buffer.concat([question('x', 'A').subarray(0, 12), Buffer.of(0xc0, 12, 0, 1, 0, 1)])
  t.like(decodeQuery(circle), { rcode: 1 })
})

test('a datagram is as large as the client takes, within bounds', t => {
  t.deepEqual([undefined, 0, 512, 1000, 1232, 4096].map(udpSize => sizeLimit(udpSize === undefined ? {} : { udpSize })), [512, 512, 512, 1000, 1232, 1232])
})

test('an answer has the id and question of the client, and EDNS only where the client has', t => {
  const records = [{ type: 'A', ttl: 60, data: '10.0.0.2' }] as const
  const plain = encodeResponse(query(question('WeB', 'A', { id: 7 })), { rcode: 0, records, authoritative: true })
  t.like(summary(plain), { id: 7, rcode: 0, authoritative: true, answers: 1, additional: 0, available: true })
  t.is(plain.toString('latin1', 12, 17), '\x03WeB\0', 'as the client wrote it')
  const extended = encodeResponse(query(question('web', 'A', { udpSize: 4096 })), { rcode: 3, records: [], authoritative: false })
  t.like(summary(extended), { rcode: 3, additional: 1, authoritative: false })
})

test('what does not fit is left out, and the answer says so', t => {
  const records = Array.from({ length: 100 }, (_, i) => ({ type: 'A', ttl: 60, data: `10.0.0.${i}` } as const))
  for (const [limit, count] of [[512, 25], [1232, 63], [65_535, 100]] as const) {
    const message = encodeResponse(query(question('web', 'A')), { rcode: 0, records, authoritative: true }, limit)
    t.like(summary(message), { answers: count, truncated: count < 100 })
    t.true(message.length <= limit)
  }
  const foreign = reply(question('web', 'A'), { answers: records.map(({ ttl }) => ({ ttl, data: Buffer.of(10, 0, 0, 1) })) })
  t.deepEqual(summary(truncate(foreign, 21)), { ...summary(foreign), truncated: true, answers: 0 })
})

test('an answer is to the question that was asked', t => {
  const asked = question('web.example', 'A', { id: 5 })
  t.true(isReplyTo(asked, reply(asked)))
  t.true(isReplyTo(asked, reply(question('WEB.example', 'A', { id: 5 }))))
  for (const other of [question('web.example', 'A', { id: 6 }), question('web.example', 'AAAA', { id: 5 }), question('www.example', 'A', { id: 5 })]) {
    t.false(isReplyTo(asked, reply(other)))
  }
  t.false(isReplyTo(asked, asked))
})

test('an answer holds as long as its shortest record, and that there is nothing as long as the zone says', t => {
  const asked = question('web.example', 'A')
  const data = Buffer.of(1, 2, 3, 4)
  t.is(decodeReply(reply(asked, { answers: [{ ttl: 300, data }, { ttl: 20, data }] }))?.ttl, 20)
  t.is(decodeReply(reply(asked, { rcode: 3, soa: { ttl: 900, minimum: 60 } }))?.ttl, 60)
  t.is(decodeReply(reply(asked, { soa: { ttl: 30, minimum: 60 } }))?.ttl, 30)
  t.is(decodeReply(reply(asked))?.ttl, undefined)
  t.is(decodeReply(reply(asked, { rcode: 2, answers: [{ ttl: 300, data }] }))?.ttl, undefined)
  t.is(decodeReply(reply(asked, { truncated: true, answers: [{ ttl: 300, data }] }))?.ttl, undefined)
})

test('a kept answer grows older', t => {
  const message = reply(question('web.example', 'A'), { answers: [{ ttl: 300, data: Buffer.of(1, 2, 3, 4) }] })
  const decoded = decodeReply(message)!
  const later = agedReply(message, decoded, 100, 99)
  t.is(later.readUInt16BE(0), 99)
  t.is(decodeReply(later)?.ttl, 200)
  t.is(decodeReply(message)?.ttl, 300, 'the kept one is as it was')
  t.is(decodeReply(agedReply(message, decoded, 400, 1))?.ttl, 0)
})

test('a question goes on without its cookie, and as it was otherwise', t => {
  const options = (...list: readonly (readonly [number, number])[]): Buffer =>
    Buffer.concat(list.map(([code, length]) => Buffer.concat([Buffer.of(0, code, 0, length), Buffer.alloc(length, code)])))
  const asked = (...list: readonly (readonly [number, number])[]): Buffer => {
    const message = Buffer.concat([question('web.example', 'A', { udpSize: 1232 }), options(...list)])
    message.writeUInt16BE(options(...list).length, 29 + 9)
    return message
  }
  const [cookie, subnet, padding] = [[10, 8], [8, 7], [12, 3]] as const
  for (const [before, after] of [
    [[cookie], []], [[], []], [[subnet], [subnet]], [[subnet, cookie, padding], [subnet, padding]], [[cookie, padding], [padding]],
  ] as const) t.deepEqual(withoutCookie(asked(...before), 29), asked(...after))
  t.deepEqual(withoutCookie(question('web.example', 'A'), 29), question('web.example', 'A'))
})

test('of any bytes after a question a cookie is taken or nothing, and reading ends', t => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
    const message = Buffer.concat([question('web', 'A', { udpSize: 1232 }), bytes])
    return withoutCookie(message, 21).length <= message.length
  }))
  t.pass()
})
