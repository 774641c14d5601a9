import test from 'ava'
import type { NetworkIntent } from '../../../cnm/driver.ts'
import { bridgeDriver } from '../../../drivers/bridge/driver.ts'
import { parseBridgeOptions } from '../../../drivers/bridge/options.ts'
import type { PortBinding } from '../../../cnm/types.ts'
import { containerDriver } from '../../../drivers/container/driver.ts'
import { hostDriver } from '../../../drivers/host/driver.ts'
import { noneDriver } from '../../../drivers/none/driver.ts'
import { endpoint, facts, network, sandbox, unparsedNetwork } from './fixtures.ts'

const parse = (options: Record<string, string>, internal = false): unknown =>
  parseBridgeOptions(unparsedNetwork({ options, internal }), facts)
const prefix = 'com.docker.network'
const wildcard: PortBinding = { protocol: 'tcp', host: { first: 8080, last: 8080 }, container: { first: 80, last: 80 } }

test('options have Docker\'s names and defaults', t => {
  t.deepEqual(parse({}), {
    bridgeName: 'tsbr-5f3a91c2', mtu: 1500, icc: true, masquerade: true, gatewayModeV4: 'nat', gatewayModeV6: 'nat',
      interfacePrefix: 'eth',
  })
  t.deepEqual(parse({
    [`${prefix}.bridge.name`]: 'br-x.1', [`${prefix}.driver.mtu`]: '9000', [`${prefix}.bridge.enable_icc`]: 'F',
    [`${prefix}.bridge.enable_ip_masquerade`]: '0', [`${prefix}.bridge.gateway_mode_ipv4`]: 'routed',
    [`${prefix}.bridge.gateway_mode_ipv6`]: 'nat-unprotected', [`${prefix}.container_iface_prefix`]: 'net',
    [`${prefix}.host_ipv4`]: '192.0.2.1', [`${prefix}.host_ipv6`]: '2001:DB8::1',
      [`${prefix}.bridge.host_binding_ipv4`]: '127.0.0.1',
  }), {
    bridgeName: 'br-x.1', mtu: 9000, icc: false, masquerade: false, gatewayModeV4: 'routed', gatewayModeV6: 'nat-unprotected',
    interfacePrefix: 'net', snatV4: '192.0.2.1', snatV6: '2001:db8::1', hostBindingV4: '127.0.0.1',
  })
})

test('an unknown option is refused with the nearest known one', t => {
  const nearest = (name: string): unknown => t.throws(() => parse({ [name]: '1' }), { code: 'invalid-option' },
    name)?.message.match(/"([^"]+)"$/)?.[1]
  t.is(nearest('com.docker.network.bridge.icc'), 'com.docker.network.bridge.enable_icc')
  t.is(nearest('mtu'), 'com.docker.network.driver.mtu')
  t.is(nearest('com.docker.network.mtu'), 'com.docker.network.driver.mtu')
  t.is(nearest('com.docker.network.bridge.nmae'), 'com.docker.network.bridge.name')
  t.is(nearest('com.docker.network.bridge.gateway_mode_ipv5'), 'com.docker.network.bridge.gateway_mode_ipv4')
  t.throws(() => parse({ __proto__x: '1' }), { code: 'invalid-option' })
  t.throws(() => parse({ constructor: '1' }), { code: 'invalid-option' })
})

for (const [name, value] of [
  ['bridge.name', 'a name'], ['bridge.name', 'sixteen-letters-'], ['bridge.name', '../etc'], ['bridge.name', ''],
    ['bridge.name', '-x'], ['bridge.name', '.'], ['bridge.name', 'br+'],
  ['bridge.enable_icc', 'yes'], ['bridge.enable_ip_masquerade', ''], ['driver.mtu', '0'], ['driver.mtu', '67'],
    ['driver.mtu', '65536'],
  ['driver.mtu', '1e3'], ['bridge.gateway_mode_ipv4', 'bridge'], ['host_ipv4', 'fd00::1'], ['host_ipv6', '10.0.0.1'],
  ['bridge.host_binding_ipv4', '::'], ['container_iface_prefix', 'a/b'], ['container_iface_prefix', 'lo'],
    ['container_iface_prefix', 'abcdefghijklm'],
] as const) {
  test(`option ${name}=${JSON.stringify(value)} is refused`, t =>
    { t.throws(() => parse({ [`${prefix}.${name}`]: value }), { code: 'invalid-option' }) })
}

