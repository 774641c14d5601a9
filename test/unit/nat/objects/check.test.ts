import test from 'ava'
import { checked } from '../../../../nat/objects/check.ts'
import type { PublishObject } from '../../../../objects/firewall.ts'

const one = (port: number) => ({ first: port, last: port })
const publish: PublishObject = { kind: 'publish', family: 4, bridge: 'br0', protocol: 'tcp', host: one(8080), containerIp: '10.0.0.2', container: one(80) }

test('names that iptables would read as something else are refused', t => {
  for (const bridge of ['br+', '', 'a b', 'br"0', '-j', 'br\n0', 'sixteen-letters-', '!br0', 'br\\']) {
    t.throws(() => checked({ ...publish, bridge }), { code: 'invalid-argument' }, bridge)
  }
  for (const bridge of ['br0', 'tsbr-5f3a91c2', 'br.100', 'fifteen-letters']) t.is(checked({ ...publish, bridge }).bridge, bridge)
})

test('addresses are of the family, and in their one spelling', t => {
  t.throws(() => checked({ ...publish, containerIp: 'fd00::2' }), { code: 'invalid-address' })
  t.throws(() => checked({ ...publish, hostIp: '1.2.3' }), { code: 'invalid-address' })
  t.throws(() => checked({ kind: 'masquerade', family: 4, bridge: 'br0', subnet: 'fd00::/64' }), { code: 'invalid-subnet' })
  t.is(checked({ ...publish, family: 6, containerIp: 'FD00:0::2' }).containerIp, 'fd00::2')
})

test('the unspecified address is every address, as none is', t => {
  t.deepEqual(checked({ ...publish, hostIp: '0.0.0.0' }), publish)
  t.is(checked({ ...publish, hostIp: '192.0.2.1' }).hostIp, '192.0.2.1')
})

test('ports are numbers from 1 to 65535, in ranges of equal length', t => {
  for (const host of [one(0), one(65_536), { first: 9, last: 8 }, one(1.5), { first: 1, last: 2 }]) {
    t.throws(() => checked({ ...publish, host }), { code: 'invalid-port' }, JSON.stringify(host))
  }
})
