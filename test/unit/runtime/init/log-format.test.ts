import test from 'ava'
import fc from 'fast-check'
import { decodeLogFrames, logFrameLimit, logHeaderWords, type LogStream } from '../../../../runtime/init/log-format.ts'

interface Written { readonly stream: LogStream, readonly seconds: number, readonly nanoseconds: number, readonly text: string }

function encode({ stream, seconds, nanoseconds, text }: Written): Buffer {
  const header = Buffer.alloc(32)
  logHeaderWords(stream).forEach((word, index) => { header.writeBigUInt64LE(word, index * 8) })
  header.writeBigInt64LE(BigInt(seconds), 0)
  header.writeBigInt64LE(BigInt(nanoseconds), 8)
  header.writeBigUInt64LE(BigInt(Buffer.byteLength(text)), 16)
  return Buffer.concat([header, Buffer.from(text)])
}

const decode = (bytes: Buffer): readonly Written[] => decodeLogFrames(bytes).frames.map(({ data, ...rest }) => ({ ...rest, text: String(data) }))

const frame = fc.record<Written>({
  stream: fc.constantFrom('stdout', 'stderr'), seconds: fc.nat(), nanoseconds: fc.nat({ max: 999_999_999 }), text: fc.string({ maxLength: 40 }),
})

test('what was written is read, in its order', t => {
  fc.assert(fc.property(fc.array(frame), frames => { t.deepEqual(decode(Buffer.concat(frames.map(encode))), frames) }))
})

test('an incomplete frame at the end is left for the next read', t => {
  fc.assert(fc.property(fc.array(frame), frame, fc.nat(), (frames, last, cut) => {
    const [whole, tail] = [Buffer.concat(frames.map(encode)), encode(last)]
    const { frames: found, consumed } = decodeLogFrames(Buffer.concat([whole, tail.subarray(0, cut % tail.length)]))
    t.deepEqual([found.length, consumed], [frames.length, whole.length])
  }))
})

test('a torn frame is passed over', t => {
  const [first, second] = ['one', 'two'].map(text => encode({ stream: 'stdout', seconds: 1, nanoseconds: 2, text })) as [Buffer, Buffer]
  const torn = Buffer.concat([first, Buffer.from('garbage of a crash'), second])
  t.deepEqual(decode(torn).map(({ text }) => text), ['one', 'two'])
})

test('any bytes can be decoded', t => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
    const { consumed } = decodeLogFrames(Buffer.from(bytes))
    return consumed <= bytes.length
  }))
  t.true(logFrameLimit > 0)
})
