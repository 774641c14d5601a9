import test from 'ava'
import { run } from '../../../kernel/exec.ts'
import { IptablesFirewall } from '../../../nat/iptables/firewall.ts'
import { runCommand } from '../../helpers/namespace.ts'
import { iptablesLines } from '../../helpers/firewall-lines.ts'
import { requires } from '../../helpers/requires.ts'
import { network, publish } from './world.ts'

const range = { first: 20_000, last: 29_999 }
const objects = [
  ...network('br-a'), ...network('br-b', { mode: 'routed', icc: false }), publish(4, 8080), publish(6, 8080, { hostIp: '2001:db8::1', protocol: 'udp' }),
  publish(4, 0, { host: range, container: range }), publish(4, 0, { host: { first: 90, last: 99 }, container: { first: 80, last: 89 } }),
  publish(4, 8081, { conditions: ['!', '--source', '192.0.2.7', '-m', 'comment', '--comment', 'a "b" c'], mark: { bits: 0x4000, from: ['10.9.0.0/16'] } }),
  publish(6, 8081, { mark: { bits: 0x8000_0000 } }),
  publish(4, 80, { routed: true, bridge: 'br-b' }), { kind: 'masquerade', family: 4, bridge: 'br-c', subnet: '10.9.0.0/16', source: '192.0.2.1' } as const,
]

async function saved(variant: string): Promise<readonly string[]> {
  const texts = await Promise.all(['iptables', 'ip6tables'].map(async program => (await runCommand([`${program}-${variant}-save`])).stdout))
  return texts.flatMap(text => [...iptablesLines(text)]).toSorted()
}

test.serial('iptables-legacy and iptables-nft list the same rules, find them again and leave none', async t => {
  if (!requires.root(t) || !requires.tool(t, 'iptables-legacy-restore')) return
  const found: Record<string, readonly string[]> = {}
  for (const variant of ['nft', 'legacy']) {
    const firewall = new IptablesFirewall({
      run: ([program = '', ...args], options) => run([program.replace('tables-', `tables-${variant}-`), ...args], options),
    })
    const before = await saved(variant)
    await firewall.create(objects)
    found[variant] = await saved(variant)
    t.deepEqual(await firewall.missing(objects), [], variant)
    await firewall.create(objects)
    t.deepEqual(await saved(variant), found[variant], variant)
    await firewall.remove(objects)
    t.deepEqual(await saved(variant), before, variant)
  }
  t.deepEqual(found['legacy'], found['nft'])
})
