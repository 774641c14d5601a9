/**
 * Containers in VLANs of a bridge. A kernel without them (CONFIG_BRIDGE_VLAN_FILTERING) gives an error of its own code, and nothing is made; with
 * them, ports and gateway are where the reference plugin puts them.
 */
import test from 'ava'
import { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { type CallSpec, type Json, bridgeConfig, ours, reference, withContainers } from './lab.ts'

const options: readonly Json[] = [
  { vlan: 100 }, { vlan: 100, preserveDefaultVlan: false }, { vlanTrunk: [{ minID: 200, maxID: 210 }, { id: 7 }] }, { vlan: 100, isDefaultGateway: false, ipMasq: false, ipam: {} },
]

async function hasVlans(host: FakeHost): Promise<boolean> {
  const { status } = await host.try('ip', 'link', 'add', 'br-probe', 'type', 'bridge', 'vlan_filtering', '1')
  await host.try('ip', 'link', 'del', 'br-probe')
  return status === 0
}

for (const fields of options) {
  for (const [where, isThere] of [['a bridge that is to be made', false], ['a bridge that is there', true]] as const) {
    test.serial(`on ${where}, ${JSON.stringify(fields)} is carried out or, where the kernel cannot, refused as a whole`, async t => {
      if (!requires.root(t)) return
      await using host = await FakeHost.create()
      const call = (spec: Omit<CallSpec, 'config'>, more: Json = {}) => ours('bridge', { config: { ...bridgeConfig, ...fields, ...more }, ...spec }, { roots: host.roots })
      await withContainers(['c0', 'c1'], async () => {
        if (isThere) await ours('bridge', { command: 'ADD', config: bridgeConfig, id: 'c0' }, { roots: host.roots })
        const before = await host.snapshot()
        const added = await call({ command: 'ADD' })
        if (await hasVlans(host)) {
          t.is(added.status, 0, added.stdout)
          t.deepEqual(await vlansOf(host, added.result), expectedVlans(fields))
          t.is((await call({ command: 'CHECK' }, { prevResult: added.result })).status, 0)
        } else {
          t.like(added, { status: 1, result: { code: 999, details: 'tsnet: kernel-feature-missing' } })
          t.regex(String(added.result['msg']), /^set VLANs of "cni7": .*CONFIG_BRIDGE_VLAN_FILTERING/)
          await host.assertAsBefore(before, { except: [/fds: socket$/, /cgroups: /, /files: .*(tsnet\.db|\/owners\/|lock)/, /: .*fe80::/, /routes: .*fd07::/] })
          // The release of Debian knows no trunks.
          if ('vlan' in fields) t.is((await reference('bridge', { command: 'ADD', config: { ...bridgeConfig, ...fields, bridge: 'cni8', ipam: {} } })).status, 1)
          await host.try('ip', 'link', 'del', 'cni8')
        }
        t.is((await call({ command: 'DEL' })).status, 0)
        t.is((await ours('bridge', { command: 'ADD', config: { ...bridgeConfig, ipam: {} }, ifname: 'eth1' }, { roots: host.roots })).status, 0, 'without VLANs it works')
        t.is((await ours('bridge', { command: 'DEL', config: { ...bridgeConfig, ipam: {} }, ifname: 'eth1' }, { roots: host.roots })).status, 0)
        if (isThere) await ours('bridge', { command: 'DEL', config: bridgeConfig, id: 'c0' }, { roots: host.roots })
      })
      for (const link of ['cni7.100', 'cni7']) await host.try('ip', 'link', 'del', link)
    })
  }
}

type Vlan = Readonly<{ vlan: number, vlanEnd?: number, flags?: readonly string[] }>

/** Of the container's port, as `bridge vlan` lists them. */
async function vlansOf(host: FakeHost, result: Json): Promise<readonly string[]> {
  const [, port] = result['interfaces'] as readonly Json[]
  const rows = await host.json<readonly { readonly ifname: string, readonly vlans: readonly Vlan[] }[]>('bridge', '-j', '-compressvlans', 'vlan', 'show', 'dev', String(port?.['name']))
  return rows.flatMap(({ vlans }) => vlans.map(({ vlan, vlanEnd = vlan, flags = [] }) => `${vlan}-${vlanEnd} ${flags.toSorted().join(' ')}`.trim())).toSorted()
}

function expectedVlans({ vlan, vlanTrunk, preserveDefaultVlan }: Json): readonly string[] {
  const kept = preserveDefaultVlan === false ? [] : [vlan === undefined ? '1-1 Egress Untagged PVID' : '1-1 Egress Untagged']
  return [...kept, ...vlan === undefined ? [] : ['100-100 Egress Untagged PVID'], ...vlanTrunk === undefined ? [] : ['200-210', '7-7']].toSorted()
}
