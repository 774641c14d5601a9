import test from 'ava'
import type { PortRequest } from '../../../../cnm/types.ts'
import { askedWithout } from '../../../../runtime/container/asked-ports.ts'

type Range = readonly [first: number, last: number]
const asked = (host: Range | undefined, container: Range, more: Partial<PortRequest> = {}): PortRequest => ({
  protocol: 'tcp', container: { first: container[0], last: container[1] },
  ...host === undefined ? {} : { host: { first: host[0], last: host[1] } }, ...more,
})
const gone = (host: number, container: number, more: Partial<PortRequest> = {}): PortRequest => asked([host, host], [container, container], more)

test('a range that has lost its middle is asked for as two', t => {
  t.deepEqual(askedWithout([asked([7000, 7009], [5000, 5009]), asked([80, 80], [80, 80])], [gone(7003, 5003), gone(7009, 5009)]), [
    asked([7000, 7002], [5000, 5002]), asked([7004, 7008], [5004, 5008]), asked([80, 80], [80, 80]),
  ])
})

test('a choice of host ports, or no host port at all, goes with the port that was chosen', t => {
  t.deepEqual(askedWithout([asked([8000, 8010], [80, 80]), asked(undefined, [81, 81]), asked([9000, 9010], [80, 80])], [gone(8003, 80), gone(40_000, 81)]),
    [asked([9000, 9010], [80, 80])])
  t.deepEqual(askedWithout([asked(undefined, [80, 82])], [gone(40_001, 81)]), [asked(undefined, [80, 80]), asked(undefined, [82, 82])])
})

test('where the host had no port for it, the one that was asked for does not matter', t => {
  t.deepEqual(askedWithout([asked([7310, 7310], [80, 80]), asked([7311, 7311], [81, 81])], [asked(undefined, [80, 80])]), [asked([7311, 7311], [81, 81])])
})

test('another protocol or address is another port', t => {
  const all = [asked([80, 80], [80, 80], { protocol: 'udp' }), asked([80, 80], [80, 80], { hostIp: '127.0.0.1' })]
  t.deepEqual(askedWithout(all, [gone(80, 80), gone(80, 80, { hostIp: '::1' })]), all)
  t.deepEqual(askedWithout(all, [gone(80, 80, { hostIp: '127.0.0.1' })]), all.slice(0, 1))
})
