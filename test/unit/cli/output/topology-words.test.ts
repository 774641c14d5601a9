/** What pictures of a topology say in words. */
import test from 'ava'
import { defaultRouteText, portCountText } from '../../../../cli/output/topology-words.ts'
import { topologyDot } from '../../../../cli/output/topology-dot.ts'
import { topologySvg } from '../../../../cli/output/topology-svg.ts'
import { topologyText } from '../../../../cli/output/topology-text.ts'
import { buildTopology } from '../../../../topology/build.ts'
import type { EndpointNode } from '../../../../topology/model.ts'
import { observation } from '../../topology/fixtures.ts'

const topology = buildTopology(observation)
const [endpoint] = topology.networks[0]?.endpoints ?? []
if (endpoint === undefined) throw new Error('no endpoint')
const [port] = endpoint.ports
if (port === undefined) throw new Error('no port')

const route = (family: 4 | 6, network: string) => ({ family, network }) as const
for (const [title, gatewayFor, defaultRoutes, text] of [
  ['both this way', [4, 6], [route(4, 'blue'), route(6, 'blue')], ''],
  ['both by another network', [], [route(4, 'red'), route(6, 'red')], 'default route by red'],
  ['only one, by another', [], [route(6, 'red')], 'default route by red'],
  ['apart', [4], [route(4, 'blue'), route(6, 'red')], 'IPv6 default route by red'],
  ['by two others', [], [route(4, 'green'), route(6, 'red')], 'IPv4 default route by green  IPv6 default route by red'],
  ['none at all', [], [], 'no default route'],
] as const satisfies readonly (readonly [string, EndpointNode['gatewayFor'], EndpointNode['defaultRoutes'], string])[]) {
  test(`default routes, ${title}`, t => {
    t.is(defaultRouteText({ ...endpoint, gatewayFor, defaultRoutes }), text)
  })
}

test('a port in a map without counters is told of as not counted, one that is missing as missing', t => {
  t.is(portCountText({ ...port, packets: 1, bytes: 60 }), '  1 packet, 60B')
  t.is(portCountText({ ...port, packets: null, bytes: null }), '  not counted')
  t.is(portCountText({ ...port, packets: null, bytes: null, missing: true }), '')
  const old = buildTopology({ ...observation, counters: new Map(), missing: new Set() })
  for (const draw of [topologyText, topologyDot, topologySvg]) t.true(draw(old).join('\n').includes(':8080 → 80/tcp  not counted'))
})

test('every picture has namespaces, and what links, ports and rules have counted', t => {
  for (const draw of [topologyText, topologyDot, topologySvg]) {
    const picture = draw(topology).join('\n').replaceAll(/<[^>]*>/g, '\n')
    for (const part of ['namespace /run/tsnet/netns/web', 'in 10 packets, 1.23kB', '80/tcp  3 packets, 200B', '4 packets, 240B']) t.true(picture.includes(part), part)
  }
})
