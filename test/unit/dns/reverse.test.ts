import test from 'ava'
import { formatIp } from '../../../address/ip.ts'
import { addressOfName } from '../../../dns/reverse.ts'

for (const [name, address] of [
  ['2.0.18.172.in-addr.arpa', '172.18.0.2'],
  [`2.${'0.'.repeat(27)}0.d.f.`.split('.').slice(0, 28).concat('0', '0', 'd', 'f').join('.') + '.ip6.arpa', 'fd00::2'],
  ['0.18.172.in-addr.arpa', undefined], ['256.0.18.172.in-addr.arpa', undefined], ['02.0.18.172.in-addr.arpa', undefined],
  ['1.2.3.4.ip6.arpa', undefined], ['2.0.18.172.in-addr.example', undefined], ['web', undefined], ['', undefined],
] as const) {
  test(`${name.slice(0, 30) || 'the root'} is the name of ${address ?? 'no address'}`, t => {
    const found = addressOfName(name)
    t.is(found === undefined ? undefined : formatIp(found), address)
  })
}
