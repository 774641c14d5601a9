import test from 'ava'
import { parseEndpointOptions } from '../../../drivers/bridge/endpoint-options.ts'
import { bridgeDriver } from '../../../drivers/bridge/driver.ts'
import { endpoint, facts, network, sandbox } from './fixtures.ts'

const name = 'com.docker.network.endpoint.ifname'
const settings = 'com.docker.network.endpoint.sysctls'

test('the interface\'s name and settings are read', t => {
  t.deepEqual(parseEndpointOptions({}), { sysctls: [] })
  t.deepEqual(parseEndpointOptions({ [name]: 'lan0', [settings]: 'net.ipv4.conf.IFNAME.log_martians=1, net.ipv6.neigh.IFNAME.retrans_time_ms=5' }), {
    interfaceName: 'lan0',
    sysctls: [{ key: 'net/ipv4/conf/IFNAME/log_martians', value: '1' }, { key: 'net/ipv6/neigh/IFNAME/retrans_time_ms', value: '5' }],
  })
})

for (const [option, value] of [
  [name, ''], [name, 'lo'], [name, 'a/b'], [name, 'sixteen-letters-'], [settings, ''], [settings, 'net.ipv4.conf.IFNAME.log_martians'],
  [settings, 'net.ipv4.conf.eth0.log_martians=1'], [settings, 'net.ipv4.ip_forward=1'], [settings, 'kernel.hostname=x'],
  [settings, 'net.ipv4.conf.IFNAME/../all.forwarding=1'],
] as const) {
  test(`refused: ${option}=${value}`, t => {
    t.throws(() => parseEndpointOptions({ [option]: value }), { code: 'invalid-option' })
  })
}

test('an unknown option is refused with the nearest name', t => {
  t.throws(() => parseEndpointOptions({ 'com.docker.network.endpoint.sysctl': 'x' }), { code: 'invalid-option', message: new RegExp(`"${settings}"$`) })
})

test('a setting that was asked for takes the place of what tsnet would set, before the addresses', t => {
  const on = network({ families: '46' })
  const asked = { key: 'net/ipv6/conf/eth0/accept_ra', value: '2' }
  const objects = bridgeDriver.endpointObjects(on, endpoint(on, { sysctls: [asked] }), sandbox, facts)
  const about = objects.filter(object => object.kind === 'sysctl' && object.key === asked.key)
  t.deepEqual(about, [{ kind: 'sysctl', ...asked, netns: sandbox.netns ?? '' }])
  t.true(objects.indexOf(about[0]!) < objects.findIndex(({ kind }) => kind === 'address'))
})

test('bandwidths have a rate and a burst, and become limits of both ends of the pair, after the link is up', t => {
  const options = { 'tsnet.bandwidth.ingress': '100mbit', 'tsnet.bandwidth.egress': '1.5Gbit/256k' }
  t.like(parseEndpointOptions(options), {
    ingress: { bitsPerSecond: 100_000_000, burstBytes: 125_000 }, egress: { bitsPerSecond: 1_500_000_000, burstBytes: 262_144 },
  })
  t.like(parseEndpointOptions({ 'tsnet.bandwidth.ingress': '64kbit' }), { ingress: { bitsPerSecond: 64_000, burstBytes: 32_768 } })
  const on = network({ families: '4' })
  const objects = bridgeDriver.endpointObjects(on, endpoint(on, { options }), sandbox, facts)
  const limits = objects.filter(object => object.kind === 'bandwidth')
  t.deepEqual(limits.map(limit => [limit.on, limit.netns]), [[endpoint(on).hostInterface, undefined], ['eth0', sandbox.netns]])
  t.true(objects.indexOf(limits[0]!) > objects.findIndex(({ kind }) => kind === 'link-up'))
})

for (const value of ['', 'x', '-1mbit', '7kbit', '10mbps', '2000gbit', '1mbit/', '1mbit/9', '1mbit/3g', '1mbit/4096m', 'Infinity']) {
  test(`refused as a bandwidth: "${value}"`, t => {
    const message = value.startsWith('1mbit/') ? /a burst is a number/ : /a rate is a number/
    t.throws(() => parseEndpointOptions({ 'tsnet.bandwidth.egress': value }), { code: 'invalid-option', message })
  })
}

test('where another runtime moves the link, what is received is limited, and what is sent cannot be', t => {
  const on = network({ families: '4' })
  const objects = (options: Readonly<Record<string, string>>) => bridgeDriver.foreignObjects?.(on, endpoint(on, { options }), facts) ?? []
  t.deepEqual(objects({ 'tsnet.bandwidth.ingress': '1mbit' }).filter(({ kind }) => kind === 'bandwidth'),
    [{ kind: 'bandwidth', on: endpoint(on).hostInterface, bitsPerSecond: 1_000_000, burstBytes: 32_768 }])
  t.throws(() => objects({ 'tsnet.bandwidth.egress': '1mbit' }), { code: 'invalid-option', message: /another runtime moves its link/ })
})
