import test from 'ava'
import { networkSpec, withoutGateway } from '../../../plugin-api/network-spec.ts'

const id = 'ab'.repeat(32)

test('pools, gateways and auxiliary addresses lose their prefixes', t => {
  const spec = networkSpec({
    NetworkID: id, Options: { 'com.docker.network.enable_ipv6': true, 'com.docker.network.generic': { 'com.docker.network.driver.mtu': '1400' } },
    IPv4Data: [{ AddressSpace: 'LocalDefault', Pool: '172.20.0.0/16', Gateway: '172.20.0.1/16', AuxAddresses: { router: '172.20.0.254/16' } }],
    IPv6Data: [{ AddressSpace: 'LocalDefault', Pool: 'fd00:1::/64', Gateway: 'fd00:1::1/64' }],
  })
  t.like(spec, { name: 'docker-abababababab', driver: 'bridge', enableIPv4: true, enableIPv6: true, internal: false, options: { 'com.docker.network.driver.mtu': '1400' } })
  t.deepEqual(spec.subnets, [
    { subnet: '172.20.0.0/16', gateway: '172.20.0.1', auxAddresses: { router: '172.20.0.254' } }, { subnet: 'fd00:1::/64', gateway: 'fd00:1::1' },
  ])
  t.deepEqual(spec.foreign, { id, runtime: 'docker', addressSpaces: { 4: 'LocalDefault', 6: 'LocalDefault' } } as never)
})

test('IPv6 alone needs no IPv4 data', t => {
  const spec = networkSpec({
    NetworkID: id, Options: { 'com.docker.network.enable_ipv4': false, 'com.docker.network.enable_ipv6': true }, IPv4Data: [], IPv6Data: [{ Pool: 'fd00::/64' }],
  })
  t.like(spec, { enableIPv4: false, enableIPv6: true })
})

test('the null IPAM driver\'s 0.0.0.0/0 leaves the choice to tsnet', t => {
  const spec = networkSpec({ NetworkID: id, IPv4Data: [{ AddressSpace: 'null', Pool: '0.0.0.0/0' }] })
  t.deepEqual(spec.subnets, [])
  t.deepEqual(spec.foreign.addressSpaces, {})
})

test('mode none has no subnets and no other options; other modes are named as Docker\'s own', t => {
  const generic = (options: Record<string, unknown>): Parameters<typeof networkSpec>[0] => ({ NetworkID: id, Options: { 'com.docker.network.generic': options }, IPv4Data: [{ Pool: '10.0.0.0/24' }] })
  t.like(networkSpec(generic({ mode: 'none' })), { driver: 'none', options: {}, subnets: [] })
  t.like(networkSpec(generic({ mode: 'bridge' })), { driver: 'bridge', options: {} })
  t.throws(() => networkSpec(generic({ mode: 'host' })), { code: 'invalid-option', message: /a mode is bridge or none/ })
  t.throws(() => networkSpec(generic({ mode: 'none', mtu: '1' })), { code: 'invalid-option', message: /"mtu"/ })
  t.throws(() => networkSpec(generic({ mtu: 1 })), { code: 'invalid-option', message: /no text/ })
})

test('an isolated family, and a network without interfaces, take no gateway from IPAM', t => {
  const generic = (options: Record<string, string>): Parameters<typeof withoutGateway>[0] => ({ 'com.docker.network.generic': options })
  t.deepEqual(withoutGateway(undefined), { SkipIPv4: false, SkipIPv6: false })
  t.deepEqual(withoutGateway(generic({ 'com.docker.network.bridge.gateway_mode_ipv6': 'isolated' })), { SkipIPv4: false, SkipIPv6: true })
  t.deepEqual(withoutGateway(generic({ mode: 'none' })), { SkipIPv4: true, SkipIPv6: true })
})
