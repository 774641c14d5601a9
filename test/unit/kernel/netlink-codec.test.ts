import test from 'ava'
import fc from 'fast-check'
import { isTsnetError } from '../../../errors/error.ts'
import { decodeVerdict } from '../../../kernel/netlink/answer.ts'
import {
  type Attribute, attributeMap, be16, be32, bytes, decodeAttributes, encodeAttributes, flag, nested, readBe32, readText, readU32, text, u16,
  u32, u8,
} from '../../../kernel/netlink/attribute.ts'
import { decodeAddress } from '../../../kernel/netlink/address.ts'
import { decodeLink } from '../../../kernel/netlink/link.ts'
import { type Message, NLMSG_DONE, NLMSG_ERROR, decodeMessages, encodeMessage } from '../../../kernel/netlink/message.ts'
import { decodeRoute } from '../../../kernel/netlink/route.ts'

const uint16 = fc.integer({ min: 0, max: 0xffff })
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff })
const payload = fc.uint8Array({ maxLength: 64 }).map(array => Buffer.from(array))
const message: fc.Arbitrary<Message> = fc.record({ type: uint16, flags: uint16, sequence: uint32, port: uint32, payload })
const { attribute } = fc.letrec<{ attribute: Attribute, leaf: Attribute, nest: Attribute }>(tie => ({
  attribute: fc.oneof({ depthSize: 'small' }, tie('leaf'), tie('nest')),
  leaf: fc.record({ type: fc.integer({ min: 0, max: 0x3fff }), nested: fc.constant(false), value: payload }),
  nest: fc.tuple(fc.integer({ min: 0, max: 0x3fff }), fc.array(tie('attribute'), { maxLength: 4 })).map(([type, inner]) => nested(type, inner)),
}))

test('messages decode to what was encoded, several in one datagram', t => {
  fc.assert(fc.property(fc.array(message, { maxLength: 5 }), messages => {
    t.deepEqual(decodeMessages(Buffer.concat(messages.map(each => encodeMessage(each, each.payload)))), messages)
  }))
})

test('attributes decode to what was encoded, nests included', t => {
  fc.assert(fc.property(fc.array(attribute, { maxLength: 5 }), attributes => {
    t.deepEqual(decodeAttributes(encodeAttributes(attributes)), attributes)
  }))
})

test('any bytes give messages or invalid-message, nothing else', t => {
  const decoders: readonly ((datagram: Buffer) => unknown)[] = [
    decodeMessages, decodeAttributes, attributeMap,
    datagram => decodeVerdict({ type: NLMSG_ERROR, flags: 0x200, sequence: 0, port: 0, payload: datagram }),
    datagram => decodeVerdict({ type: NLMSG_DONE, flags: 0x200, sequence: 0, port: 0, payload: datagram }),
    ...[decodeLink, decodeAddress, decodeRoute].map(decode =>
      (datagram: Buffer) => decode({ type: 16, flags: 0, sequence: 0, port: 0, payload: datagram })),
  ]
  fc.assert(fc.property(fc.constantFrom(...decoders), fc.uint8Array({ maxLength: 120 }), (decode, array) => {
    try {
      decode(Buffer.from(array))
    } catch (error) {
      if (!isTsnetError(error, 'invalid-message')) throw error
    }
  }), { numRuns: 3000 })
  t.pass()
})

test('numbers have the byte order that their name says', t => {
  t.is(encodeAttributes([u8(1, 7)]).toString('hex'), '0500010007000000')
  t.is(encodeAttributes([u16(1, 0x1234)]).toString('hex'), '0600010034120000')
  t.is(encodeAttributes([be16(1, 0x1234)]).toString('hex'), '0600010012340000')
  t.is(encodeAttributes([u32(1, 0xfedcba98)]).toString('hex'), '0800010098badcfe')
  t.is(encodeAttributes([be32(1, 0xfedcba98)]).toString('hex'), '08000100fedcba98')
  t.is(readU32(u32(1, 0xfedcba98).value), 0xfedcba98)
  t.is(readBe32(be32(1, 0xfedcba98).value), 0xfedcba98)
})

test('text ends with a zero, nests have their flag, a flag has no value', t => {
  t.is(encodeAttributes([text(3, 'lo')]).toString('hex'), '070003006c6f0000')
  t.is(encodeAttributes([nested(18, [flag(2)])]).toString('hex'), '0800128004000200')
  t.is(readText(Buffer.from('lo\0junk')), 'lo')
  t.is(encodeAttributes([bytes(1, Uint8Array.of(1, 2, 3))]).toString('hex'), '0700010001020300')
})

test('an attribute that its length field cannot hold is refused', t => {
  const error = t.throws(() => encodeAttributes([bytes(1, Buffer.alloc(65_532))]))
  t.true(isTsnetError(error, 'invalid-message'))
})

test('a message that claims to be longer than the datagram is refused', t => {
  const datagram = encodeMessage({ type: 16, flags: 0, sequence: 1, port: 0 }, Buffer.alloc(4))
  datagram.writeUInt32LE(64, 0)
  const error = t.throws(() => decodeMessages(datagram))
  t.is(error?.message, 'decode netlink message at byte 0: length 64 of 20 bytes')
})
