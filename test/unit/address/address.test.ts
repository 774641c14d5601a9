import { isIP } from 'node:net'
import test from 'ava'
import fc from 'fast-check'
import IPCIDR from 'ip-cidr'
import {
  cidrOf, containsCidr, containsIp, formatCidr, lastOf, nthAddress, overlaps, parseCidr, parseInterfaceAddress, sizeOf,
  subnetOf, type Cidr,
} from '../../../address/cidr.ts'
import { canonicalIp, formatIp, ipFromBytes, ipToBytes, isIp, isLoopback, parseIp, type IpAddress } from '../../../address/ip.ts'
import { canonicalMac, macOfIp, macOfName } from '../../../address/mac.ts'

const ipv4 = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((value): IpAddress => ({ family: 4, value }))
const mapped = (value: bigint): boolean => value >> 32n === 0xffffn
const ipv6 = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
  fc.array(fc.constantFrom(0, 0, 1, 0xffff), { minLength: 8, maxLength: 8 }).map(groups =>
    groups.reduce((v, g) => v << 16n | BigInt(g), 0n)))
  .filter(value => !mapped(value)).map((value): IpAddress => ({ family: 6, value }))
const ip = fc.oneof(ipv4, ipv6)
const cidr = ip.chain(address => fc.integer({ min: 0, max: address.family === 4 ? 32 : 128 })
  .map((prefix): Cidr => cidrOf({ ip: address, prefix })))

test('formatting and parsing an address are each other\'s opposite', t => {
  fc.assert(fc.property(ip, address => {
    t.deepEqual(parseIp(formatIp(address)), address)
    t.deepEqual(ipFromBytes(ipToBytes(address)), address)
    t.is(isIP(formatIp(address)), address.family)
  }))
})

test('the canonical text is that of the URL standard, which writes RFC 5952', t => {
  fc.assert(fc.property(ipv6, address => {
    t.is(new URL(`http://[${formatIp(address)}]/`).hostname, `[${formatIp(address)}]`)
  }))
})

test('nothing is an address here that the C library refuses', t => {
  const part = fc.constantFrom('1', '255', '256', '0', '01', 'ffff', '::', ':', '.', '%', 'eth0', ' ', '1.2.3.4', 'g', '00000')
  fc.assert(fc.property(fc.array(part, { maxLength: 12 }).map(parts => parts.join('')), text => {
    if (isIp(text)) t.not(isIP(text), 0, text)
  }), { numRuns: 3000 })
})

for (const text of ['', '1', '1..2.3', '010.1.1.1', '1.1.1.01', '256.1.1.1', '1.2.3', '1.2.3.4.5', '1.2.3.4 ', ' 1.2.3.4',
  '0x1.1.1.1', '1.2.3.-4',
  '::ffff:1.2.3.4', '::ffff:102:304', 'fe80::1%eth0', '::1%', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7::8', ':1::2', '12345::',
  'g::', '::1.2.3', '::01.2.3.4', '1.2.3.4::', '١.2.3.4', '1.2.3.4\n', '[::1]', '4294967295']) {
  test(`${JSON.stringify(text)} (${text.length} characters) is refused as an address`, t => {
    t.throws(() => parseIp(text), { code: 'invalid-address' })
    t.false(isIp(text))
  })
}

test('addresses have one spelling', t => {
  t.is(canonicalIp('2001:DB8:0:0:0:0:0:1'), '2001:db8::1')
  t.is(canonicalIp('::'), '::')
  t.is(canonicalIp('1:0:0:2:0:0:0:3'), '1:0:0:2::3')
  t.is(canonicalIp('1:0:2:3:4:5:6:7'), '1:0:2:3:4:5:6:7')
  t.is(canonicalIp('64:ff9b::192.0.2.1'), '64:ff9b::c000:201')
})

test('a mapped address is refused with the address that was meant', t => {
  t.throws(() => parseIp('::ffff:10.0.0.1'), { message: /write 10\.0\.0\.1$/ })
})

test('subnets with host bits are refused with the right one', t => {
  t.throws(() => parseCidr('10.1.2.3/16'), { code: 'invalid-subnet',
    message: 'read subnet "10.1.2.3/16": it has host bits set; the subnet is 10.1.0.0/16' })
  t.throws(() => parseCidr('fd00::1/64'), { code: 'invalid-subnet', message: /the subnet is fd00::\/64$/ })
})

