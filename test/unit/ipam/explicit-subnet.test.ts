import test from 'ava'
import { checkSubnet } from '../../../ipam/explicit-subnet.ts'

test('a subnet with all its parts is told in canonical text', async t => {
  t.deepEqual(await checkSubnet({ subnet: '10.1.0.0/16', gateway: '10.1.0.254', ipRange: '10.1.2.0/24',
    auxAddresses: { router: '10.1.0.2' } }),
    { family: 4, cidr: '10.1.0.0/16', gateway: '10.1.0.254', ipRange: '10.1.2.0/24', auxAddresses: { router: '10.1.0.2' } })
  t.deepEqual(await checkSubnet({ subnet: 'FD00:0::/64', gateway: 'fd00::0001' }),
    { family: 6, cidr: 'fd00::/64', gateway: 'fd00::1', auxAddresses: {} })
})

const refusals: readonly (readonly [Parameters<typeof checkSubnet>[0], string, RegExp])[] = [
  [{ subnet: '10.1.2.3/16' }, 'invalid-subnet', /has host bits set; the subnet is 10\.1\.0\.0\/16$/],
  [{ gateway: '10.0.0.1' }, 'invalid-subnet', /^read --gateway: it needs a --subnet/],
  [{ ipRange: '10.0.0.0/24' }, 'invalid-subnet', /^read --ip-range/],
  [{ subnet: '10.0.0.0/24', gateway: '10.0.1.1' }, 'invalid-address',
    /^read --gateway 10\.0\.1\.1: it is outside the subnet 10\.0\.0\.0\/24$/],
  [{ subnet: '10.0.0.0/24', gateway: 'fd00::1' }, 'invalid-address', /outside/],
  [{ subnet: '10.0.0.0/24', gateway: '10.0.0.0' }, 'invalid-address', /network address/],
  [{ subnet: '10.0.0.0/24', gateway: '10.0.0.255' }, 'invalid-address', /broadcast address/],
  [{ subnet: '10.0.0.0/24', gateway: '10.0.0.01' }, 'invalid-address', /octal/],
  [{ subnet: '10.0.0.0/24', ipRange: '10.0.0.0/16' }, 'invalid-subnet', /not inside/],
  [{ subnet: '10.0.0.0/24', ipRange: '10.0.1.0/25' }, 'invalid-subnet', /not inside/],
  [{ subnet: '10.0.0.0/24', ipRange: '10.0.0.7/25' }, 'invalid-subnet', /host bits/],
  [{ subnet: '10.0.0.0/24', auxAddresses: { a: '10.1.0.1' } }, 'invalid-address', /--aux-address a= 10\.1\.0\.1/],
  [{ subnet: '10.0.0.0/24', gateway: '10.0.0.1', auxAddresses: { a: '10.0.0.1' } }, 'address-in-use',
    /it is the gateway as well$/],
  [{ subnet: '10.0.0.0/24', auxAddresses: { a: '10.0.0.1', b: '10.0.0.1' } }, 'address-in-use', /it is --aux-address a as well$/],
  [{ subnet: '127.0.0.0/24' }, 'invalid-subnet', /127\.0\.0\.0\/8 is for loopback$/],
  [{ subnet: '0.0.0.0/0' }, 'invalid-subnet', /is for this network/],
  [{ subnet: '239.0.0.0/24' }, 'invalid-subnet', /multicast/],
  [{ subnet: 'fe80::/64' }, 'invalid-subnet', /link-local/],
  [{ subnet: '' }, 'invalid-subnet', /prefix length is missing/],
  [{ subnet: '10.0.0.0/24; rm -rf /' }, 'invalid-subnet', /prefix length is not a number/],
]
for (const [input, code, message] of refusals) {
  test(`${JSON.stringify(input)} is refused with ${code}`, async t =>
    { await t.throwsAsync(checkSubnet(input), { code, message }) })
}
