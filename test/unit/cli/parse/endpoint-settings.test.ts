import test from 'ava'
import { endpointSettings, parseLongForm } from '../../../../cli/parse/endpoint-settings.ts'
import { parseNetworkModes } from '../../../../cli/parse/network-mode.ts'

test('the long form of --network', t => {
  t.deepEqual(parseLongForm('name=blue,ip=10.0.0.9,ip6=fd00::9,mac-address=02:00:00:00:00:09,alias=db,alias=sql,gw-priority=-2'), {
    network: 'blue', ip: '10.0.0.9', ip6: 'fd00::9', mac: '02:00:00:00:00:09', aliases: ['db', 'sql'], gwPriority: -2,
  })
  t.deepEqual(parseLongForm('name=blue,"driver-opt=com.docker.network.endpoint.sysctls=a=1,b=2",driver-opt=x=y'), {
    network: 'blue', driverOptions: { 'com.docker.network.endpoint.sysctls': 'a=1,b=2', x: 'y' },
  })
})

for (const [text, message] of [
  ['ip=10.0.0.9', /the name of the network is missing/], ['name=', /without a value/], ['name=a,name=b', /twice/],
  ['name=a,adress=1', /there is no "adress"/], ['name=a,gw-priority=high', /no whole number/],
  ['name=a,gw-priority=99999999999', /of at most nine digits/], ['name=a,"driver-opt=x=1', /a double quote is not closed/],
] as const) {
  test(`refused: ${text}`, t => { t.throws(() => parseLongForm(text), { code: 'invalid-argument', message }) })
}

test('link-local addresses, of one network or of the first', t => {
  t.deepEqual(endpointSettings('blue', { linkLocalIp: ['169.254.0.9', 'fe80::9'] }), { network: 'blue', linkLocal: ['169.254.0.9', 'fe80::9'] })
  t.deepEqual(parseLongForm('name=blue,link-local-ip=169.254.0.9'), { network: 'blue', linkLocal: ['169.254.0.9'] })
  t.deepEqual(parseNetworkModes(['blue'], { linkLocal: ['169.254.0.9'] }), {
    mode: 'bridge', network: 'blue', endpoints: [{ network: 'blue', linkLocal: ['169.254.0.9'] }],
  })
  t.throws(() => parseNetworkModes(['host'], { linkLocal: ['169.254.0.9'] }), { code: 'conflicting-options', message: /^--link-local-ip: / })
})

test('--network several times, the first with what --ip and its like say', t => {
  t.deepEqual(parseNetworkModes([], {}), { mode: 'bridge', network: 'bridge' })
  t.deepEqual(parseNetworkModes(['blue'], { ip: '10.0.0.9' }), { mode: 'bridge', network: 'blue' })
  t.deepEqual(parseNetworkModes(['none'], {}), { mode: 'none' })
  t.deepEqual(parseNetworkModes(['blue', 'name=red,gw-priority=1', 'default'], { ip: '10.0.0.9' }), {
    mode: 'bridge', network: 'blue',
    endpoints: [{ network: 'blue', ip: '10.0.0.9' }, { network: 'red', gwPriority: 1 }, { network: 'bridge' }],
  })
  t.deepEqual(parseNetworkModes(['blue'], { aliases: ['db'] }), { mode: 'bridge', network: 'blue', endpoints: [{ network: 'blue', aliases: ['db'] }] })
})

test('bandwidths of one network in the long form, and of the first by --bandwidth', t => {
  t.deepEqual(parseLongForm('name=blue,ingress=1mbit,egress=2mbit/64k'), {
    network: 'blue', driverOptions: { 'tsnet.bandwidth.ingress': '1mbit', 'tsnet.bandwidth.egress': '2mbit/64k' },
  })
  const driverOptions = { 'tsnet.bandwidth.ingress': '1mbit' }
  t.deepEqual(parseNetworkModes(['name=blue,driver-opt=x=y', 'red'], { driverOptions }), {
    mode: 'bridge', network: 'blue', endpoints: [{ network: 'blue', driverOptions: { x: 'y', ...driverOptions } }, { network: 'red' }],
  })
  t.throws(() => parseNetworkModes(['name=blue,ingress=2mbit'], { driverOptions }), { code: 'conflicting-options', message: /^--bandwidth: / })
  t.throws(() => parseNetworkModes(['none'], { driverOptions }), { code: 'conflicting-options' })
  for (const bandwidth of ['', '1mbit', 'ingress', 'ingress=', 'up=1mbit', 'ingress=1mbit,', 'ingress=1mbit,ingress=2mbit']) {
    t.throws(() => endpointSettings('blue', { bandwidth }), { code: 'invalid-argument', message: /^bandwidth / }, bandwidth)
  }
})

test('networks that exclude each other, and addresses given twice', t => {
  t.throws(() => parseNetworkModes(['blue', 'none'], {}), { code: 'conflicting-options' })
  t.throws(() => parseNetworkModes(['container:x', 'blue'], {}), { code: 'conflicting-options' })
  t.throws(() => parseNetworkModes(['host'], { aliases: ['db'] }), { code: 'conflicting-options' })
  for (const name of ['host', 'none', 'container:x']) {
    t.throws(() => parseNetworkModes([`name=${name}`], {}), { code: 'conflicting-options', message: new RegExp(`write --network ${name}$`) })
  }
  t.throws(() => parseNetworkModes(['name=blue,ip=10.0.0.9'], { ip: '10.0.0.8' }), { code: 'conflicting-options' })
})