test('trusted interfaces, an address of somebody else\'s, false senders and the publish policy', t => {
  t.like(parse({ [`${prefix}.bridge.trusted_host_interfaces`]: 'eth1:wg0', [`${prefix}.bridge.inhibit_ipv4`]: 'true', 'tsnet.anti_spoofing': '0' }),
    { trustedInterfaces: ['eth1', 'wg0'], inhibitV4: true, antiSpoofing: false })
  const policy = (value: string): unknown => (parse({ 'tsnet.publish_policy': value }) as { readonly publishedTo?: unknown }).publishedTo
  t.is(policy('allow'), undefined)
  t.deepEqual(policy('deny'), [])
  t.deepEqual(policy('10.0.0.0/8, 192.0.2.7,2001:DB8::/32,::1'), ['10.0.0.0/8', '192.0.2.7/32', '2001:db8::/32', '::1/128'])
  for (const value of ['', 'none', '10.0.0.1/8', '10.0.0.0/33', 'allow,deny']) t.throws(() => policy(value), { code: 'invalid-option' }, value)
  t.throws(() => parse({ [`${prefix}.bridge.trusted_host_interfaces`]: 'eth1,wg0' }), { code: 'invalid-option' })
  t.throws(() => parse({ 'tsnet.publish_policy': 'deny', [`${prefix}.bridge.gateway_mode_ipv6`]: 'nat-unprotected' }), { code: 'conflicting-options' })
})

test('options that exclude each other are refused', t => {
  t.throws(() => parse({ [`${prefix}.bridge.gateway_mode_ipv4`]: 'isolated' }), { code: 'conflicting-options' })
  t.notThrows(() => parse({ [`${prefix}.bridge.gateway_mode_ipv4`]: 'isolated' }, true))
  t.throws(() => network({ families: '46', options: { [`${prefix}.driver.mtu`]: '1000' } }),
    { code: 'conflicting-options', message: /at least 1280, not 1000$/ })
})

test('the MTU is that of the default route', t => {
  t.is(network({}, { ...facts, defaultRouteMtu: 1420 }).parsed?.mtu, 1420)
  t.is(network({}, { ...facts, defaultRouteMtu: 65_536 }).parsed?.mtu, 65_535)
  t.is(network({ families: '46' }, { ...facts, defaultRouteMtu: 1000 }).parsed?.mtu, 1280)
})

test('the default network is docker0 only where nothing of Docker is there', t => {
  const name = (changes: Partial<typeof facts>): string | undefined =>
    network({ name: 'bridge' }, { ...facts, ...changes }).parsed?.bridgeName
  t.is(name({ dockerInstalled: false }), 'docker0')
  t.is(name({ dockerInstalled: true }), 'tsnet0')
  t.is(name({ dockerInstalled: false, links: ['lo', 'docker0'] }), 'tsnet0')
})

test('names of links fit into the kernel\'s 15 characters', t => {
  const on = network()
  for (const object of [...bridgeDriver.networkObjects(on, facts),
    ...bridgeDriver.endpointObjects(on, endpoint(on), sandbox, facts)]) {
    for (const name of object.kind === 'bridge' ? [object.name] : object.kind === 'veth' ? [object.host, object.peer]
      : []) t.true(name.length <= 15, name)
  }
})

test('the host forwards only after the rules are there', t => {
  const kinds = bridgeDriver.networkObjects(network({ families: '46' }), { ...facts, forwarding: { v4: false, v6: false } })
    .map(object => object.kind === 'sysctl' ? object.key : object.kind)
  t.true(kinds.lastIndexOf('forward-guard') < kinds.indexOf('net/ipv4/ip_forward'))
  t.true(kinds.lastIndexOf('isolation') < kinds.indexOf('net/ipv6/conf/all/forwarding'))
  t.is(kinds.filter(kind => kind === 'forward-guard').length, 2)
})

