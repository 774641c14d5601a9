import test from 'ava'
import { attributePath, decodeVerdict, explainVerdict } from '../../../kernel/netlink/answer.ts'
import { be32, encodeAttributes, nested, text, u32 } from '../../../kernel/netlink/attribute.ts'
import { type Message, NLMSG_DONE, NLMSG_ERROR, decodeMessages, encodeMessage } from '../../../kernel/netlink/message.ts'

/** Answers of Linux 6.18, as received. */
const captured = {
  /** RTM_GETLINK of index 77, NETLINK_CAP_ACK. */
  noSuchDevice: '24000000020000010300000000000080edffffff2000000012000500030000000000008000000000',
  /** RTM_NEWROUTE via an address that is not on the link. */
  invalidGateway: '58000000020000030200000000000080' + '9bffffff2c000000180005060200000000000080'
    + '20000100' + Buffer.from('Nexthop has invalid gateway\0').toString('hex') + '08000200' + '24000000',
}

const only = (hex: string): Message => {
  const bytes = Buffer.from(hex, 'hex')
  bytes.writeUInt32LE(bytes.length, 0)
  const [message] = decodeMessages(bytes)
  return message!
}

const layout = {
  headerLength: 4,
  names: { 1: 'NFTA_CHAIN_TABLE', 3: 'NFTA_CHAIN_NAME', 4: { name: 'NFTA_CHAIN_HOOK', nested: { 1: 'NFTA_HOOK_HOOKNUM' } } },
}
const request = encodeMessage({ type: 0xa03, flags: 1, sequence: 1, port: 0 }, Buffer.alloc(4),
  encodeAttributes([text(1, 'tsnet'), text(3, 'c'), nested(4, [be32(1, 9)]), u32(9, 0)]))

test('a captured error without extended ACK has its errno alone', t => {
  t.deepEqual(decodeVerdict(only(captured.noSuchDevice)), { errno: 19 })
})

test('a captured extended ACK has the kernel\'s sentence and the offset', t => {
  t.deepEqual(decodeVerdict(only(captured.invalidGateway)), { errno: 101, text: 'Nexthop has invalid gateway', offset: 36 })
})

test('an error that repeats the whole request has its attributes behind it', t => {
  const repeated = Buffer.concat([Buffer.from([0xef, 0xff, 0xff, 0xff]), request, encodeAttributes([text(1, 'why')])])
  t.deepEqual(decodeVerdict({ type: NLMSG_ERROR, flags: 0x200, sequence: 1, port: 0, payload: repeated }), { errno: 17, text: 'why' })
})

test('DONE carries an errno and attributes too', t => {
  const payload = Buffer.concat([Buffer.from([0xfe, 0xff, 0xff, 0xff]), encodeAttributes([text(1, 'FIB table does not exist')])])
  t.deepEqual(decodeVerdict({ type: NLMSG_DONE, flags: 0x202, sequence: 1, port: 0, payload }), { errno: 2, text: 'FIB table does not exist' })
})

test('an offset becomes the names of the attributes around it', t => {
  // 16 header, 4 nfgenmsg, 12 table, 8 name, then the nest and its first attribute.
  t.is(attributePath(request, 20, layout), 'NFTA_CHAIN_TABLE')
  t.is(attributePath(request, 32, layout), 'NFTA_CHAIN_NAME')
  t.is(attributePath(request, 40, layout), 'NFTA_CHAIN_HOOK')
  t.is(attributePath(request, 44, layout), 'NFTA_CHAIN_HOOK/NFTA_HOOK_HOOKNUM')
  t.is(attributePath(request, 52, layout), 'attribute 9')
  t.is(attributePath(request, 4000, layout), undefined)
  t.is(attributePath(request, 20), undefined)
})

test('an explanation is the sentence, the attribute, or both', t => {
  t.is(explainVerdict({ errno: 2, offset: 20 }, request, layout), 'the kernel objects to NFTA_CHAIN_TABLE')
  t.is(explainVerdict({ errno: 2, offset: 20, text: 'No such table' }, request, layout), 'No such table (NFTA_CHAIN_TABLE)')
  t.is(explainVerdict({ errno: 2, text: 'No such table' }, request), 'No such table')
  t.is(explainVerdict({ errno: 22, missingType: 3 }, request, layout), 'missing attribute: NFTA_CHAIN_NAME')
  t.is(explainVerdict({ errno: 22, missingType: 1, missingNest: 40 }, request, layout), 'missing attribute: NFTA_CHAIN_HOOK/NFTA_HOOK_HOOKNUM')
  t.is(explainVerdict({ errno: 22 }, request, layout), undefined)
})
