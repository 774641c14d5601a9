import test from 'ava'
import fc from 'fast-check'
import { encodeAttributes } from '../../../../kernel/netlink/attribute.ts'
import type { NetlinkRequest } from '../../../../kernel/netlink/socket.ts'
import * as nft from '../../../../nat/nftables/constants.ts'
import { decodeElements, decodeRule, elementId, verdictId } from '../../../../nat/nftables/decode.ts'
import * as expression from '../../../../nat/nftables/expression.ts'
import { type Element, batchBegin, newElements, newRule } from '../../../../nat/nftables/message.ts'
import { counter, daddrLoopback, iifname, rule, verdict } from '../../../../nat/nftables/statement.ts'

const hex = (...attributes: Parameters<typeof encodeAttributes>[0]): string => encodeAttributes(attributes).toString('hex')
const asMessage = ({ type, payload }: NetlinkRequest) => ({ type, flags: 0, sequence: 1, port: 0, payload: Buffer.concat(payload.map(part => Buffer.from(part))) })
const tsnet = { family: 4, table: 'tsnet' } as const

test('expressions are the bytes that nft sends', t => {
  // As strace shows them of `nft add rule ip t c iifname "lo" ip daddr 127.0.0.0/8 drop` (nft 1.0.6).
  t.is(hex(expression.meta(nft.NFT_META_IIFNAME)),
    '2400018009000100' + '6d65746100000000' + '14000280' + '0800020000000006' + '0800010000000001')
  t.is(hex(expression.payload({ base: nft.NFT_PAYLOAD_NETWORK_HEADER, offset: 16, length: 1 })),
    '340001800c000100' + '7061796c6f616400' + '24000280' + '0800010000000001' + '0800020000000001' + '0800030000000010' + '0800040000000001')
  t.is(hex(expression.cmp(nft.NFT_CMP_EQ, Uint8Array.of(127))),
    '2c00018008000100' + '636d7000' + '20000280' + '0800010000000001' + '0800020000000000' + '0c000380' + '050001007f000000')
  t.is(hex(expression.immediateVerdict({ code: 'drop' })),
    '300001800e000100' + '696d6d6564696174650000001c000280' + '0800010000000000' + '10000280' + '0c000280' + '0800010000000000')
})

test('a batch begins with the subsystem, and the generation where one is given', t => {
  t.is(Buffer.concat(batchBegin().payload.map(part => Buffer.from(part))).toString('hex'), '0000000a')
  t.is(Buffer.concat(batchBegin(7).payload.map(part => Buffer.from(part))).toString('hex'), '0000000a' + '0800010000000007')
})

test('a rule is decoded as it was encoded', t => {
  const decoded = decodeRule(asMessage(newRule({ ...tsnet, chain: 'c' }, rule('a comment', iifname('br0'), daddrLoopback, counter, verdict({ code: 'drop' })))))
  t.is(decoded.comment, 'a comment')
  t.deepEqual(decoded.expressions.map(({ name }) => name), ['meta', 'cmp', 'payload', 'cmp', 'counter', 'immediate'])
  t.deepEqual([decoded.table, decoded.chain], ['tsnet', 'c'])
})

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const elements = fc.uniqueArray(fc.record({ key: bytes(12), value: bytes(8), end: fc.boolean() }), { selector: ({ key, end }) => elementId(key, end), maxLength: 1000 })

test('elements are decoded as they were encoded, and no message is longer than an attribute may be', t => {
  fc.assert(fc.property(elements, list => {
    const requests = newElements(tsnet, 'ports', list as readonly Element[])
    const table = decodeElements(requests.map(asMessage))
    t.is(table.size, list.length)
    t.true(list.every(({ key, value, end }) => table.get(elementId(key, end)) === Buffer.from(value).toString('hex')))
    t.true(requests.every(({ payload }) => payload.reduce((sum, part) => sum + part.length, 0) < 65_536))
  }), { numRuns: 30 })
})

test('verdicts are elements too', t => {
  const [request] = newElements(tsnet, 'into', [{ key: Buffer.alloc(16, 1), value: { code: 'goto', chain: 'net-br0' } }])
  t.deepEqual([...decodeElements([asMessage(request!)]).values()], [verdictId(nft.NFT_GOTO, 'net-br0')])
})
