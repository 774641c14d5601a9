import test from 'ava'
import { run } from '../../../kernel/exec.ts'
import { firewallFamily } from '../../../nat/family.ts'
import type { Firewall } from '../../../nat/firewall.ts'
import { switchBackend } from '../../../nat/backend.ts'
import { IptablesFirewall } from '../../../nat/iptables/firewall.ts'
import { NftablesFirewall } from '../../../nat/nftables/firewall.ts'
import type { KernelObserver } from '../../../objects/family.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { failEveryCall } from '../../helpers/faults.ts'
import { iptablesLines, nftLines } from '../../helpers/firewall-lines.ts'
import { requires } from '../../helpers/requires.ts'
import { network, publish } from './world.ts'

const plain = [...network('br-a'), publish(4, 8080), publish(6, 8080)]
const conditional = (backend: string, port: number) =>
  publish(4, port, { conditions: backend === 'iptables' ? ['-s', '198.51.100.7', '-m', 'mark', '!', '--mark', '5'] : ['ip', 'saddr', '{', '198.51.100.7,', '198.51.100.9', '}'], mark: { bits: 1 } })

async function rules(host: FakeHost): Promise<string> {
  const [v4, v6, nft] = await Promise.all([host.run('iptables-save'), host.run('ip6tables-save'), host.run('nft', '-j', 'list', 'ruleset')])
  return [...iptablesLines(v4), ...iptablesLines(v6), ...nftLines(nft)].toSorted().join('\n')
}

const backends: readonly { readonly name: string, readonly open: (observe?: KernelObserver) => Firewall }[] = [
  { name: 'iptables', open: observe => new IptablesFirewall({ run, ...observe === undefined ? {} : { observe } }) },
  { name: 'nftables', open: observe => new NftablesFirewall({ run, ...observe === undefined ? {} : { observe } }) },
]

for (const { name, open } of backends) {
  test.serial(`${name}: whichever call fails, nothing is left, and the next try succeeds`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    const before = await rules(host)
    const objects = [...plain, conditional(name, 8081)]
    const calls = await failEveryCall({
      operation: observe => firewallFamily(open(observe), observe).create(objects),
      verify: async () => { t.is(await rules(host), before) },
    })
    t.is(calls, 2)
    t.deepEqual(await open().missing(objects), [])
    await open().remove(objects)
    t.is(await rules(host), before)
  })

  test.serial(`${name}: what the kernel refuses is said, and nothing of the group is left`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    const before = await rules(host)
    const failing: Firewall = name === 'iptables'
      ? new IptablesFirewall({ run: (argv, options) => run(argv[0] === 'ip6tables-restore' ? ['false'] : argv, options) })
      : open()
    // For nftables a foreign table of our name, whose map has another type, is in the way of the second family.
    if (name === 'nftables') await host.run('nft', 'add table ip6 tsnet; add map ip6 tsnet ports { type ipv6_addr : ipv6_addr; }')
    const between = await rules(host)
    const error = await t.throwsAsync(failing.create([...plain, conditional(name, 8081)]), { code: 'firewall-error' })
    t.regex(error.message, /^change firewall rules: /)
    t.is(await rules(host), between)
    if (name === 'nftables') await host.run('nft', 'delete table ip6 tsnet')
    t.is(await rules(host), before)
  })

  test.serial(`${name}: processes that make and remove at once end as if one after the other`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    const before = await rules(host)
    const groups = Array.from({ length: 6 }, (_, i) => network('br-a', { bridge: `br-${i}`, subnets: [] }).filter(({ kind }) => kind === 'isolation').concat(publish(4, 8080 + i), conditional(name, 9080 + i)))
    await Promise.all(groups.map(group => open().create(group)))
    t.deepEqual(await open().missing(groups.flat()), [])
    await Promise.all(groups.map((group, i) => i % 2 === 0 ? open().remove(group) : open().create(group)))
    t.deepEqual((await open().missing(groups.flat())).length, 12)
    await Promise.all(groups.map(group => open().remove(group)))
    t.is(await rules(host), before)
  })
}

test.serial('iptables: where the kernel does not know TCPMSS, networks are made without it', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const before = await rules(host)
  const lacking = new IptablesFirewall({ run: async (argv, options) => options?.stdin?.includes('TCPMSS') === true
    ? { status: 1, stdout: '', stderr: 'iptables-restore v1.8.9 (nf_tables): Couldn\'t load target `TCPMSS\':No such file or directory' } : run(argv, options) })
  await lacking.create(plain)
  t.deepEqual(await lacking.missing(plain), [])
  t.false((await rules(host)).includes('TCPMSS'))
  await lacking.remove(plain)
  t.is(await rules(host), before)
})

for (const [from, to] of [[0, 1], [1, 0]] as const) {
  const [old, next] = [backends[from]!, backends[to]!]
  test.serial(`switching from ${old.name} to ${next.name} moves everything and leaves nothing behind`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    const before = await rules(host)
    await old.open().create(plain)
    await switchBackend(old.open(), next.open(), plain)
    t.deepEqual(await next.open().missing(plain), [])
    t.is((await old.open().missing(plain)).length, plain.length)
    await next.open().remove(plain)
    t.is(await rules(host), before)
  })
}
