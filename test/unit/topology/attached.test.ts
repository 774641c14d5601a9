/** Networks of CNI, drawn from what plugins have attached to them. */
import test from 'ava'
import type { MasqueradeObject, PublishObject } from '../../../objects/firewall.ts'
import type { KernelObject } from '../../../objects/object.ts'
import { buildTopology } from '../../../topology/build.ts'
import type { ObservedAttachment } from '../../../topology/observation.ts'
import { observation, publish, veth } from './fixtures.ts'

const masquerade: MasqueradeObject = { kind: 'masquerade', family: 4, bridge: 'cni0', subnet: '10.85.0.0/16' }
const port: PublishObject = { ...publish, bridge: 'cni0', containerIp: '10.85.0.2' }
const port6: PublishObject = { ...port, family: 6, containerIp: 'fd85::2' }

function attachment(container: string, last: number, more: Partial<ObservedAttachment> = {}): ObservedAttachment {
  const netns = `/run/netns/${container}`
  const objects: readonly KernelObject[] = [
    { ...veth, host: `veth-${container}`, netns, master: 'cni0' }, { kind: 'address', on: 'eth0', cidr: `10.85.0.${last}/16`, netns },
    { kind: 'address', on: 'eth0', cidr: `fd85::${last}/64`, netns }, { kind: 'route', to: 'default', family: 4, dev: 'eth0', via: '10.85.0.1', netns },
  ]
  return { network: 'pods', container, ifname: 'eth0', netns, objects, shared: [{ ...masquerade }], ...more }
}

const draw = (attachments: readonly ObservedAttachment[], more: Partial<typeof observation> = {}) => buildTopology({
  ...observation, networks: [], attachments, links: [{ name: 'cni0', mtu: 1450, up: true }, { name: 'veth-one', mtu: 1450, up: true }],
  missing: new Set(), counters: new Map(), ...more,
}).networks

test('a network of CNI has its bridge, its subnets, and each interface once, whichever plugins made it', t => {
  const loopback = attachment('one', 2, { network: 'lo', ifname: 'lo', objects: [{ kind: 'link-up', name: 'lo' }], shared: [] })
  const portmap = attachment('one', 2, { objects: [port, port6], shared: [] })
  const [pods, ...others] = draw([attachment('two', 3), attachment('one', 2), portmap, loopback])
  t.deepEqual(others, [])
  t.like(pods, { id: '', name: 'pods', driver: 'cni', bridge: { name: 'cni0', mtu: 1450, up: true, masquerade: true }, missing: [] })
  t.deepEqual(pods?.subnets, [{ family: 4, cidr: '10.85.0.0/16', gateway: '10.85.0.1' }, { family: 6, cidr: 'fd85::/64', gateway: null }])
  t.deepEqual(pods?.endpoints.map(({ name, namespace, gatewayFor }) => [name, namespace, gatewayFor]), [['one', '/run/netns/one', [4]], ['two', '/run/netns/two', [4]]])
  t.deepEqual(pods?.endpoints.map(({ link }) => [link?.host, link?.up]), [['veth-one', true], ['veth-two', false]])
  t.deepEqual(pods?.endpoints.map(({ ports }) => ports.length), [1, 0], 'both families as one')
})

test('rules that several interfaces need are told once, with what they counted; what is missing stands where it belongs', t => {
  const [one, two] = [attachment('one', 2, { objects: [...attachment('one', 2).objects, port] }), attachment('two', 3)]
  const [rule = masquerade] = one.shared
  const counters = new Map<KernelObject, readonly { rule: string, packets: number, bytes: number }[]>([
    [rule, [{ rule: '-j MASQUERADE', packets: 7, bytes: 420 }]], [port, [{ rule: '-j DNAT', packets: 2, bytes: 120 }]],
  ])
  const [pods] = draw([one, two], { counters, missing: new Set([rule, port]) })
  t.deepEqual(pods?.rules, [{ family: 4, rule: '-j MASQUERADE', packets: 7, bytes: 420 }])
  t.deepEqual(pods?.missing, ['masquerade of 10.85.0.0/16'])
  t.like(pods?.endpoints[0]?.ports[0], { packets: 2, bytes: 120, missing: true })
  t.deepEqual(pods?.endpoints[0]?.missing, ['publishing of 8080/tcp (IPv4)'])
})

test('a container with several interfaces has its default routes named on each', t => {
  const second = attachment('one', 9, { network: 'storage', ifname: 'net1', objects: [{ ...veth, host: 'veth-s', peer: 'net1', master: 'cni1' }], shared: [] })
  const [pods, storage] = draw([attachment('one', 2), second])
  for (const network of [pods, storage]) t.deepEqual(network?.endpoints[0]?.defaultRoutes, [{ family: 4, network: 'pods' }])
  t.deepEqual(storage?.subnets, [])
})