for (const text of ['10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/08', '10.0.0.0/8 ', '10.0.0.0/255.0.0.0',
  '10.0.0.0/8/8', 'fd00::/129', '::/1e1']) {
  test(`${JSON.stringify(text)} (${text.length} characters) is refused as a subnet`, t => {
    t.throws(() => parseCidr(text), { code: 'invalid-subnet' })
  })
}

test('ranges agree with ip-cidr', t => {
  fc.assert(fc.property(cidr, block => {
    // ip-cidr takes IPv6 text that ends in a dotted quad for IPv4; canonical text has none.
    const oracle = new IPCIDR(formatCidr(block))
    t.is(oracle.start({ type: 'bigInteger' }), block.first)
    t.is(oracle.end({ type: 'bigInteger' }), lastOf(block))
    t.is(oracle.size as bigint, sizeOf(block))
  }), { numRuns: 300 })
})

test('containment and overlap agree with their definitions by ranges', t => {
  const near = fc.tuple(fc.integer({ min: 24, max: 32 }), fc.integer({ min: 24, max: 32 }), fc.integer({ min: 0, max: 255 }),
    fc.integer({ min: 0, max: 255 }))
    .map(([p, q, a, b]) => [cidrOf({ ip: { family: 4, value: 0x0a000000n + BigInt(a) }, prefix: p }),
      cidrOf({ ip: { family: 4, value: 0x0a000000n + BigInt(b) }, prefix: q })] as const)
  fc.assert(fc.property(near, ([a, b]) => {
    const inside = (x: Cidr): bigint[] => Array.from({ length: Number(sizeOf(x)) }, (_, i) => x.first + BigInt(i))
    const common = inside(a).filter(value => containsIp(b, { family: 4, value }))
    t.is(overlaps(a, b), common.length > 0)
    t.is(overlaps(b, a), common.length > 0)
    t.is(containsCidr(a, b), common.length === inside(b).length)
  }))
})

test('families never overlap', t => {
  t.false(overlaps(parseCidr('0.0.0.0/0'), parseCidr('::/0')))
  t.false(containsIp(parseCidr('::/0'), parseIp('1.2.3.4')))
})

test('the n-th address counts from both ends and stays inside', t => {
  const block = parseCidr('10.0.0.0/30')
  t.is(formatIp(nthAddress(block, 1n)), '10.0.0.1')
  t.is(formatIp(nthAddress(block, -1n)), '10.0.0.3')
  t.throws(() => nthAddress(block, 4n), { code: 'invalid-address' })
  t.throws(() => nthAddress(block, -5n), { code: 'invalid-address' })
  t.is(formatIp(nthAddress(parseCidr('fd00::/64'), -1n)), 'fd00::ffff:ffff:ffff:ffff')
  t.is(sizeOf(parseCidr('::/0')), 2n ** 128n)
})

test('an interface address keeps its host bits and knows its subnet', t => {
  t.deepEqual(parseInterfaceAddress('172.17.0.1/16'), { ip: parseIp('172.17.0.1'), prefix: 16 })
  t.is(subnetOf('172.17.3.1/16'), '172.17.0.0/16')
})

test('loopback addresses are known', t => {
  t.true(['127.0.0.1', '127.255.0.1', '::1'].every(text => isLoopback(parseIp(text))))
  t.false(['126.0.0.1', '128.0.0.1', '::', '::2'].some(text => isLoopback(parseIp(text))))
})

test('MAC addresses are read strictly and derived from addresses', t => {
  t.is(canonicalMac('02-42-AC-11-00-02'), '02:42:ac:11:00:02')
  for (const bad of ['', '02:42', '01:00:00:00:00:00', '00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '2:42:ac:11:0:2',
    '02:42:ac:11:00:0g']) {
    t.throws(() => canonicalMac(bad), { code: 'invalid-address' })
  }
  t.is(macOfIp(parseIp('172.17.0.2')), '02:42:ac:11:00:02')
  t.is(macOfIp(parseIp('fd00::a:b')), '02:42:00:0a:00:0b')
  // The hash of an empty text, and of "foobar", in its authors' own list.
  t.deepEqual(['', 'foobar'].map(macOfName), ['02:42:81:1c:9d:c5', '02:42:bf:9c:f9:68'])
})
