import test from 'ava'
import { portRequests } from '../../../plugin-api/port-requests.ts'

const tcp = (Port: number, HostPort: number, HostPortEnd = HostPort): { readonly Proto: number, readonly Port: number, readonly HostPort: number, readonly HostPortEnd: number } =>
  ({ Proto: 6, Port, HostPort, HostPortEnd })

test('a thousand bindings that follow on each other are one range, in whatever order they come', t => {
  const bindings = Array.from({ length: 1000 }, (_, i) => tcp(80 + i * 7 % 1000, 8000 + i * 7 % 1000))
  t.deepEqual(portRequests(bindings), [{ protocol: 'tcp', host: { first: 8000, last: 8999 }, container: { first: 80, last: 1079 } }])
})

test('a gap, another protocol or another address ends a range', t => {
  t.is(portRequests([tcp(80, 8000), tcp(82, 8001)]).length, 2)
  t.is(portRequests([tcp(80, 8000), tcp(81, 8002)]).length, 2)
  t.is(portRequests([tcp(80, 8000), { ...tcp(81, 8001), Proto: 17 }]).length, 2)
  t.is(portRequests([tcp(80, 8000), { ...tcp(81, 8001), HostIP: '127.0.0.1' }]).length, 2)
})

test('host port 0 lets tsnet choose, a range the first that is free', t => {
  t.deepEqual(portRequests([tcp(80, 0)]), [{ protocol: 'tcp', container: { first: 80, last: 80 } }])
  t.deepEqual(portRequests([tcp(80, 8000, 8010)]), [{ protocol: 'tcp', container: { first: 80, last: 80 }, host: { first: 8000, last: 8010 } }])
  t.is(portRequests([tcp(80, 8000, 8010), tcp(81, 8011)]).length, 2)
})

test('UDP and SCTP go by their numbers, others are refused', t => {
  t.deepEqual(portRequests([{ Proto: 17, Port: 53 }, { Proto: 132, Port: 9 }]).map(({ protocol }) => protocol), ['sctp', 'udp'])
  t.throws(() => portRequests([{ Proto: 1, Port: 8 }]), { code: 'invalid-port', message: /neither TCP, UDP nor SCTP/ })
  t.throws(() => portRequests([{ Proto: 6, Port: 0 }]), { code: 'invalid-port' })
  t.throws(() => portRequests([tcp(80, 9000, 8000)]), { code: 'invalid-port', message: /no range/ })
})
