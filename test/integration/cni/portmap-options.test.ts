/**
 * The options of portmap, seen from outside: who gets through to a container, which address the container sees then, and whether the packet bore
 * the mark. The reference plugin and both of our firewalls are looked at in the same way, and have to look the same.
 */
import test from 'ava'
import { FakeHost } from '../../helpers/fake-host.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { curlText, startEcho } from './echo.ts'
import { type CallSpec, type Json, type Outcome, bridgeConfig, ours, reference, withContainers } from './lab.ts'

type Who = 'reference' | 'iptables' | 'nftables'
/** The address that the container saw, with `marked` behind it, or why there was none. */
type Sight = Readonly<Record<string, string>>

const MARK = '0x4000/0x4000'
const FRIENDS = { 4: '192.0.2.3', 6: '2001:db8::3' }

interface Case {
  readonly title: string
  readonly fields: Json
  /** The same in the words of nft, where the fields have words of iptables. */
  readonly nft?: Json | 'refused'
  readonly expected: Sight
}

const everybody: Sight = {
  'outside': '192.0.2.2', 'a friend outside': '192.0.2.3', 'the host': '10.7.0.1', 'a neighbour': '10.7.0.1',
  'outside, IPv6': '2001:db8::2', 'a friend outside, IPv6': '2001:db8::3', 'a neighbour, IPv6': 'fd07::1',
}
const near = ['the host', 'a neighbour', 'a neighbour, IPv6']
const marked = (names: readonly string[], sight: Sight): Sight =>
  Object.fromEntries(Object.entries(sight).map(([name, seen]) => [name, names.includes(name) ? `${seen} marked` : seen]))
const without = (names: readonly string[]): Sight =>
  Object.fromEntries(Object.entries(everybody).map(([name, seen]) => [name, names.includes(name) ? 'refused' : seen]))
const masqueraded: Sight = Object.fromEntries(Object.keys(everybody).map(name => [name, name.includes('IPv6') ? 'fd07::1' : '10.7.0.1']))

/** Those that the plugin of Debian, 1.1.1, has as well. */
const cases: readonly Case[] = [
  { title: 'no options', fields: {}, expected: everybody },
  { title: 'conditions', fields: { conditionsV4: ['-s', '192.0.2.3/32'], conditionsV6: ['!', '-s', '2001:db8::3'] },
    nft: { conditionsV4: ['ip', 'saddr', '192.0.2.3'], conditionsV6: ['ip6', 'saddr', '!=', '2001:db8::3'] },
    expected: without(['outside', 'the host', 'a neighbour', 'a friend outside, IPv6']) },
  { title: 'conditions for one family', fields: { conditionsV4: ['!', '-d', '192.0.2.1/32'] }, nft: { conditionsV4: ['ip', 'daddr', '!=', '192.0.2.1'] },
    expected: without(['outside', 'a friend outside', 'a neighbour']) },
  { title: 'a condition that is a module of iptables', fields: { conditionsV4: ['-m', 'iprange', '--src-range', '192.0.2.3-192.0.2.9'], conditionsV6: ['-m', 'comment', '--comment', 'a "b" c'] },
    nft: { conditionsV4: ['ip', 'saddr', '{', '192.0.2.3-192.0.2.9', '}'], conditionsV6: ['meta', 'l4proto', 'tcp'] },
    expected: without(['outside', 'the host', 'a neighbour']) },
  { title: 'markMasqBit', fields: { markMasqBit: 14 }, expected: marked(near, everybody) },
  { title: 'markMasqBit with conditions', fields: { markMasqBit: 14, conditionsV4: ['-s', '10.7.0.0/24'] }, nft: { markMasqBit: 14, conditionsV4: ['ip', 'saddr', '10.7.0.0/24'] },
    expected: marked(near.slice(1), without(['outside', 'a friend outside', 'the host'])) },
  { title: 'markMasqBit without snat', fields: { markMasqBit: 14, snat: false },
    expected: { ...everybody, 'the host': 'silence', 'a neighbour': 'silence', 'a neighbour, IPv6': 'silence' } },
  { title: 'externalSetMarkChain', fields: { externalSetMarkChain: 'THEIR-MARK' }, nft: 'refused', expected: marked(near, everybody) },
]

