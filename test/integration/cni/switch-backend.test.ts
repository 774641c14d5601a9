/** `tsnet firewall use` while containers of an orchestrator run: what they have in the one firewall, they have in the other one. */
import test from 'ava'
import { FakeHost } from '../../helpers/fake-host.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { curlText, startEcho } from './echo.ts'
import { type CallSpec, type Json, ours, tsnetConfig, withContainers } from './lab.ts'

const config: Json = { ...tsnetConfig, cniVersion: '1.1.0', ingressPolicy: 'same-bridge', markMasqBit: 14 }
const callsOn = (host: FakeHost) => (spec: CallSpec) => ours('tsnet', spec, { roots: host.roots })
const rulesOf = {
  iptables: async (host: FakeHost) => `${await host.run('iptables-save')}${await host.run('ip6tables-save')}`,
  nftables: (host: FakeHost) => host.run('nft', 'list', 'tables'),
}

for (const [from, to] of [['iptables', 'nftables'], ['nftables', 'iptables']] as const) {
  test.serial(`from ${from} to ${to}: ports lead to the container, and a DEL leaves nothing in either`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    const call = callsOn(host)
    await host.tsnet('firewall', 'use', from)
    await withContainers(['c1', 'c2'], async () => {
      const { result } = await call({ command: 'ADD', config })
      await call({ command: 'ADD', id: 'c2', config: { ...config, runtimeConfig: {} } })
      await using _echo = await startEcho(new Namespace('c1', '/run/netns/c1'), 80)
      t.is((await host.tsnet('firewall', 'use', to)).status, 0)
      t.notRegex(await rulesOf[from](host), /tsnet/i)
      for (const url of ['http://192.0.2.1:8080', 'http://[2001:db8::1]:8080']) t.is(await curlText(host.outside, url), 'container\n')
      t.is(await curlText(new Namespace('c2', '/run/netns/c2'), 'http://192.0.2.1:8080'), 'container\n')
      t.deepEqual(await call({ command: 'CHECK', config: { ...config, prevResult: result } }), { status: 0, stdout: '', stderr: '', result: {} })
      for (const id of ['c1', 'c2']) t.is((await call({ command: 'DEL', id, config })).status, 0)
      for (const look of Object.values(rulesOf)) t.notRegex(await look(host), /tsnet/i)
    })
    await host.run('ip', 'link', 'del', 'cni7')
  })
}

test.serial('conditions that the other firewall does not understand keep the host with this one, as it is', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const call = callsOn(host)
  await host.tsnet('firewall', 'use', 'iptables')
  const conditional = { ...config, conditionsV4: ['-s', '198.51.100.0/24'] }
  await withContainers(['c1'], async () => {
    const { result } = await call({ command: 'ADD', config: conditional })
    const before = (await rulesOf.iptables(host)).replaceAll(/^#.*|\[\d+:\d+\]/gm, '')
    const { status, stderr } = await host.tsnet('firewall', 'use', 'nftables')
    t.not(status, 0)
    t.regex(stderr, /publish port 8080: its conditions \(-s 198\.51\.100\.0\/24\) are in the words of iptables/)
    t.is((await rulesOf.iptables(host)).replaceAll(/^#.*|\[\d+:\d+\]/gm, ''), before)
    t.notRegex(await rulesOf.nftables(host), /tsnet/)
    t.is((await call({ command: 'CHECK', config: { ...conditional, prevResult: result } })).status, 0)
    t.is((await call({ command: 'DEL', config: conditional })).status, 0)
    t.notRegex(await rulesOf.iptables(host), /TSNET/)
  })
  await host.run('ip', 'link', 'del', 'cni7')
})
