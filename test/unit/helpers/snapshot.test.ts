import test from 'ava'
import { iptablesLines, nftLines } from '../../helpers/firewall-lines.ts'
import { assertNoResidue, snapshotDifference } from '../../helpers/snapshot.ts'

test('two equal pictures have no difference', t => {
  t.deepEqual(snapshotDifference({ links: ['a', 'a'] }, { links: ['a', 'a'] }), [])
})

test('a line that is there twice and was there once is a difference', t => {
  t.deepEqual(snapshotDifference({ fds: ['socket'] }, { fds: ['socket', 'socket'] }), ['+ fds: socket'])
})

test('what is lost and what is new are told apart, and named with their section', t => {
  const error = t.throws(() => assertNoResidue({ links: ['lo'], nft: [] }, { links: [], nft: ['table tsnet'] }))
  t.is(error.message, 'the host is not as it was before:\n  - links: lo\n  + nft: table tsnet')
})

test('an exception covers the lines that it matches and no others', t => {
  const before = { links: [] }
  const after = { links: ['docker0 up', 'veth1'] }
  t.throws(() => assertNoResidue(before, after, { except: [/^\+ links: docker0/] }), { message: /veth1/ })
  t.notThrows(() => assertNoResidue(before, after, { except: [/^\+ links: docker0/, /veth1/] }))
})

test('iptables: empty builtin chains and counters are no rules, a changed policy and a user chain are', t => {
  const save = [
    '# Generated', '*nat', ':PREROUTING ACCEPT [5:300]', ':TSNET - [0:0]', '[7:420] -A PREROUTING -j TSNET', 'COMMIT',
    '*filter', ':FORWARD DROP [0:0]', 'COMMIT', '',
  ].join('\n')
  t.deepEqual(iptablesLines(save), ['nat :TSNET -', 'nat -A PREROUTING -j TSNET', 'filter :FORWARD DROP'])
})

test('nft: an empty table with empty builtin chains is nothing; handles and counters do not count', t => {
  const empty = [
    { metainfo: { version: '1' } },
    { table: { family: 'ip', name: 'nat', handle: 1 } },
    { chain: { family: 'ip', table: 'nat', name: 'PREROUTING', handle: 1, type: 'nat', hook: 'prerouting', prio: -100, policy: 'accept' } },
  ]
  t.deepEqual(nftLines(JSON.stringify({ nftables: empty })), [])
  const rule = (handle: number, packets: number): string => JSON.stringify({
    nftables: [...empty, { rule: { family: 'ip', table: 'nat', chain: 'PREROUTING', handle, expr: [{ counter: { packets, bytes: 1 } }] } }],
  })
  t.deepEqual(nftLines(rule(7, 3)), nftLines(rule(8, 4)))
  t.is(nftLines(rule(7, 3)).length, 3)
})
