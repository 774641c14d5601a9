import fc from 'fast-check'
import test from 'ava'
import { isName, nameEnd } from '../../../../dns/message/name-end.ts'
import { nameBytes } from '../messages.ts'

const label = fc.stringMatching(/^[a-z0-9_-]{1,63}$/)
const labels = fc.array(label, { minLength: 1, maxLength: 4 }).filter(list => list.join('.').length < 250)

test('a name ends where dns-packet ends it, wherever it stands', t => {
  fc.assert(fc.property(labels, fc.nat(20), (list, offset) => {
    const bytes = nameBytes(list.join('.'))
    t.deepEqual(nameEnd(Buffer.concat([Buffer.alloc(offset), bytes, Buffer.of(7)]), offset), { end: offset + bytes.length, labels: list.length, isPointer: false })
    t.true(isName(list.join('.')))
  }))
})

test('any bytes are a name or none, and reading ends', t => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, offset) => {
    const found = nameEnd(bytes, offset)
    return found === undefined || found.end <= bytes.length && found.end > offset
  }))
  t.pass()
})

test('a pointer is an end', t => {
  const message = Buffer.concat([Buffer.from('\x04blue\0\x03web'), Buffer.of(0xc0, 0)])
  t.deepEqual(nameEnd(message, 6), { end: 12, labels: 1, isPointer: true })
  t.deepEqual(nameEnd(Buffer.of(0xc0, 0), 0), { end: 2, labels: 0, isPointer: true })
  for (const bad of [Buffer.of(0xc0), Buffer.of(0x40, 0), Buffer.of(0x80, 0), Buffer.of(3, 97), Buffer.alloc(0)]) t.is(nameEnd(bad, 0), undefined, bad.toString('hex'))
})

test('what is too long is no name', t => {
  const sixty = 'x'.repeat(60)
  t.is(nameEnd(Buffer.concat([...Array.from({ length: 5 }, () => Buffer.from(`\x3c${sixty}`)), Buffer.of(0)]), 0), undefined)
  for (const text of ['x'.repeat(64), 'a..b', '', [sixty, sixty, sixty, sixty, sixty].join('.')]) t.false(isName(text), text)
})
