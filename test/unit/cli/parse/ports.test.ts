/** `-p`: Docker's syntax, and what is refused. */
import test from 'ava'
import { parseExposed, parsePort } from '../../../../cli/parse/ports.ts'

const one = (port: number) => ({ first: port, last: port })
const range = (first: number, last: number) => ({ first, last })

for (const [text, expected] of [
  ['80', { protocol: 'tcp', container: one(80) }],
  ['8888:80', { protocol: 'tcp', host: one(8888), container: one(80) }],
  ['8888:80/tcp', { protocol: 'tcp', host: one(8888), container: one(80) }],
  ['53:53/udp', { protocol: 'udp', host: one(53), container: one(53) }],
  ['53:53/UDP', { protocol: 'udp', host: one(53), container: one(53) }],
  ['9:9/sctp', { protocol: 'sctp', host: one(9), container: one(9) }],
  ['127.0.0.1:8888:80/tcp', { protocol: 'tcp', hostIp: '127.0.0.1', host: one(8888), container: one(80) }],
  ['127.0.0.1::80', { protocol: 'tcp', hostIp: '127.0.0.1', container: one(80) }],
  [':80', { protocol: 'tcp', container: one(80) }],
  ['::80', { protocol: 'tcp', container: one(80) }],
  [':8888:80', { protocol: 'tcp', host: one(8888), container: one(80) }],
  ['0:80', { protocol: 'tcp', container: one(80) }],
  ['[::1]:8080:80', { protocol: 'tcp', hostIp: '::1', host: one(8080), container: one(80) }],
  ['[::]::80/udp', { protocol: 'udp', hostIp: '::', container: one(80) }],
  ['8000-8010:8000-8010', { protocol: 'tcp', host: range(8000, 8010), container: range(8000, 8010) }],
  ['9000-9010:8000-8010/udp', { protocol: 'udp', host: range(9000, 9010), container: range(8000, 8010) }],
  ['8000-8010:80', { protocol: 'tcp', host: range(8000, 8010), container: one(80) }],
  ['8000-8010', { protocol: 'tcp', container: range(8000, 8010) }],
  ['1:65535', { protocol: 'tcp', host: one(1), container: one(65535) }],
] as const) {
  test(`-p ${text}`, t => {
    t.deepEqual<unknown, unknown>(parsePort(text), expected)
  })
}

for (const [text, reason] of [
  ['', /the container port is missing/],
  [':', /the container port is missing/],
  ['8080:', /the container port is missing/],
  ['0', /"0" is no port between 1 and 65535/],
  ['65536', /"65536" is no port/],
  ['80:99999', /"99999" is no port/],
  ['http', /"http" is no port/],
  ['-80', /"" is no port/],
  ['80-', /"" is no port/],
  ['80.5', /"80\.5" is no port/],
  ['0x50', /"0x50" is no port/],
  [' 80', /" 80" is no port/],
  ['8010-8000', /runs backwards/],
  ['1-2-3', /"1-2-3" is no port or range/],
  ['8000-8010:80-81', /differ in length \(11 and 2 ports\)/],
  ['8000:80-81', /differ in length \(1 and 2 ports\)/],
  ['80/icmp', /"icmp" is no protocol/],
  ['80/', /"" is no protocol/],
  ['80/tcp/udp', /"tcp\/udp" is no protocol/],
  ['127.0.0.1:80', /"127\.0\.0\.1" is no port/],
  ['localhost:8080:80', /"localhost" is no IPv4 address/],
  ['256.0.0.1:8080:80', /"256\.0\.0\.1" is no IPv4 address/],
  ['[127.0.0.1]:80:80', /"127\.0\.0\.1" is no IPv6 address/],
  ['[::g]:80:80', /"::g" is no IPv6 address/],
  ['::1:8080:80', /too many parts \(an IPv6 address is written in brackets\)/],
  ['[::1', /an IPv6 address ends with "\]:"/],
  ['224.0.0.1:80:80', /"224\.0\.0\.1" is a group address/],
  ['255.255.255.255:80:80', /is a group address/],
  ['[ff02::1]:80:80', /"ff02::1" is a group address/],
  ['1:2:3:4', /too many parts/],
] as const) {
  test(`-p "${text}" is refused`, t => {
    const error = t.throws(() => parsePort(text), { code: 'invalid-port', message: reason })
    t.true(error?.message.startsWith(`publish "${text}": `))
    t.regex(error?.message ?? '', /examples: 8080:80, /)
    t.false(error?.message.includes('\n'))
  })
}

test('an exposed port is a port or a range of one protocol', t => {
  t.deepEqual(parseExposed('80'), ['80/tcp'])
  t.deepEqual(parseExposed('53-54/UDP'), ['53/udp', '54/udp'])
  t.throws(() => parseExposed('8080:80'), { code: 'invalid-port', message: /^expose "8080:80": "8080:80" is no port.*examples: 80, 53\/udp/ })
  t.throws(() => parseExposed('80/icmp'), { code: 'invalid-port', message: /no protocol/ })
})
