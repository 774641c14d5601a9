/** VLANs of the plugin bridge: what a configuration means, and what is made for it, on a kernel that is made up. */
import test from 'ava'
import type { AttachmentRecord } from '../../../cni/attachment.ts'
import { type BridgeConfig, gatewayLink, parseBridge, usesVlans } from '../../../cni/bridge/config.ts'
import { ensureBridge } from '../../../cni/bridge/ensure.ts'
import { bridgeObjects, bridgeShared, planBridge } from '../../../cni/bridge/objects.ts'
import type { CniCore } from '../../../cni/core.ts'
import { failureOfError } from '../../../cni/error.ts'
import { hostLinkOf } from '../../../cni/portmap/host-link.ts'
import { parseRequest } from '../../../cni/request.ts'
import type { KernelObject } from '../../../objects/object.ts'

const environment = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'c1', CNI_NETNS: '/run/netns/c1', CNI_IFNAME: 'eth0', CNI_PATH: '/a' }
const requestOf = (fields: object) => parseRequest('ADD', environment, JSON.stringify({ cniVersion: '1.0.0', name: 'blue', type: 'bridge', bridge: 'cni7', ...fields }))
const parse = (fields: object): BridgeConfig => parseBridge(requestOf(fields))
const ipam = { interfaces: [], ips: [{ address: '10.7.0.2/24' }], routes: [], dns: {} }
const planOf = (fields: object) => planBridge({ request: requestOf(fields), config: parse(fields), netns: '/run/netns/c1', ipam, random: ['11111111', '22222222'] })

test('trunks are ranges, single VLANs or both, and the default VLAN is kept unless it is given up', t => {
  const { vlan, vlanTrunk, preserveDefaultVlan } = parse({ vlanTrunk: [{ minID: 10, maxID: 20 }, { id: 30 }, { id: 5, minID: 40, maxID: 41 }] })
  t.deepEqual({ vlan, vlanTrunk, preserveDefaultVlan }, { vlan: 0, vlanTrunk: [[10, 20], [30, 30], [40, 41], [5, 5]], preserveDefaultVlan: true })
  t.is(parse({ vlan: 7, preserveDefaultVlan: false }).preserveDefaultVlan, false)
  for (const fields of [{}, { vlan: 0 }, { vlanTrunk: [] }, { vlanTrunk: [{}] }]) t.false(usesVlans(parse(fields)), JSON.stringify(fields))
  for (const fields of [{ vlan: 7 }, { vlanTrunk: [{ id: 7 }] }]) t.true(usesVlans(parse(fields)), JSON.stringify(fields))
})

for (const [title, fields, message] of [
  ['a VLAN over 4094', { vlan: 4095 }, /invalid VLAN ID 4095/],
  ['a trunk from 0', { vlanTrunk: [{ minID: 0, maxID: 5 }] }, /incorrect trunk minID parameter/],
  ['a trunk to 4095', { vlanTrunk: [{ minID: 1, maxID: 4095 }] }, /incorrect trunk maxID parameter/],
  ['a trunk that ends before it begins', { vlanTrunk: [{ minID: 9, maxID: 5 }] }, /minID is greater than maxID/],
  ['a trunk without an end', { vlanTrunk: [{ minID: 9 }] }, /configured simultaneously, maxID is missing/],
  ['a trunk without a beginning', { vlanTrunk: [{ maxID: 9 }] }, /configured simultaneously, minID is missing/],
  ['VLAN 0 in a trunk', { vlanTrunk: [{ id: 0 }] }, /incorrect trunk id parameter/],
  ['a gateway whose name is too long', { bridge: 'cni-with-a-name', vlan: 100, isGateway: true }, /its gateway, cni-with-a-name\.100, has more than 15/],
] as const) {
  test(`${title} is refused`, t => { t.is(failureOfError(t.throws(() => parse(fields), { message })).code, 999) })
}

test('the port is in the VLANs, and what is behind the bridge leaves by the gateway of its own one', t => {
  const fields = { vlan: 100, vlanTrunk: [{ minID: 200, maxID: 210 }], preserveDefaultVlan: false, isGateway: true, ipMasq: true }
  const plan = planOf(fields)
  const [veth] = bridgeObjects(requestOf(fields), plan)
  t.like(veth, { kind: 'veth', host: 'veth11111111', master: 'cni7', vlans: { untagged: 100, tagged: [[200, 210]], keepsDefault: false } })
  t.deepEqual(bridgeShared(plan), [{ kind: 'masquerade', family: 4, bridge: 'cni7.100', subnet: '10.7.0.0/24' }])
  t.is(gatewayLink(parse({ vlan: 100 })), 'cni7', 'nobody is the gateway')
  t.false('vlans' in (bridgeObjects(requestOf({}), planOf({}))[0] ?? {}))
})

interface Host { readonly links: readonly string[], readonly filtering?: boolean, readonly others?: readonly Partial<AttachmentRecord>[], readonly failsAt?: string }

