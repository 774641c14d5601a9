import test from 'ava'
import { NftablesFirewall } from '../../../../nat/nftables/firewall.ts'
import { publishPieces } from '../../../../nat/nftables/publish.ts'
import type { PublishObject } from '../../../../objects/firewall.ts'

const publish = (first: number, last: number, options: Partial<PublishObject> = {}): PublishObject => ({
  kind: 'publish', family: 4, bridge: 'br0', protocol: 'tcp', host: { first, last }, containerIp: '10.0.0.2', container: { first, last }, ...options,
})
const described = (object: PublishObject): readonly string[] => new NftablesFirewall().describe(object)

test('a single port is one element of the hash map, with or without an address', t => {
  t.deepEqual(described(publish(8080, 8080, { container: { first: 80, last: 80 } })), ['nft add element ip tsnet ports { tcp . 8080 : 10.0.0.2 . 80 }'])
  t.deepEqual(described(publish(8080, 8080, { hostIp: '127.0.0.1', protocol: 'udp' })),
    ['nft add element ip tsnet address-ports { 127.0.0.1 . udp . 8080 : 10.0.0.2 . 8080 }'])
})

test('a range that keeps its numbers is one interval, also up to the last port', t => {
  t.deepEqual(described(publish(20_000, 29_999)), ['nft add element ip tsnet tcp-ranges { 20000-29999 : 10.0.0.2 }'])
  t.deepEqual(described(publish(60_000, 65_535, { protocol: 'udp' })), ['nft add element ip tsnet udp-ranges { 60000-65535 : 10.0.0.2 }'])
  t.is(publishPieces(publish(60_000, 65_535)).maps[0]?.elements.length, 1)
})

test('a range that is shifted, or on one address, is one element a port', t => {
  t.deepEqual(described(publish(8000, 8001, { container: { first: 80, last: 81 } })),
    ['nft add element ip tsnet ports { tcp . 8000 : 10.0.0.2 . 80, tcp . 8001 : 10.0.0.2 . 81 }'])
  t.is(publishPieces(publish(8000, 8099, { hostIp: '192.0.2.1' })).maps[0]?.elements.length, 100)
})

test('a port of a routed network is a member of a set', t => {
  t.deepEqual(described(publish(80, 80, { routed: true, family: 6, containerIp: 'fd00::2' })), ['nft add element ip6 tsnet routed-ports { fd00::2 . tcp . 80 }'])
})