test('[::1] is refused by name, and told once for a wildcard, where bridged packets go through ip6tables', t => {
  const host = { ...facts, bridgeNetfilter: { v4: true, v6: true } }
  const on = network({ families: '46' }, host)
  const loopback = endpoint(on, { ports: [{ ...wildcard, hostIp: '::1' }] })
  t.throws(() => bridgeDriver.endpointObjects(on, loopback, sandbox, host),
    { code: 'loopback6-unsupported', message: /bridge-nf-call-ip6tables is 1/ })
  t.notThrows(() => bridgeDriver.endpointObjects(on, loopback, sandbox, facts))
  const all = endpoint(on, { ports: [wildcard, { ...wildcard, protocol: 'udp' }] })
  t.deepEqual(bridgeDriver.endpointWarnings?.(on, all, host)?.length, 1)
  t.deepEqual(bridgeDriver.endpointWarnings?.(on, all, facts), [])
  t.false(bridgeDriver.networkObjects(on, host).some(object => object.kind === 'route'))
  t.true(bridgeDriver.networkObjects(on, facts).some(object => object.kind === 'route' && object.to === '::1/128'))
})

test('a host address of a family that the endpoint has not is refused', t => {
  const on = network()
  t.throws(() => bridgeDriver.endpointObjects(on, endpoint(on, { ports: [{ ...wildcard, hostIp: '2001:db8::1' }] }), sandbox,
    facts),
    { code: 'invalid-address', message: /network "blue" gives it no IPv6 address$/ })
})

test('ports on an internal network are not published, and the user is told', t => {
  const on = network({ internal: true })
  const with80 = endpoint(on, { ports: [wildcard] })
  t.false(bridgeDriver.endpointObjects(on, with80, sandbox, facts).some(object => object.kind === 'publish'
    || object.kind === 'route'))
  t.deepEqual(bridgeDriver.endpointWarnings?.(on, with80, facts),
    ['ports of "web" are not published: network "blue" is internal'])
})

test('a docker0 from before Docker was installed is warned of, and of no other network', t => {
  const warnings = (on: NetworkIntent, dockerInstalled: boolean): readonly string[] =>
    bridgeDriver.endpointWarnings?.(on, endpoint(on), { ...facts, dockerInstalled }) ?? []
  const own = network({ name: 'bridge' }, { ...facts, dockerInstalled: false })
  t.is(own.parsed?.bridgeName, 'docker0')
  t.deepEqual(warnings(own, false), [])
  t.regex(warnings(own, true).join(), /^Docker was installed after this network was made/)
  t.deepEqual(warnings(network({ name: 'bridge' }), true), [])
})

test('the default network takes a name that is free', t => {
  const nameWith = (links: readonly string[], dockerInstalled: boolean): string | undefined =>
    network({ name: 'bridge' }, { ...facts, links, dockerInstalled }).parsed?.bridgeName
  t.is(nameWith([], false), 'docker0')
  t.is(nameWith(['docker0'], false), 'tsnet0')
  t.is(nameWith(['tsnet0', 'tsnet1'], true), 'tsnet2')
})

test('IPv6 where the kernel has none is refused', t => {
  t.throws(() => bridgeDriver.networkObjects(network({ families: '6' }), { ...facts, ipv6: false }),
    { code: 'kernel-feature-missing' })
})

test('drivers none, host and container make a namespace with lo, nothing, and nothing', t => {
  t.deepEqual(noneDriver.sandboxObjects({ ...sandbox, driver: 'none' }).map(object => object.kind),
    ['netns', 'link-up', 'sysctl', 'sysctl'])
  t.deepEqual(noneDriver.sandboxObjects(sandbox), bridgeDriver.sandboxObjects(sandbox))
  for (const driver of [hostDriver, containerDriver]) {
    t.deepEqual(driver.sandboxObjects(sandbox), [])
    t.deepEqual(driver.networkObjects(network(), facts), [])
    t.deepEqual(driver.endpointObjects(network(), endpoint(network()), sandbox, facts), [])
  }
})

test('drivers are pure: what they are given is what it was, and their lists are plain data', t => {
  const on = network({ families: '46' })
  const before = structuredClone({ on, facts, sandbox })
  const objects = [...bridgeDriver.networkObjects(on, facts),
    ...bridgeDriver.endpointObjects(on, endpoint(on, { ports: [wildcard] }), sandbox, facts)]
  t.deepEqual({ on, facts, sandbox }, before)
  t.deepEqual(JSON.parse(JSON.stringify(objects)), objects)
})
