import test from 'ava'
import fc from 'fast-check'
import { publishRules } from '../../../../nat/iptables/publish.ts'
import type { PublishObject } from '../../../../objects/firewall.ts'

const publish = (first: number, last: number, options: Partial<PublishObject> = {}): PublishObject => ({
  kind: 'publish', family: 4, bridge: 'br0', protocol: 'tcp', host: { first, last }, containerIp: '10.0.0.2', container: { first, last }, ...options,
})
const last = (object: PublishObject): string => {
  const rule = publishRules(object).at(-1)
  return `${rule?.chain} ${rule?.spec}`
}

test('a port keeps or changes its number, on one address or all', t => {
  t.is(last(publish(8080, 8080)), 'TSNET-tcp-8080-8095 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.0.2')
  t.is(last(publish(8080, 8080, { container: { first: 80, last: 80 }, hostIp: '127.0.0.1' })),
    'TSNET-tcp-8080-8095 -d 127.0.0.1/32 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.0.2:80')
  t.is(last(publish(8080, 8080, { family: 6, containerIp: 'fd00::2', container: { first: 80, last: 80 }, hostIp: '::1', protocol: 'udp' })),
    'TSNET-udp-8080-8095 -d ::1/128 -p udp -m udp --dport 8080 -j DNAT --to-destination [fd00::2]:80')
})

test('a range is one rule, with its base where it is shifted', t => {
  t.is(last(publish(8070, 8079)), 'TSNET-tcp-8064-8079 -p tcp -m tcp --dport 8070:8079 -j DNAT --to-destination 10.0.0.2')
  t.is(last(publish(8070, 8079, { container: { first: 70, last: 79 } })),
    'TSNET-tcp-8064-8079 -p tcp -m tcp --dport 8070:8079 -j DNAT --to-destination 10.0.0.2:70-79/8070')
})

test('a range over the border of a block stands in the first one that covers it', t => {
  t.regex(last(publish(8079, 8080)), /^TSNET-tcp-7936-8191 /)
  t.regex(last(publish(7935, 7936)), /^TSNET-tcp-4096-8191 /)
  t.regex(last(publish(8191, 8192)), /^TSNET /)
  t.regex(last(publish(1, 65_535)), /^TSNET /)
})

test('every port lies in the chains that lead to it, at most three below the top', t => {
  const range = fc.tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 0, max: 5000 })).map(([first, more]) => publish(first, Math.min(65_535, first + more)))
  fc.assert(fc.property(range, object => {
    const rules = publishRules(object)
    t.true(rules.length <= 4)
    for (const rule of rules) {
      const [, from = '1', to = '65535'] = /^TSNET-tcp-(\d+)-(\d+)$/.exec(rule.chain) ?? []
      t.true(Number(from) <= object.host.first && object.host.last <= Number(to), rule.chain)
      t.true(rule.chain.length <= 28)
    }
  }))
})
