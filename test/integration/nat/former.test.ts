/** Rules that an earlier version has made: they count as what they are for, and go with it. */
import test from 'ava'
import { openFirewall } from '../../../nat/backend.ts'
import type { FirewallObject } from '../../../objects/firewall.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { rules } from './rules.ts'

const spec = '-o cni0 -m addrtype --src-type LOCAL -m conntrack --ctstate DNAT -j MASQUERADE'
const hairpins: readonly FirewallObject[] = [
  { kind: 'hairpin', family: 4, bridge: 'cni0' }, { kind: 'hairpin', family: 4, bridge: 'cni0', subnet: '10.85.0.0/16' },
]

test.serial('iptables: masquerade of published ports\' own traffic in TSNET-POSTROUTING, and none of it is left', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const firewall = openFirewall('iptables')
  await firewall.create(hairpins)
  const iptables = (...args: readonly string[]): Promise<string> => host.run('iptables', '-t', 'nat', ...args)
  await iptables('-A', 'TSNET-POSTROUTING', ...spec.split(' '))
  await iptables('-A', 'TSNET-POSTROUTING', '-s', '10.85.0.0/16', '-o', 'cni0', '-m', 'conntrack', '--ctstate', 'DNAT', '-j', 'MASQUERADE')
  await iptables('-D', 'POSTROUTING', '-j', 'TSNET-HAIRPIN')
  await iptables('-F', 'TSNET-HAIRPIN')
  await iptables('-X', 'TSNET-HAIRPIN')
  t.deepEqual(await firewall.missing(hairpins), [])
  await iptables('-D', 'TSNET-POSTROUTING', ...spec.split(' '))
  t.deepEqual(await firewall.missing(hairpins), [hairpins[0]])
  await firewall.create(hairpins)
  t.deepEqual(await firewall.missing(hairpins), [])
  await firewall.remove(hairpins)
  t.deepEqual((await rules({ host })).filter(line => line.includes('TSNET')), [])
})

test.serial('nftables: a table with maps of another kind is told of with what makes it anew', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await host.run('nft', 'add table ip tsnet; add map ip tsnet ports { type inet_service : verdict; }')
  const firewall = openFirewall('nftables')
  await t.throwsAsync(firewall.create(hairpins), { code: 'firewall-error', message: /another version's; `tsnet firewall use iptables` and then `tsnet firewall use nftables`/ })
  firewall.close()
})
