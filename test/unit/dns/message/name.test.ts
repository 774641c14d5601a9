import fc from 'fast-check'
import test from 'ava'
import { decodeName, encodeName } from '../../../../dns/message/name.ts'

const label = fc.stringMatching(/^[a-z0-9_-]{1,63}$/)
const name = fc.array(label, { maxLength: 4 }).map(labels => labels.join('.')).filter(text => text.length < 250)

test('what is encoded is decoded, wherever it stands', t => {
  fc.assert(fc.property(name, fc.nat(20), (text, offset) => {
    const bytes = encodeName(text)
    if (bytes === undefined) return false
    const message = Buffer.concat([Buffer.alloc(offset), bytes, Buffer.of(7)])
    t.deepEqual(decodeName(message, offset), { name: text, next: offset + bytes.length })
    return true
  }))
})

test('any bytes are a name or none, and reading ends', t => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, offset) => {
    const found = decodeName(bytes, offset)
    return found === undefined || found.next <= bytes.length && found.next > offset
  }))
  t.pass()
})

test('upper case is lower case, and a dot in a label is none between labels', t => {
  t.is(decodeName(Buffer.from('\x03WeB\x04BLUE\0'), 0)?.name, 'web.blue')
  t.is(decodeName(Buffer.from('\x03a.b\x01\\\0'), 0)?.name, 'a\\046b.\\092')
  t.is(decodeName(Buffer.from('\0'), 0)?.name, '')
})

test('pointers lead backwards', t => {
  const message = Buffer.concat([Buffer.from('\x04blue\0\x03web'), Buffer.of(0xc0, 0)])
  t.deepEqual(decodeName(message, 6), { name: 'web.blue', next: 12 })
  for (const bad of [Buffer.of(0xc0, 0), Buffer.of(1, 97, 0xc0, 0), Buffer.of(0xc0, 2, 0xc0, 0), Buffer.of(0xc0), Buffer.of(0x40, 0), Buffer.of(3, 97)]) {
    t.is(decodeName(bad, 0), undefined, bad.toString('hex'))
  }
})

test('what is too long is no name', t => {
  t.is(encodeName('x'.repeat(64)), undefined)
  t.is(encodeName('a..b'), undefined)
  t.is(encodeName(Array.from({ length: 5 }, () => 'x'.repeat(60)).join('.')), undefined)
  const long = Buffer.concat([...Array.from({ length: 5 }, () => Buffer.from(`\x3c${'x'.repeat(60)}`)), Buffer.of(0)])
  t.is(decodeName(long, 0), undefined)
})
