import test from 'ava'
import { topologyText } from '../../../cli/output/topology-text.ts'
import { buildTopology } from '../../../topology/build.ts'
import type { EndpointNode, NetworkNode } from '../../../topology/model.ts'
import { blue, observation, publish, veth, webEndpoint } from './fixtures.ts'

const topology = buildTopology(observation)
const network = (name: string, of = topology): NetworkNode => {
  const found = of.networks.find(one => one.name === name)
  if (found === undefined) throw new Error(`no network ${name}`)
  return found
}
const endpoint = (name: string, of = topology): EndpointNode => {
  const [found] = network(name, of).endpoints
  if (found === undefined) throw new Error(`no endpoint on ${name}`)
  return found
}

test('an endpoint has its container, its namespace, its link with the counters of the host\'s end, and who shares it', t => {
  const { container, namespace, link, sharedBy, gatewayFor } = endpoint('blue')
  t.deepEqual({ container, namespace, sharedBy, gatewayFor }, {
    container: { id: 'web', name: 'web', image: 'web:1 & <2>' }, namespace: '/run/tsnet/netns/web', sharedBy: ['guest'], gatewayFor: [4, 6],
  })
  t.like(link, { host: 'tsweb', container: 'eth0', up: true, statistics: { rxPackets: 10, txBytes: 5_678_900 } })
})

test('a container on two networks is on both; a link that the kernel does not have is down and without counters', t => {
  t.like(endpoint('closed'), { name: 'web', gatewayFor: [], link: { host: 'tsweb1', up: false, statistics: null, mtu: 1400 } })
})

test('the default routes of a container are named by their networks on each of them, shown or not', t => {
  const routes = [{ family: 4, network: 'blue' }, { family: 6, network: 'blue' }] as const
  t.deepEqual(endpoint('blue').defaultRoutes, routes)
  t.deepEqual(endpoint('closed', buildTopology({ ...observation, networks: observation.networks.slice(1) })).defaultRoutes, routes)
})

test('bridges beyond the first are named with their network, and with the members that are on them', t => {
  const grown = { ...blue, objects: [...blue.objects, { kind: 'bridge', name: 'tsbblue.1', alias: 'tsnet:blue' } as const] }
  const far = { ...webEndpoint, objects: [{ ...veth, master: 'tsbblue.1' }] }
  const picture = buildTopology({ ...observation, networks: [grown], endpoints: [far], links: [{ name: 'tsbblue.1', mtu: 1500, up: true }] })
  t.deepEqual(network('blue', picture).bridge?.segments, [{ name: 'tsbblue.1', up: true, statistics: null }])
  t.is(endpoint('blue', picture).link?.segment, 'tsbblue.1')
  t.is(endpoint('blue').link?.segment, null)
  t.deepEqual(network('blue').bridge?.segments, [])
  const text = topologyText(picture).join('\n')
  t.regex(text, /bridge tsbr-blue, mtu 1500, down, 1 more bridge,[^]*bridge tsbblue\.1\n[^]*eth0 ↔ tsweb on tsbblue\.1 \(down\)/)
})

test('containers on host and none have a place without link or address; guests are with their host', t => {
  t.deepEqual(network('host').endpoints.map(({ name, namespace, link }) => ({ name, namespace, link })), [{ name: 'metrics', namespace: null, link: null }])
  t.deepEqual(network('none').endpoints.map(({ name, namespace }) => ({ name, namespace })), [{ name: 'batch', namespace: '/run/tsnet/netns/batch' }])
})

test('a container whose last network was disconnected stands with none', t => {
  const apart = buildTopology({ ...observation, endpoints: [] })
  t.deepEqual(network('none', apart).endpoints.map(({ name }) => name), ['batch', 'web'])
  t.deepEqual(network('blue', apart).endpoints, [])
})

test('a published port counts what both families redirected; one without counters has null', t => {
  const [tcp, udp] = endpoint('blue').ports
  t.like(tcp, { hostIp: null, packets: 3, bytes: 200, missing: false })
  t.like(udp, { hostIp: '127.0.0.1', packets: null, bytes: null, missing: true })
})

test('ports of one number on several addresses keep their counters apart', t => {
  const local = { ...publish, hostIp: '127.0.0.1' }
  const other = { ...publish, hostIp: '192.0.2.1' }
  const bindings = ['127.0.0.1', '192.0.2.1', '::1'].map(hostIp => ({ protocol: 'tcp', hostIp, host: publish.host, container: publish.container }) as const)
  const split = buildTopology({
    ...observation, networks: [blue], endpoints: [{ ...webEndpoint, ports: bindings, objects: [local, other] }], missing: new Set([other]),
    counters: new Map([[local, [{ rule: 'a', packets: 5, bytes: 50 }]], [other, [{ rule: 'b', packets: 7, bytes: 70 }]]]),
  })
  t.deepEqual(endpoint('blue', split).ports.map(({ packets, missing }) => [packets, missing]), [[5, false], [7, true], [null, false]])
})

test('what the kernel lacks is named where it belongs', t => {
  t.deepEqual(network('blue').missing, ['address 10.20.0.1/24 on tsbr-blue'])
  t.deepEqual(endpoint('blue').missing, ['publishing of 5300-5301/udp (IPv4)'])
  t.deepEqual(network('closed').missing, [])
})

test('rules stand IPv4 first, and those of ports with their ports', t => {
  t.deepEqual(network('blue').rules.map(({ family, packets }) => [family, packets]), [[4, 4], [4, 0], [6, 1]])
})

test('the same observation gives the same picture, and JSON loses nothing of it', t => {
  t.deepEqual(JSON.parse(JSON.stringify(topology)), topology)
  t.deepEqual(buildTopology(observation), topology)
})
