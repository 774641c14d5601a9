import test from 'ava'
import { Askers } from '../../../dns/askers.ts'

const askers = new Askers({ link: 'tsbr-blue', subnets: ['172.18.0.0/24', 'fd00::/64'] })

for (const [from, mayAsk] of [
  ['172.18.0.2', true], ['172.18.0.1', true], ['172.18.1.2', false], ['192.0.2.2', false], ['fd00::2', true], ['fd00:0:0:1::2', false],
  ['2001:db8::2', false], ['fe80::2%tsbr-blue', true], ['fe80::2%eth0', false], ['fe80::2', false], ['fe80::2%', false],
] as const) {
  test(`${from} is ${mayAsk ? '' : 'not '}answered`, t => {
    t.is(askers.has(from), mayAsk)
  })
}