/** What happens to a host, in words; `undo` takes back what `ensureBridge` made. */
function lab({ links, filtering = false, others = [], failsAt }: Host) {
  const there = new Set(links)
  const calls: string[] = []
  const note = (text: string): void => {
    calls.push(text)
    if (text === failsAt) throw new Error('fault')
  }
  const nameOf = (object: KernelObject): string => object.kind === 'veth' ? `${object.peer} ${JSON.stringify(object.vlans)}` : object.kind === 'bridge' ? `${object.name} filtering=${object.vlanFiltering}`
    : object.kind === 'address' ? `${object.cidr} on ${object.on}` : object.kind === 'sysctl' ? object.key : object.kind === 'link-up' ? object.name : ''
  const rtnetlink = {
    findLink: (name: string) => there.has(name) ? { index: 1, name, kind: name.includes('.') ? 'veth' : 'bridge' } : undefined,
    findIndex: (name: string) => there.has(name) ? 1 : undefined, addresses: () => [], links: () => [], setLink: () => undefined,
    bridgeVlans: () => ({ filtering, defaultVlan: 1 }), setVlanFiltering: (name: string, on: boolean) => note(`filtering of ${name} ${on ? 'on' : 'off'}`),
  }
  const core = {
    kernel: { rtnetlink: () => rtnetlink }, lockShared: () => Promise.resolve({ [Symbol.dispose]: () => undefined }),
    read: (fn: (view: unknown) => unknown) => fn({ attachments: { list: () => others } }),
    executor: {
      create: (objects: readonly KernelObject[]) => Promise.resolve().then(() => {
        for (const object of objects) {
          note(`+ ${object.kind} ${nameOf(object)}`)
          if (object.kind === 'bridge') there.add(object.name)
          if (object.kind === 'veth') there.add(object.peer)
        }
      }),
      remove: (objects: readonly KernelObject[]) => Promise.resolve().then(() => { for (const object of objects.toReversed()) note(`- ${object.kind} ${nameOf(object)}`) }),
    },
  } as unknown as CniCore
  return { core, calls }
}

const gatewayFields = { vlan: 100, isGateway: true }
const vlans = '{"untagged":100,"tagged":[],"keepsDefault":true}'

test('a bridge for VLANs is made with filtering, and the gateway in the VLAN of the container', async t => {
  const { core, calls } = lab({ links: [] })
  const undo = await ensureBridge(core, planOf(gatewayFields))
  t.deepEqual(calls, [
    '+ bridge cni7 filtering=true', '+ sysctl net/ipv6/conf/cni7/accept_ra', '+ link-up cni7', `+ veth cni7.100 ${vlans}`, '+ link-up cni7.100',
    '+ address 10.7.0.1/24 on cni7.100', '+ sysctl net/ipv4/ip_forward',
  ])
  calls.length = 0
  await undo()
  t.deepEqual(calls.filter(text => text.startsWith('- ') && !text.startsWith('- link-up')), [`- veth cni7.100 ${vlans}`, '- bridge cni7 filtering=undefined'])
})

test('a bridge that has its ports in one VLAN begins to tell them apart, and stops where the ADD fails', async t => {
  const { core, calls } = lab({ links: ['cni7'], failsAt: '+ link-up cni7.100' })
  await t.throwsAsync(ensureBridge(core, planOf(gatewayFields)), { message: 'fault' })
  t.deepEqual(calls, ['filtering of cni7 on', `+ veth cni7.100 ${vlans}`, '+ link-up cni7.100', 'filtering of cni7 off'])
})

test('what another container is in a VLAN by stays when an ADD fails', async t => {
  const other: Partial<AttachmentRecord> = { objects: [{ kind: 'veth', host: 'vethother', peer: 'eth0', mac: '', master: 'cni7', hairpin: false, alias: '', vlans: { untagged: 7, tagged: [], keepsDefault: true } }] }
  const { core, calls } = lab({ links: ['cni7'], others: [other], failsAt: '+ sysctl net/ipv4/ip_forward' })
  await t.throwsAsync(ensureBridge(core, planOf(gatewayFields)), { message: 'fault' })
  t.true(calls.includes(`- veth cni7.100 ${vlans}`), 'the gateway of a VLAN that nobody is in')
  t.false(calls.includes('filtering of cni7 off'))
})

test('a bridge and a gateway that are there are left as they are', async t => {
  const { core, calls } = lab({ links: ['cni7', 'cni7.100'], filtering: true })
  const undo = await ensureBridge(core, planOf(gatewayFields))
  await undo()
  t.deepEqual(calls, ['+ address 10.7.0.1/24 on cni7.100', '+ sysctl net/ipv4/ip_forward'])
})

test('ports and forward rules of a container in a VLAN are about the gateway there, which the result names', t => {
  const { core } = lab({ links: ['cni7', 'veth11111111', 'cni7.100'] })
  const prev = (...names: readonly string[]) => ({
    ips: [], routes: [], dns: {}, interfaces: [...names.map(name => ({ name })), { name: 'eth0', sandbox: '/run/netns/c1' }],
  })
  t.is(hostLinkOf(core, requestOf({}), prev('cni7', 'veth11111111', 'cni7.100')), 'cni7.100')
  t.is(hostLinkOf(core, requestOf({}), prev('cni7', 'veth11111111')), 'cni7')
})