/** Those of later releases. */
const laterCases: readonly Case[] = [
  { title: 'masqAll', fields: { masqAll: true }, expected: masqueraded },
  { title: 'masqAll with markMasqBit', fields: { masqAll: true, markMasqBit: 14 }, expected: marked(Object.keys(everybody), masqueraded) },
  { title: 'masqAll with externalSetMarkChain', fields: { masqAll: true, externalSetMarkChain: 'THEIR-MARK' }, nft: 'refused', expected: marked(Object.keys(everybody), masqueraded) },
  { title: 'masqAll without snat', fields: { masqAll: true, snat: false },
    expected: { ...everybody, 'the host': 'silence', 'a neighbour': 'silence', 'a neighbour, IPv6': 'silence' } },
]

for (const who of ['reference', 'iptables', 'nftables'] as const) {
  for (const { title, fields, nft, expected } of who === 'reference' ? cases : [...cases, ...laterCases]) {
    test.serial(`portmap with ${title}, by ${who === 'reference' ? 'the reference plugin' : `tsnet with ${who}`}`, async t => {
      if (!requires.root(t)) return
      await using host = await openHost(who)
      const { added, sight, left } = await look(host, who, who === 'nftables' && typeof nft === 'object' ? nft : fields)
      if (who === 'nftables' && nft === 'refused') {
        t.like(added, { status: 1, result: { code: 999, details: 'tsnet: firewall-unsupported' } })
        t.regex(String(added.result['msg']), /THEIR-MARK is one of iptables, and the firewall of this host is nftables/)
      } else {
        t.is(added.status, 0, added.stdout)
        t.deepEqual(sight, expected)
      }
      if (who !== 'reference') t.deepEqual(left, [])
    })
  }
}

for (const backend of ['iptables', 'nftables'] as const) {
  test.serial(`with ${backend}, a container on two networks has its ports by the first, and what that lacks by the second`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    await host.tsnet('firewall', 'use', backend)
    const call = (spec: CallSpec) => ours('tsnet', spec, { roots: host.roots })
    const ports = { runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] } }
    const network = (name: string, number: number, ...ranges: readonly Json[]): Json => ({
      cniVersion: '1.0.0', name, type: 'tsnet', bridge: `cni-${name}`, isDefaultGateway: true, ipam: { type: 'host-local', ranges: [[{ subnet: `10.${number}.0.0/24` }], ...ranges.map(range => [range])] }, ...ports,
    })
    const [blue, red] = [network('blue', 7), network('red', 8, { subnet: 'fd08::/64' })]
    await withContainers(['c1', 'c2'], async () => {
      const first = await call({ command: 'ADD', config: blue })
      const second = await call({ command: 'ADD', config: red, ifname: 'eth1' })
      t.deepEqual([first.status, second.status], [0, 0], second.stdout)
      t.is((await call({ command: 'CHECK', config: { ...red, prevResult: second.result }, ifname: 'eth1' })).status, 0)
      await using _echo = await startEcho(new Namespace('c1', '/run/netns/c1'), 80)
      for (const url of ['http://127.0.0.1:8080', 'http://192.0.2.1:8080', 'http://[2001:db8::1]:8080']) t.is(await curlText(host, url), 'container\n', url)
      t.like(await call({ command: 'ADD', config: blue, id: 'c2' }), { status: 1, result: { code: 11 } }, 'another container is none of it')
      t.is((await call({ command: 'DEL', config: red, ifname: 'eth1', netns: '' })).status, 0)
      t.is(await curlText(host, 'http://192.0.2.1:8080'), 'container\n')
      t.is((await call({ command: 'ADD', config: red, ifname: 'eth1' })).status, 0)
      for (const [config, ifname] of [[blue, 'eth0'], [red, 'eth1']] as const) t.is((await call({ command: 'DEL', config, ifname })).status, 0)
      t.notRegex(await host.run(backend === 'iptables' ? 'iptables-save' : 'nft', ...backend === 'iptables' ? [] : ['list', 'ruleset']), /8080|tsnet/i)

      // The same by a chain, the way podman calls it.
      const chain = (config: Json, fields: Json): Json => ({ ...config, ...fields, runtimeConfig: {} })
      for (const [config, ifname] of [[blue, 'eth0'], [red, 'eth1']] as const) {
        const { result } = await call({ command: 'ADD', config: chain(config, {}), ifname })
        const portmap = { ...config, type: 'portmap', prevResult: result }
        const added = await ours('portmap', { command: 'ADD', config: portmap, ifname }, { roots: host.roots })
        t.is(added.status, 0, added.stdout)
        t.is((await ours('portmap', { command: 'CHECK', config: portmap, ifname }, { roots: host.roots })).status, 0)
      }
      for (const url of ['http://127.0.0.1:8080', 'http://[2001:db8::1]:8080']) t.is(await curlText(host, url), 'container\n', url)
      for (const [config, ifname] of [[red, 'eth1'], [blue, 'eth0']] as const) {
        t.is((await ours('portmap', { command: 'DEL', config, ifname }, { roots: host.roots })).status, 0)
        t.is((await call({ command: 'DEL', config, ifname })).status, 0)
      }
    })
    for (const name of ['blue', 'red']) await host.run('ip', 'link', 'del', `cni-${name}`)
  })
}

