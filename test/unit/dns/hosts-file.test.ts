import test from 'ava'
import { formatHostsFile } from '../../../dns/hosts-file.ts'

test('hosts has localhost, then --add-host, then the container\'s own addresses', t => {
  t.is(formatHostsFile({
    ipv6: false, extra: [{ address: '10.9.9.9', names: ['db'] }], own: [{ address: '172.17.0.2', names: ['web'] }],
  }), '127.0.0.1\tlocalhost\n10.9.9.9\tdb\n172.17.0.2\tweb\n')
})

test('the IPv6 names are there with IPv6 only', t => {
  const text = formatHostsFile({ ipv6: true, extra: [], own: [] })
  t.is(text.split('\n')[1], '::1\tlocalhost ip6-localhost ip6-loopback')
  t.is(text.trimEnd().split('\n').length, 6)
})
