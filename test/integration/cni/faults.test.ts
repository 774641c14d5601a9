/** The fault law for CNI: whatever kernel call fails or is the last of a process, nothing half-made stays, and the next call succeeds. */
import { join } from 'node:path'
import test from 'ava'
import { FakeHost } from '../../helpers/fake-host.ts'
import { failEveryCall, killEveryCall } from '../../helpers/faults.ts'
import { runCommand } from '../../helpers/namespace.ts'
import { CHECKOUT } from '../../helpers/tsnet.ts'
import { requires } from '../../helpers/requires.ts'
import { type CallSpec, environmentOf, ours, tsnetConfig, withContainers } from './lab.ts'

/** Forwarding stays on, as with the reference plugin; the kernel makes a bridge's own IPv6 routes when it has seen a carrier; the rest is the store's. */
const except = [/sysctls: net\/ipv[46]\/(ip_forward|conf\/[^/]+\/(forwarding|accept_redirects|accept_ra|route_localnet))=/, /routes: type="anycast"/,
  /files: .*(tsnet\.db|\/owners\/|lock)/, /fds: /, /: .*fe80::/, /routes: .*dst="fd07::.*dev="cni7"/, /cgroups: /]
const fixture = new URL('call.fixture.ts', import.meta.url).pathname
const config = { ...tsnetConfig, cniVersion: '1.1.0' }
/** Ports in chains of their own. */
const options = {
  iptables: { markMasqBit: 14, conditionsV4: ['!', '-s', '198.51.100.0/24'] }, nftables: { markMasqBit: 14, conditionsV4: ['ip', 'saddr', '!=', '198.51.100.0/24'] },
} as const

for (const backend of ['iptables', 'nftables'] as const) {
  for (const [where, withKeeper] of [['on a bridge of its own', false], ['beside another container', true]] as const) {
    test.serial(`${backend}: an ADD ${where} whose N-th kernel call fails leaves nothing, and the next one succeeds`, async t => {
      if (!requires.root(t)) return
      await using host = await FakeHost.create()
      await host.tsnet('firewall', 'use', backend)
      const call = (spec: CallSpec, observer?: (text: string) => void) =>
        ours('tsnet', spec, { roots: host.roots, ...observer === undefined ? {} : { observer } })
      await withContainers(['c0', 'c1'], async () => {
        if (withKeeper) await call({ command: 'ADD', id: 'c0', config: { ...config, runtimeConfig: {} } })
        const before = await host.snapshot()
        const added = withKeeper ? { ...config, ...options[backend] } : config
        const calls = await failEveryCall({
          async operation(observer) {
            const { status, stdout } = await call({ command: 'ADD', config: added }, observer)
            if (status !== 0) throw new Error(stdout)
          },
          verify: () => host.assertAsBefore(before, { except }),
          undo: () => call({ command: 'DEL', config }),
        })
        t.true(calls > 8, `${calls} calls`)
        if (withKeeper) await call({ command: 'DEL', id: 'c0', config })
        await host.run('ip', 'link', 'del', 'cni7')
      })
    })
  }

  for (const [way, end] of [['DEL', { command: 'DEL', config }], ['GC', { command: 'GC', config: { ...config, 'cni.dev/valid-attachments': [{ containerID: 'c0', ifname: 'eth0' }] } }]] as const) {
    test.serial(`${backend}: after kill -9 at any kernel call of an ADD, ${way} frees everything`, async t => {
      if (!requires.root(t)) return
      await using host = await FakeHost.create()
      await host.tsnet('firewall', 'use', backend)
      const { root, runRoot } = host.roots
      const call = (spec: CallSpec) => ours('tsnet', spec, { roots: host.roots })
      await withContainers(['c0', 'c1'], async () => {
        await call({ command: 'ADD', id: 'c0', config: { ...config, runtimeConfig: {} } })
        const before = await host.snapshot()
        const cleanUp = async (): Promise<void> => {
          const { status, stdout } = await call(end)
          if (status !== 0) throw new Error(stdout)
          await host.assertAsBefore(before, { except })
        }
        const add: CallSpec = { command: 'ADD', config: way === 'GC' ? config : { ...config, ...options[backend] } }
        const calls = await killEveryCall({ program: fixture, args: [root, runRoot, 'tsnet', JSON.stringify(add)], verify: cleanUp })
        t.true(calls > 8, `${calls} calls`)
        await cleanUp()
        t.like((await call(add)).result, { ips: [{ gateway: '10.7.0.1' }, { gateway: 'fd07::1' }] })
        await call({ command: 'DEL', config })
        await call({ command: 'DEL', id: 'c0', config })
        await host.run('ip', 'link', 'del', 'cni7')
      })
    })
  }

  test.serial(`${backend}: a DEL that is killed at any kernel call is finished by the next one`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    await host.tsnet('firewall', 'use', backend)
    const { root, runRoot } = host.roots
    const call = (spec: CallSpec) => ours('tsnet', spec, { roots: host.roots })
    await withContainers(['c1'], async () => {
      await call({ command: 'ADD', config })
      await call({ command: 'DEL', config })
      const before = await host.snapshot()
      await call({ command: 'ADD', config })
      const del: CallSpec = { command: 'DEL', config }
      const calls = await killEveryCall({
        program: fixture, args: [root, runRoot, 'tsnet', JSON.stringify(del)],
        async verify() {
          t.is((await call(del)).status, 0)
          await host.assertAsBefore(before, { except })
          await call({ command: 'ADD', config })
        },
      })
      t.true(calls > 1, `${calls} calls`)
      await host.assertAsBefore(before, { except })
      await host.run('ip', 'link', 'del', 'cni7')
    })
  })
}

test.serial('100 ADDs at once, as processes of their own, all succeed with addresses of their own', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const { root, runRoot } = host.roots
  const ids = Array.from({ length: 100 }, (_, index) => `p${index}`)
  const plain = { ...config, runtimeConfig: {} }
  const run = (id: string) => runCommand([join(CHECKOUT, 'bin/tsnet-cni')], {
    input: JSON.stringify(plain), timeoutMs: 170_000, env: { ...environmentOf({ command: 'ADD', id, config: plain }), TSNET_ROOT: root, TSNET_RUN_ROOT: runRoot },
  })
  t.timeout(180_000)
  await withContainers(ids, async () => {
    const results = await Promise.all(ids.map(run))
    t.deepEqual(results.filter(({ status }) => status !== 0).map(({ stdout, stderr }) => stdout + stderr), [])
    const addresses = results.map(({ stdout }) => (JSON.parse(stdout) as { readonly ips: readonly { readonly address: string }[] }).ips[0]?.address)
    t.is(new Set(addresses).size, 100)
    t.is((await host.run('ip', '-o', 'link', 'show', 'type', 'veth', 'master', 'cni7')).trim().split('\n').length, 100)
    t.is((await ours('tsnet', { command: 'GC', config: { ...plain, 'cni.dev/valid-attachments': [] } }, { roots: host.roots })).status, 0)
    t.notRegex(await host.run('iptables-save'), /TSNET/)
    t.is(await host.run('ip', '-o', 'link', 'show', 'type', 'veth', 'master', 'cni7'), '')
    await host.run('ip', 'link', 'del', 'cni7')
  })
})
