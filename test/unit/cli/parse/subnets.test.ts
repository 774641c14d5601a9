/** Which subnet a gateway, a range and a reserved address belong to. */
import test from 'ava'
import { subnetSpecs, type SubnetFlags } from '../../../../cli/parse/subnets.ts'

const flags = (given: Partial<SubnetFlags>): SubnetFlags => ({ subnets: [], gateways: [], ranges: [], aux: {}, ...given })

test('each goes to the subnet it lies in, whatever the order', t => {
  t.deepEqual(subnetSpecs(flags({
    subnets: ['10.1.0.0/16', 'fd00:1::/64'], gateways: ['fd00:1::9', '10.1.2.3'], ranges: ['10.1.4.0/24'], aux: { printer: '10.1.0.9', nas: 'fd00:1::5' },
  })), [
    { subnet: '10.1.0.0/16', gateway: '10.1.2.3', ipRange: '10.1.4.0/24', auxAddresses: { printer: '10.1.0.9' } },
    { subnet: 'fd00:1::/64', gateway: 'fd00:1::9', auxAddresses: { nas: 'fd00:1::5' } },
  ])
})

test('without flags there is nothing to say', t => {
  t.deepEqual(subnetSpecs(flags({})), [])
})

for (const [given, code, message] of [
  [{ gateways: ['10.1.0.1'] }, 'invalid-address', '--gateway "10.1.0.1": give the --subnet it belongs to, too'],
  [{ subnets: ['10.1.0.0/24'], gateways: ['10.2.0.1'] }, 'invalid-address', '--gateway "10.2.0.1": it is in none of the subnets 10.1.0.0/24'],
  [{ subnets: ['10.1.0.0/24'], ranges: ['10.2.0.0/25'] }, 'invalid-address', '--ip-range "10.2.0.0/25": it is in none of the subnets 10.1.0.0/24'],
  [{ subnets: ['10.1.0.0/24'], aux: { a: '10.2.0.1' } }, 'invalid-address', '--aux-address "a=10.2.0.1": it is in none of the subnets 10.1.0.0/24'],
  [{ subnets: ['10.1.0.0/24'], aux: { '10.1.0.9': '' } }, 'invalid-argument',
    '--aux-address "10.1.0.9": it is no NAME=ADDRESS; example: printer=10.20.0.9'],
  [{ subnets: ['10.1.0.0/24'], gateways: ['10.1.0.1', '10.1.0.2'] }, 'invalid-argument',
    '--gateway "10.1.0.2": subnet 10.1.0.0/24 has 10.1.0.1 already'],
  [{ subnets: ['10.1.0.0/24'], ranges: ['10.1.0.0/25', '10.1.0.128/25'] }, 'invalid-argument',
    '--ip-range "10.1.0.128/25": subnet 10.1.0.0/24 has 10.1.0.0/25 already'],
] as const) {
  test(`refused: ${message}`, t => {
    t.throws(() => subnetSpecs(flags(given)), { code, message })
  })
}

for (const [given, code] of [
  [{ subnets: ['10.1.0.0'] }, 'invalid-subnet'],
  [{ subnets: ['10.1.0.0/33'] }, 'invalid-subnet'],
  [{ subnets: ['10.1.0.0/24'], gateways: ['gate'] }, 'invalid-address'],
] as const) {
  test(`${JSON.stringify(given)} is refused with ${code}`, t => {
    t.throws(() => subnetSpecs(flags(given)), { code })
  })
}