test.serial('conditions stand where the reference plugin has them: in the table nat, on the way from PREROUTING and from OUTPUT', async t => {
  if (!requires.root(t)) return
  const fields = { conditionsV4: ['!', '-s', '198.51.100.0/24', '-m', 'statistic', '--mode', 'random', '--probability', '1'], conditionsV6: ['-i', 'up0'] }
  const places: Record<string, unknown> = {}
  for (const who of ['reference', 'iptables'] as const) {
    await using host = await openHost(who)
    const { rules, added } = await look(host, who, fields)
    places[who] = ['! -s 198.51.100.0/24', '--probability 1', '-i up0'].map(words => rules.filter(({ spec }) => spec.includes(words)).map(rule => ({
      program: rule.program, table: rule.table, from: waysTo(rules, rule).toSorted(), isJump: / -j (CNI-DN|TSNET-PORT)-/.test(rule.spec),
    })))
    t.deepEqual((added.result['ips'] as readonly Json[]).length, 2)
  }
  t.deepEqual(places['iptables'], places['reference'])
  t.deepEqual((places['iptables'] as readonly unknown[][]).map(found => found.length), [1, 1, 1])
})

/** The chains of the kernel from which jumps lead to a rule. */
function waysTo(rules: readonly SavedRule[], { program, table, chain }: Pick<SavedRule, 'program' | 'table' | 'chain'>): readonly string[] {
  if (/^[A-Z]+ROUTING$|^OUTPUT$/.test(chain)) return [chain]
  const before = rules.filter(rule => rule.program === program && rule.table === table && rule.spec.endsWith(` -j ${chain}`))
  return [...new Set(before.flatMap(rule => waysTo(rules, rule)))]
}

async function openHost(who: Who): Promise<FakeHost> {
  const host = await FakeHost.create()
  if (who !== 'reference') await host.tsnet('firewall', 'use', who)
  // Where bridged packets go through iptables, a neighbour's connection finds its way back without snat as well.
  for (const key of ['bridge-nf-call-iptables', 'bridge-nf-call-ip6tables']) await host.try('sysctl', '-w', `net.bridge.${key}=0`)
  await host.outside.run('ip', 'addr', 'add', `${FRIENDS[4]}/24`, 'dev', 'eth0')
  await host.outside.run('ip', 'addr', 'add', `${FRIENDS[6]}/64`, 'dev', 'eth0', 'nodad')
  return host
}

interface SavedRule { readonly program: string, readonly table: string, readonly chain: string, readonly spec: string }

interface Looked { readonly added: Outcome, readonly sight: Sight, readonly left: readonly string[], readonly rules: readonly SavedRule[] }

