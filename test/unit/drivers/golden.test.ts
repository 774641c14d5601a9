import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { bridgeDriver } from '../../../drivers/bridge/driver.ts'
import type { PortBinding } from '../../../cnm/types.ts'
import type { Facts } from '../../../objects/facts.ts'
import type { KernelObject } from '../../../objects/object.ts'
import { endpoint, facts, network, sandbox, type NetworkChanges } from './fixtures.ts'

/** `# CASE`, then one object a line. `UPDATE_GOLDEN=1` writes them anew: read the difference before committing it. */
const path = join(import.meta.dirname, 'golden.txt')
const golden: Record<string, readonly string[]> = Object.fromEntries(readFileSync(path, 'utf8').split('\n\n').map(section => {
  const [title = '', ...objects] = section.trim().split('\n')
  return [title.slice(2), objects] as const
}))
const found: Record<string, readonly string[]> = {}

const o = (short: string, value: string): Record<string, string> => ({ [`com.docker.network.${short}`]: value })
const port = (first: number, hostIp?: string, host = first + 8000): PortBinding =>
  ({ protocol: 'tcp', host: { first: host, last: host }, container: { first, last: first }, ...hostIp === undefined ? {}
    : { hostIp } })
const bridgeNf: Facts = { ...facts, bridgeNetfilter: { v4: true, v6: true } }
const cold: Facts = { ...facts, forwarding: { v4: false, v6: false } }

const networks: Record<string, readonly [NetworkChanges, Facts?]> = {
  'ipv4': [{}],
  'ipv6': [{ families: '6' }],
  'dual stack': [{ families: '46' }],
  'dual stack on a host that does not forward': [{ families: '46' }, cold],
  'dual stack with bridge-nf': [{ families: '46' }, bridgeNf],
  'internal': [{ families: '46', internal: true }, cold],
  'isolated': [{ internal: true, options: o('bridge.gateway_mode_ipv4', 'isolated') }],
  'without icc': [{ options: o('bridge.enable_icc', 'false') }],
  'without masquerade': [{ options: o('bridge.enable_ip_masquerade', 'false') }],
  'snat': [{ families: '46', options: { ...o('host_ipv4', '192.0.2.1'), ...o('host_ipv6', '2001:db8::1') } }],
  'routed IPv6, nat IPv4': [{ families: '46', options: o('bridge.gateway_mode_ipv6', 'routed') }],
  'nat-unprotected': [{ options: o('bridge.gateway_mode_ipv4', 'nat-unprotected') }],
  'trusted interfaces': [{ families: '46', options: o('bridge.trusted_host_interfaces', 'eth1:wg0') }],
  'inhibited IPv4': [{ families: '46', options: o('bridge.inhibit_ipv4', 'true') }],
  'without protection against false senders': [{ options: { 'tsnet.anti_spoofing': 'false' } }],
  'without icc, with bridge-nf': [{ families: '46', options: o('bridge.enable_icc', 'false') }, bridgeNf],
  'publish policy': [{ families: '46', options: { 'tsnet.publish_policy': '203.0.113.0/24' } }],
  'named, small MTU': [{ options: { ...o('bridge.name', 'blue0'), ...o('driver.mtu', '1400') } }],
  'default network, Docker absent': [{ name: 'bridge' }, { ...facts, dockerInstalled: false }],
  'default network beside Docker': [{ name: 'bridge' }],
}

const ports: Record<string, readonly PortBinding[]> = {
  'no ports': [],
  'wildcard': [port(80)],
  'all of IPv4': [port(80, '0.0.0.0')],
  'all of IPv6': [port(80, '::')],
  'one address each': [port(80, '127.0.0.1'), port(81, '2001:db8::1')],
  'a range': [{ protocol: 'udp', host: { first: 9000, last: 9003 }, container: { first: 5000, last: 5003 } }],
}

const lines = (objects: readonly KernelObject[]): readonly string[] => objects.map(object => JSON.stringify(object))

for (const [name, [changes, host = facts]] of Object.entries(networks)) {
  test(`objects of a network: ${name}`, t => {
    found[`network: ${name}`] = lines(bridgeDriver.networkObjects(network(changes, host), host))
    t.deepEqual(found[`network: ${name}`], golden[`network: ${name}`])
  })
}

for (const [name, published] of Object.entries(ports)) {
  for (const families of ['4', '46'] as const) {
    const key = `endpoint, IPv${families}: ${name}`
    if (families === '4' && published.some(({ hostIp }) => hostIp?.includes(':'))) continue
    test(`objects of an ${key}`, t => {
      const on = network({ families })
      found[key] = lines(bridgeDriver.endpointObjects(on, endpoint(on, { ports: published }), sandbox, facts))
      t.deepEqual(found[key], golden[key])
    })
  }
}

for (const [name, [changes, host = facts]] of Object.entries(networks)) {
  test(`objects of an endpoint with a port on a network: ${name}`, t => {
    const on = network(changes, host)
    found[`endpoint on ${name}`] = lines(bridgeDriver.endpointObjects(on, endpoint(on, { ports: [port(80)] }), sandbox, host))
    t.deepEqual(found[`endpoint on ${name}`], golden[`endpoint on ${name}`])
  })
}

test.after.always(() => {
  if (process.env['UPDATE_GOLDEN'] === '1') {
    writeFileSync(path, `${Object.entries(found).map(([name, objects]) => [`# ${name}`, ...objects].join('\n')).join('\n\n')}\n`)
  }
})
