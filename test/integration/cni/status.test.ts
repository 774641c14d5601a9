/** STATUS: whether an ADD would succeed as far as can be told without a container, in the numbers of the specification, and without changing anything. */
import test from 'ava'
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { type Json, type Outcome, bridgeConfig, ours, tsnetConfig, withContainers } from './lab.ts'

const v11 = { cniVersion: '1.1.0', name: 'blue' }
const bridge: Json = { ...bridgeConfig, ...v11 }
const status = (host: FakeHost, program: string, config: Json, path?: string): Promise<Outcome> =>
  ours(program, { command: 'STATUS', config, id: '', netns: '', ifname: '', ...path === undefined ? {} : { path } }, { roots: host.roots })
const ready = { status: 0, stdout: '', stderr: '', result: {} }

const good: readonly (readonly [program: string, config: Json])[] = [
  ['tsnet', { ...tsnetConfig, ...v11, markMasqBit: 14, ingressPolicy: 'same-bridge' }], ['bridge', bridge], ['bridge', { ...v11, type: 'bridge' }],
  ['host-local', { ...v11, ipam: bridgeConfig.ipam }], ['static', { ...v11, ipam: { type: 'static', addresses: [{ address: '10.7.0.9/24' }] } }],
  ['portmap', { ...v11, conditionsV4: ['-s', '192.0.2.0/24'], externalSetMarkChain: 'X' }], ['loopback', v11], ['bandwidth', { ...v11, ingressRate: 1000, ingressBurst: 1000 }],
  ['firewall', { ...v11, ingressPolicy: 'isolated' }], ['tuning', { ...v11, sysctl: { 'net.core.somaxconn': '500' } }],
]

test.serial('every plugin that could add says so with nothing, and changes nothing', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await host.tsnet('firewall', 'use', 'iptables')
  await status(host, 'host-local', { ...v11, ipam: bridgeConfig.ipam })
  const before = await host.snapshot()
  for (const [program, config] of good) t.deepEqual(await status(host, program, config), ready, `${program} ${JSON.stringify(config)}`)
  t.deepEqual(await status(host, 'tsnet-cni', { ...bridge, type: 'bridge' }), ready, 'by the type of the configuration')
  await host.assertAsBefore(before, { except: [/fds: socket$/, /cgroups: /, /files: .*(tsnet\.db|\/owners\/|lock)/] })
})

for (const cniVersion of ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0']) {
  test.serial(`a configuration of ${cniVersion}, which knows no STATUS, is told so`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    t.like(await status(host, 'bridge', { ...bridge, cniVersion }), { status: 1, result: { code: 1, msg: 'config version does not allow STATUS' } })
  })
}

const bad: readonly (readonly [title: string, program: string, config: Json, code: number, msg: RegExp])[] = [
  ['no name', 'bridge', { ...bridge, name: '' }, 7, /missing network name/],
  ['a field of the wrong type', 'bridge', { ...bridge, bridge: 7 }, 6, /"bridge" must be a string/],
  ['a VLAN that is none', 'bridge', { ...bridge, vlan: 5000 }, 50, /invalid VLAN ID/],
  ['a bridge that is another link', 'bridge', { ...bridge, bridge: 'up0' }, 50, /"up0" already exists but is not a bridge/],
  ['a bridge that is another link', 'tsnet', { ...tsnetConfig, ...v11, bridge: 'up0' }, 50, /is not a bridge/],
  ['an IPAM plugin that is not there', 'bridge', { ...bridge, ipam: { type: 'nope' } }, 50, /failed to find plugin "nope"/],
  ['no ranges', 'bridge', { ...bridge, ipam: { type: 'host-local' } }, 50, /no IP ranges specified/],
  ['no ranges of host-local itself', 'host-local', { ...v11, ipam: { type: 'host-local' } }, 50, /no IP ranges specified/],
  ['an address without a prefix', 'static', { ...v11, ipam: { type: 'static', addresses: [{ address: '10.7.0.9' }] } }, 50, /CIDR notation/],
  ['both ways of marking', 'portmap', { ...v11, markMasqBit: 1, externalSetMarkChain: 'X' }, 50, /Cannot specify/],
  ['conditions of the other firewall', 'portmap', { ...v11, conditionsV4: ['ip', 'saddr', '192.0.2.1'] }, 50, /words of nftables, and the firewall of this host is iptables/],
  ['conditions of the other firewall', 'tsnet', { ...tsnetConfig, ...v11, conditionsV6: ['ip6', 'saddr', '::1'] }, 50, /words of nftables/],
  ['a rate without a burst', 'bandwidth', { ...v11, ingressRate: 1000 }, 50, /burst/i],
  ['a policy that is none', 'firewall', { ...v11, ingressPolicy: 'never' }, 50, /unrecognized ingressPolicy/],
  ['a setting outside net', 'tuning', { ...v11, sysctl: { 'kernel.hostname': 'x' } }, 50, /kernel/],
  ['a plugin that is none', 'tsnet-cni', { ...v11, type: 'nope' }, 7, /no plugin is called "nope"/],
]