/** One container with port 80 behind port 8080 of the host, a neighbour on its bridge, and a chain that marks and masquerades as Kubernetes' does. */
async function look(host: FakeHost, who: Who, fields: Json): Promise<Looked> {
  const call = (program: string, spec: Parameters<typeof reference>[1]) => ours(program, spec, { roots: host.roots })
  const config = { ...bridgeConfig, ipMasq: false }
  return withContainers(['c1', 'c2'], async () => {
    const { result: prevResult } = await call('bridge', { command: 'ADD', config })
    await call('bridge', { command: 'ADD', config, id: 'c2' })
    await setChains(host, 'add')
    const before = await rulesOf(host)
    const ports: Json = { cniVersion: '1.0.0', name: 'blue', type: 'portmap', ...fields, prevResult, runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] } }
    const plugin = who === 'reference' ? reference : call
    const inside = new Namespace('c1', '/run/netns/c1')
    await using _server = await inside.serveTcp(80, { http: true })
    const added = await plugin('portmap', { command: 'ADD', config: ports })
    const sight = added.status === 0 ? await sightOf(host, new Namespace('c2', '/run/netns/c2')) : {}
    const rules = await savedRules(host)
    if (who !== 'reference' && added.status === 0) {
      const checked = await plugin('portmap', { command: 'CHECK', config: ports })
      if (checked.status !== 0) throw new Error(`CHECK: ${checked.stdout}`)
    }
    await plugin('portmap', { command: 'DEL', config: ports })
    const left = (await rulesOf(host)).filter(line => !before.includes(line))
    await setChains(host, 'del')
    for (const program of ['iptables', 'ip6tables']) if (who === 'reference') for (const verb of ['-F', '-X']) await host.run(program, '-t', 'nat', verb)
    for (const id of ['c1', 'c2']) await call('bridge', { command: 'DEL', config, id })
    await host.run('ip', 'link', 'del', 'cni7')
    return { added, sight, left, rules }
  })
}

async function setChains(host: FakeHost, how: 'add' | 'del'): Promise<void> {
  const [table, verb] = how === 'add' ? ['-N', '-A'] : ['-X', '-D']
  const masquerade = (program: string) => host.run(program, '-t', 'nat', verb, 'POSTROUTING', '-m', 'mark', '--mark', MARK, '-j', 'MASQUERADE')
  for (const program of ['iptables', 'ip6tables']) {
    await host.run(program, '-t', 'mangle', verb, 'POSTROUTING', '-p', 'tcp', '--dport', '80', '-m', 'mark', '--mark', MARK)
    await masquerade(program)
    if (how === 'add') await host.run(program, '-t', 'nat', table, 'THEIR-MARK')
    await host.run(program, '-t', 'nat', verb, 'THEIR-MARK', '-j', 'MARK', '--set-xmark', MARK)
    if (how === 'del') await host.run(program, '-t', 'nat', table, 'THEIR-MARK')
  }
}

async function sightOf(host: FakeHost, neighbour: Namespace): Promise<Sight> {
  const [v4, v6] = ['http://192.0.2.1:8080', 'http://[2001:db8::1]:8080']
  const ways: readonly (readonly [name: string, from: Namespace, url: string, ...options: readonly string[]])[] = [
    ['outside', host.outside, v4, '--interface', '192.0.2.2'], ['a friend outside', host.outside, v4, '--interface', FRIENDS[4]],
    ['the host', host, 'http://127.0.0.1:8080'], ['a neighbour', neighbour, v4],
    ['outside, IPv6', host.outside, v6, '--interface', '2001:db8::2'], ['a friend outside, IPv6', host.outside, v6, '--interface', FRIENDS[6]],
    ['a neighbour, IPv6', neighbour, v6],
  ]
  const seen: Record<string, string> = {}
  for (const [name, from, url, ...options] of ways) {
    const program = url === v6 ? 'ip6tables' : 'iptables'
    await host.run(program, '-t', 'mangle', '-Z', 'POSTROUTING')
    const { status, stdout } = await from.try('curl', '-s', '-g', '--noproxy', '*', '--max-time', '3', ...options, url)
    const counted = await host.run(program, '-t', 'mangle', '-nvxL', 'POSTROUTING')
    const mark = /^ +[1-9]\d* .*mark match/m.test(counted) ? ' marked' : ''
    seen[name] = status === 0 ? `${stdout.trim()}${mark}` : status === 7 ? 'refused' : 'silence'
  }
  return seen
}

async function savedRules(host: FakeHost): Promise<readonly SavedRule[]> {
  const saved: SavedRule[] = []
  for (const program of ['iptables', 'ip6tables']) {
    let table = ''
    for (const line of (await host.run(`${program}-save`)).split('\n')) {
      if (line.startsWith('*')) table = line.slice(1)
      const [, chain, spec] = /^-A (\S+) (.*)$/.exec(line) ?? []
      if (chain !== undefined && spec !== undefined) saved.push({ program, table, chain, spec })
    }
  }
  return saved
}

async function rulesOf(host: FakeHost): Promise<readonly string[]> {
  const texts = await Promise.all([host.run('iptables-save'), host.run('ip6tables-save'), host.run('nft', 'list', 'tables')])
  return texts.join('\n').split('\n').filter(line => /tsnet|10\.7|fd07|8080/i.test(line))
}
