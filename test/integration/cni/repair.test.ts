/** Rules of attachments that another program has removed: `tsnet firewall repair` makes them again, and they go with the last DEL as before. */
import test from 'ava'
import { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { rules } from '../nat/rules.ts'
import { type CallSpec, ours, tsnetConfig, withContainers } from './lab.ts'

const config = (hostPort: number) => ({ ...tsnetConfig, macspoofchk: true, runtimeConfig: { portMappings: [{ hostPort, containerPort: 80, protocol: 'tcp' }] } })

for (const backend of ['iptables', 'nftables']) {
  test.serial(`${backend}: what a flush has removed is made again, and nothing of it outlives the containers`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    t.is((await host.tsnet('firewall', 'use', backend)).status, 0)
    const call = (id: string, command: string, more: Partial<CallSpec> = {}) =>
      ours('tsnet', { command, id, config: config(id === 'c1' ? 8081 : 8082), ...more }, { roots: host.roots })
    const tsnetRules = async () => (await rules({ host })).filter(line => /tsnet/i.test(line))
    await withContainers(['c1', 'c2'], async () => {
      const { result: prevResult } = await call('c1', 'ADD')
      await call('c2', 'ADD')
      const made = await tsnetRules()
      const isAttached = async () => (await call('c1', 'CHECK', { config: { ...config(8081), prevResult } })).status === 0
      t.true(await isAttached())
      await host.run('nft', 'flush', 'ruleset')
      t.false(await isAttached())
      t.is((await host.tsnet('firewall', 'repair')).status, 0)
      t.deepEqual(await tsnetRules(), made)
      t.true(await isAttached())
      t.is((await host.tsnet('firewall', 'repair')).status, 0)
      t.deepEqual(await tsnetRules(), made)
      await call('c1', 'DEL')
      await call('c2', 'DEL')
    })
    t.deepEqual(await tsnetRules(), [])
  })
}
