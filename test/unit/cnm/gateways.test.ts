import test from 'ava'
import { chooseGateways, portsOfGateway, unpublishedWarnings, type GatewayCandidate } from '../../../cnm/gateways.ts'
import type { SandboxPort } from '../../../cnm/types.ts'
import type { Family } from '../../../objects/firewall.ts'
import { network, type NetworkChanges } from '../drivers/fixtures.ts'

/** `name`, or `name families`; `!` behind the name: internal; `@n`: priority. */
function candidate(text: string): GatewayCandidate {
  const [, name = '', internal, families = '4', priority] = /^([a-z]+)(!)?(?: (\d+))?(?:@(-?\d+))?$/.exec(text) ?? []
  const changes = { name, internal: internal !== undefined, families } as NetworkChanges
  return { network: network(changes), ...priority === undefined ? {} : { gwPriority: Number(priority) } }
}

const table: readonly (readonly [title: string, candidates: string, v4: string, v6: string])[] = [
  ['no network', '', '', ''],
  ['one network', 'blue', 'blue', ''],
  ['by name, whatever the order', 'red, blue', 'blue', ''],
  ['priority before name', 'blue, red@1', 'red', ''],
  ['a negative priority is below none', 'blue@-1, red', 'red', ''],
  ['an internal network never', 'blue!@9, red', 'red', ''],
  ['internal networks only', 'blue!, red! 46', '', ''],
  ['both families before one', 'blue, red 46', 'red', 'red'],
  ['priority before both families', 'blue@1, red 46', 'blue', 'red'],
  ['each family its own', 'four, six 6', 'four', 'six'],
  ['priority per family', 'both 46, six 6@3', 'both', 'six'],
]

for (const [title, texts, v4, v6] of table) {
  test(`the default gateway: ${title}`, t => {
    const candidates = texts.split(', ').filter(text => text !== '').map(candidate)
    const chosen = chooseGateways(candidates)
    const nameOf = (family: Family): string => candidates.filter((_, i) => chosen[i]?.includes(family)).map(one => one.network.name).join()
    t.deepEqual([nameOf(4), nameOf(6)], [v4, v6])
    t.deepEqual(chooseGateways(candidates.toReversed()).toReversed(), chosen, 'the order does not matter')
  })
}

const port = (held: readonly Family[], hostIp?: string): SandboxPort => ({
  protocol: 'tcp', host: { first: 8080, last: 8080 }, container: { first: 80, last: 80 }, held, ...hostIp === undefined ? {} : { hostIp },
})
const both = network({ families: '46' })

test('a gateway publishes the ports whose host side is held in its families', t => {
  const plain = { protocol: 'tcp', host: { first: 8080, last: 8080 }, container: { first: 80, last: 80 } }
  t.deepEqual(portsOfGateway([port([4, 6])], both, [4, 6]), [plain])
  t.deepEqual(portsOfGateway([port([4, 6])], both, [6]), [plain])
  t.deepEqual(portsOfGateway([port([4])], both, [4, 6]), [{ ...plain, families: [4] }])
  t.deepEqual(portsOfGateway([port([4])], both, [6]), [])
  t.deepEqual(portsOfGateway([port([4], '127.0.0.1')], both, [4, 6]), [{ ...plain, hostIp: '127.0.0.1' }])
  t.deepEqual(portsOfGateway([port([4], '127.0.0.1')], both, [6]), [])
  t.deepEqual(portsOfGateway([port([4, 6])], both, []), [])
})

test('a routed network needs no host port to be held', t => {
  const routed = network({ options: { 'com.docker.network.bridge.gateway_mode_ipv4': 'routed' } })
  t.is(portsOfGateway([port([])], routed, [4]).length, 1)
})

test('it is told what is not published, and why', t => {
  const warnings = (held: readonly Family[], ...endpoints: Parameters<typeof unpublishedWarnings>[2]): readonly string[] =>
    unpublishedWarnings('web', [port(held)], endpoints)
  const inner = network({ name: 'inner', internal: true })
  t.deepEqual(warnings([4, 6], { network: both, gatewayFor: [4, 6] }), [])
  t.deepEqual(warnings([4], { network: both, gatewayFor: [4, 6] }),
    ['ports of "web" are not published over IPv6: when they were reserved, it had no gateway for that'])
  t.deepEqual(warnings([4], { network: inner, gatewayFor: [] }), ['ports of "web" are not published: network "inner" is internal'])
  t.deepEqual(warnings([4], { network: inner, gatewayFor: [] }, { network: inner, gatewayFor: [] }),
    ['ports of "web" are not published: none of its networks leads out'])
  t.deepEqual(warnings([4]), ['ports of "web" are not published: it is on no network'])
  t.deepEqual(unpublishedWarnings('web', [], []), [])
})

test('ports on a network whose IPv4 gateway is another machine are told of once, and only over IPv4', t => {
  const led = network({ name: 'led', families: '46', options: { 'com.docker.network.bridge.inhibit_ipv4': 'true' } })
  const warnings = (ports: readonly SandboxPort[], gatewayFor: readonly Family[]): readonly string[] =>
    unpublishedWarnings('web', ports, [{ network: led, gatewayFor }])
  t.deepEqual(warnings([port([4, 6]), port([4])], [4]), ['ports of "web" cannot be reached over IPv4: network "led" gives the host no IPv4 address '
    + '(inhibit_ipv4), and its gateway is another machine'])
  t.deepEqual(warnings([port([6], '::')], [4, 6]), [])
  t.deepEqual(warnings([port([4, 6])], [6]), [])
})
