import test from 'ava'
import { IptablesFirewall } from '../../../../nat/iptables/firewall.ts'
import { publishRules } from '../../../../nat/iptables/publish.ts'
import { Plan } from '../../../../nat/iptables/plan.ts'
import { rulesOf } from '../../../../nat/iptables/rules.ts'
import { parseSave } from '../../../../nat/iptables/state.ts'
import { NftablesFirewall } from '../../../../nat/nftables/firewall.ts'
import { portId, requireConditions, syntaxOf } from '../../../../nat/objects/conditions.ts'
import type { PublishObject } from '../../../../objects/firewall.ts'

const port = (options: Partial<PublishObject> = {}): PublishObject => ({
  kind: 'publish', family: 4, bridge: 'cni7', protocol: 'tcp', host: { first: 8080, last: 8080 }, containerIp: '10.7.0.2', container: { first: 80, last: 80 }, ...options,
})

test('words that begin with an option, or with the negation of one, are of iptables', t => {
  for (const words of [['-s', '192.0.2.1'], ['!', '-d', '192.0.2.1'], ['--source', '192.0.2.1']]) t.is(syntaxOf(words), 'iptables', words.join(' '))
  for (const words of [['ip', 'saddr', '192.0.2.1'], ['iifname', '"eth0"'], ['meta', 'mark', '7']]) t.is(syntaxOf(words), 'nftables', words.join(' '))
})

test('conditions of the other backend, and chains of iptables with nftables, are refused before anything is made', t => {
  t.throws(() => requireConditions([port({ conditions: ['ip', 'saddr', '192.0.2.1'] })], 'iptables'), { code: 'firewall-unsupported', message: /words of nftables, and the firewall of this host is iptables/ })
  t.throws(() => requireConditions([port({ conditions: ['-s', '192.0.2.1'] })], 'nftables'), { code: 'firewall-unsupported' })
  t.throws(() => requireConditions([port({ mark: { chain: 'KUBE-MARK-MASQ' } })], 'nftables'), { code: 'firewall-unsupported' })
  t.notThrows(() => requireConditions([port({ mark: { chain: 'KUBE-MARK-MASQ' }, conditions: ['-s', '192.0.2.1'] }), port()], 'iptables'))
})

test('a condition stays a condition: no target, no table, no program, no further line or statement', t => {
  for (const words of [['-s', '192.0.2.1', '-j', 'ACCEPT'], ['-g', 'X'], ['-t', 'filter'], ['-M', '/bin/sh'], ['--modprobe=/bin/sh'], ['-s', '192.0.2.1\n-A INPUT'], ['--jump', 'X']]) {
    t.throws(() => requireConditions([port({ conditions: words })], 'iptables'), { code: 'invalid-argument' }, words.join(' '))
  }
  for (const words of [['ip', 'saddr', '192.0.2.1;'], ['ip', 'saddr', '192.0.2.1', '#'], ['ip', 'saddr', '192.0.2.1\nflush', 'ruleset']]) {
    t.throws(() => requireConditions([port({ conditions: words })], 'nftables'), { code: 'invalid-argument' }, words.join(' '))
  }
})

test('ranges of ports have neither conditions nor marks, and marks are bits of a packet\'s mark or names of chains', t => {
  const described = (object: PublishObject) => () => new IptablesFirewall({ run: () => Promise.reject(new Error('none')) }).describe(object)
  t.throws(described(port({ host: { first: 80, last: 81 }, container: { first: 80, last: 81 }, mark: { bits: 1 } })), { code: 'invalid-port' })
  for (const mark of [{ bits: 0 }, { bits: 2 ** 32 }, { bits: 1.5 }, { chain: '' }, { chain: 'A B' }, { chain: '-X' }, { chain: 'A'.repeat(29) }]) {
    t.throws(described(port({ mark })), { code: 'invalid-argument' }, JSON.stringify(mark))
  }
})

test('what is to be done with a port tells its chain from every other one', t => {
  const all = [port(), port({ protocol: 'udp' }), port({ hostIp: '192.0.2.1' }), port({ containerIp: '10.7.0.3' }), port({ conditions: ['-s', '192.0.2.1'] }), port({ mark: { bits: 1 } })]
  t.is(new Set(all.map(portId)).size, all.length)
  for (const object of all) t.regex(portId(object), /^[0-9a-f]{16}$/)
})

test('a rule with words of the user\'s is known again by where it leads, however iptables-save prints it', t => {
  const object = port({ conditions: ['--source', '192.0.2.1', '-m', 'comment', '--comment', 'a "b"'] })
  const made = new Plan(parseSave(''), 4)
  made.add(rulesOf(object))
  const jump = made.commands.find(command => command.verb === '-A' && command.spec.includes('--source'))
  t.is(jump?.verb === '-A' ? jump.spec : '', `-p tcp -m tcp --dport 8080 --source 192.0.2.1 -m comment --comment "a \\"b\\"" -j TSNET-PORT-${portId(object)}`)
  const chains = ['TSNET', 'TSNET-POSTROUTING', 'TSNET-tcp-4096-8191', 'TSNET-tcp-7936-8191', 'TSNET-tcp-8080-8095', `TSNET-PORT-${portId(object)}`]
  const rules = made.commands.flatMap(command => 'spec' in command ? [`-A ${command.chain} ${command === jump ? `-s 192.0.2.1/32 -p tcp -m tcp --dport 8080 -m comment --comment "a \\"b\\"" -j TSNET-PORT-${portId(object)}` : command.spec}`] : [])
  const saved = parseSave(['*nat', ...chains.map(name => `:${name} - [0:0]`), ...rules].join('\n'))
  const again = new Plan(saved, 4)
  again.add(rulesOf(object))
  t.deepEqual(again.commands, [])
  const removed = new Plan(saved, 4)
  removed.remove(publishRules(object))
  t.true(removed.isTableFree())
  t.true(removed.commands.some(command => command.verb === '-D' && command.spec.startsWith('-s 192.0.2.1/32')), 'by the text that iptables prints')
})

test('nft is given the words as they are, in a chain that leads to the one of the port', t => {
  const object = port({ conditions: ['ip', 'saddr', '{', '192.0.2.1,', '192.0.2.2', '}'] })
  const id = portId(object)
  t.deepEqual(new NftablesFirewall().describe(object), [
    `nft add chain ip tsnet when-${id}`, `nft add rule ip tsnet when-${id} ip saddr { 192.0.2.1, 192.0.2.2 } counter jump port-${id} comment "conditions"`,
    `nft add chain ip tsnet port-${id}`, `nft add rule ip tsnet port-${id} counter dnat to 10.7.0.2:80 comment "published port"`,
    `nft add element ip tsnet port-chains { tcp . 8080 : jump when-${id} }`,
  ])
})
