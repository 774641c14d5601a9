/** Where the members of which networks ask for names. */
import test from 'ava'
import type { EndpointRecord, NetworkRecord, SandboxRecord } from '../../../../cnm/types.ts'
import { labelOf } from '../../../../dns/sockets.ts'
import { hasNames, placesFor, placesInside, placesOf, resolverAddresses } from '../../../../engine/resolver/places.ts'

function network(name: string, ...addresses: readonly string[]): NetworkRecord {
  const objects = addresses.map(address => ({ kind: 'resolver', family: address.includes(':') ? 6 : 4, bridge: 'br', address, port: 10_053 }))
  return { id: `id-${name}`, name, driver: 'bridge', objects, subnets: [{ family: 4, cidr: '10.1.0.0/24' }, { family: 6, cidr: 'fd00::/64' }] } as unknown as NetworkRecord
}

function sandbox(id: string, isOurs = true): SandboxRecord {
  return { id, netns: `/run/netns/${id}`, objects: isOurs ? [{ kind: 'netns', path: `/run/netns/${id}` }] : [] } as unknown as SandboxRecord
}

const [blue, alone, standard] = [network('blue', 'fd00::1', '10.1.0.1'), network('alone'), network('bridge')]
const of = (...networks: readonly NetworkRecord[]): readonly { readonly network: NetworkRecord }[] => networks.map(one => ({ network: one }))
const labels = (networks: readonly NetworkRecord[], box = sandbox('s')): readonly string[] => placesFor(of(...networks), box).map(labelOf)

test('names are for networks that somebody made', t => {
  t.deepEqual([blue, alone, standard, { driver: 'host', name: 'host' } as const, { ...blue, foreign: { runtime: 'docker' as const, addressSpaces: {} } }].map(hasNames),
    [true, true, false, false, false])
})

test('a container asks on the gateways of its networks, IPv4 first, and inside itself where there is none', t => {
  t.deepEqual(labels([standard, blue]), ['10.1.0.1', 'fd00::1'])
  t.deepEqual(labels([alone, blue]), ['10.1.0.1', 'fd00::1'])
  t.deepEqual(labels([alone]), ['127.0.0.11 of s'])
  t.deepEqual(labels([standard, alone]), ['127.0.0.11 of s'])
  t.deepEqual(labels([standard]), [])
  t.deepEqual(labels([alone], sandbox('s', false)), [], 'a namespace of others has their names')
  t.deepEqual(resolverAddresses({ sandbox: sandbox('s'), endpoints: of(alone) as never }), ['127.0.0.11'])
})

test('on a bridge, who comes by it from the subnets of its network is answered', t => {
  t.deepEqual(placesOf(blue).map(({ address, askers }) => ({ address, askers })), ['fd00::1', '10.1.0.1']
    .map(address => ({ address, askers: { link: 'br', subnets: ['10.1.0.0/24', 'fd00::/64'] } })))
})

test('of many containers, those that need a place of their own are found, and no other is looked up', t => {
  const endpoint = (sandboxId: string, { id }: NetworkRecord): EndpointRecord => ({ networkId: id, sandboxId }) as unknown as EndpointRecord
  const lookedUp: string[] = []
  const endpoints = [endpoint('a', blue), endpoint('b', alone), endpoint('c', alone), endpoint('c', blue), endpoint('d', alone), endpoint('e', alone)]
  const places = placesInside([blue, alone], endpoints, id => {
    lookedUp.push(id)
    return id as string === 'd' ? undefined : sandbox(id, id as string !== 'e')
  })
  t.deepEqual(places, [{ networkId: 'id-alone', address: '127.0.0.11', port: 53, inside: { sandboxId: 'b', netns: '/run/netns/b' } }])
  t.deepEqual(lookedUp, ['b', 'd', 'e'])
})