for (const [title, program, config, code, msg] of bad) {
  test.serial(`not ready, number ${code}: ${title} (${program})`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    await host.tsnet('firewall', 'use', 'iptables')
    const { status: exit, stderr, result } = await status(host, program, config)
    t.is(exit, 1)
    t.is(stderr, '')
    t.is(result['code'], code, JSON.stringify(result))
    t.regex(String(result['msg']), msg)
  })
}

test.serial('with nftables, words of iptables and its chains are what stands in the way', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await host.tsnet('firewall', 'use', 'nftables')
  t.deepEqual(await status(host, 'portmap', { ...v11, conditionsV4: ['ip', 'saddr', '192.0.2.1'] }), ready)
  for (const fields of [{ conditionsV4: ['-s', '192.0.2.1'] }, { externalSetMarkChain: 'X' }]) {
    t.like(await status(host, 'portmap', { ...v11, ...fields }), { status: 1, result: { code: 50 } }, JSON.stringify(fields))
  }
})

test.serial('a pool without an address is not ready, unless a container that is gone has one, or DEL gives one back', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const ipam = { type: 'host-local', ranges: [[{ subnet: '10.7.0.0/29', rangeStart: '10.7.0.2', rangeEnd: '10.7.0.3' }]] }
  const config = { ...bridge, ipam }
  const call = (command: string, id: string) => ours('bridge', { command, config, id }, { roots: host.roots })
  await withContainers(['c1', 'c2'], async () => {
    for (const id of ['c1', 'c2']) {
      t.deepEqual(await status(host, 'bridge', config), ready, 'asking takes no address')
      t.is((await call('ADD', id)).status, 0)
    }
    t.like(await status(host, 'bridge', config), { status: 1, result: { code: 50 } })
    t.like(await status(host, 'host-local', { ...v11, ipam }), { status: 1, result: { code: 50 } }, 'asked by a main plugin of somebody else')
    await call('DEL', 'c1')
    t.deepEqual(await status(host, 'bridge', config), ready)
    t.is((await call('ADD', 'c1')).status, 0)
    await host.run('ip', 'netns', 'del', 'c2')
    while ((await host.run('ip', '-o', 'link', 'show', 'type', 'veth', 'master', 'cni7')).trim().split('\n').length > 1) { /* the kernel takes the link away in its own time */ }
    t.deepEqual(await status(host, 'bridge', config), ready, 'an ADD would take the address of the dead one')
    await call('DEL', 'c2')
    await call('DEL', 'c1')
    await host.run('ip', 'netns', 'add', 'c2')
  })
  await host.run('ip', 'link', 'del', 'cni7')
})

test.serial('an IPAM plugin of somebody else is asked with the whole configuration, and its answer passed on', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const folder = mkdtempSync('/run/cni-plugins-')
  const config = { ...bridge, ipam: { type: 'theirs', server: '192.0.2.2' } }
  const install = (body: string): void => {
    writeFileSync(`${folder}/theirs`, `#!/bin/sh\necho "$CNI_COMMAND" >${folder}/command\ncat >${folder}/stdin\n${body}\n`)
    chmodSync(`${folder}/theirs`, 0o755)
  }
  install('exit 0')
  t.deepEqual(await status(host, 'bridge', config, folder), ready)
  t.is(readFileSync(`${folder}/command`, 'utf8'), 'STATUS\n')
  t.deepEqual(JSON.parse(readFileSync(`${folder}/stdin`, 'utf8')), config)
  install('echo \'{"cniVersion":"1.1.0","code":51,"msg":"the server is away","details":"since noon"}\'; exit 1')
  t.like(await status(host, 'bridge', config, folder), { status: 1, result: { code: 51, msg: 'the server is away', details: 'since noon' } })
  install('echo no JSON; exit 3')
  t.like(await status(host, 'bridge', config, folder), { status: 1, result: { code: 50 } })
})
