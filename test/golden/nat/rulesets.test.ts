/**
 * The rules of a small matrix of options, as foreign tools list them: `iptables-save` for one backend, `nft -j list ruleset` for the other.
 *
 * `UPDATE_GOLDEN=1` writes them anew: read the difference before committing it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { run } from '../../../kernel/exec.ts'
import type { Firewall } from '../../../nat/firewall.ts'
import { IptablesFirewall } from '../../../nat/iptables/firewall.ts'
import { NftablesFirewall } from '../../../nat/nftables/firewall.ts'
import type { Family, FirewallObject, IsolationObject, PublishObject } from '../../../objects/firewall.ts'
import { iptablesLines, nftLines } from '../../helpers/firewall-lines.ts'
import { runCommand } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'

const folder = join(import.meta.dirname, 'rulesets')
const subnets = { 4: '172.18.0.0/24', 6: 'fd00:18::/64' } as const
const containers = { 4: '172.18.0.2', 6: 'fd00:18::2' } as const

const isolation = (family: Family, options: Partial<IsolationObject> = {}): IsolationObject => ({
  kind: 'isolation', family, bridge: 'tsbr-golden', subnets: [subnets[family]], gateways: [], icc: true, internal: false, mode: 'nat', ...options,
})
const masquerade = (family: Family, source?: string): FirewallObject =>
  ({ kind: 'masquerade', family, bridge: 'tsbr-golden', subnet: subnets[family], ...source === undefined ? {} : { source } })
const publish = (family: Family, host: readonly [number, number], first: number, options: Partial<PublishObject> = {}): PublishObject => ({
  kind: 'publish', family, bridge: 'tsbr-golden', protocol: 'tcp', host: { first: host[0], last: host[1] }, containerIp: containers[family],
  container: { first, last: first + host[1] - host[0] }, ...options,
})

const resolver = (family: Family): FirewallObject =>
  ({ kind: 'resolver', family, bridge: 'tsbr-golden', address: family === 4 ? '172.18.0.1' : 'fd00:18::1', port: 10_053 })

const matrix: Readonly<Record<string, readonly FirewallObject[]>> = {
  'nat': [isolation(4), masquerade(4)],
  'nat-ipv6': [isolation(6), masquerade(6)],
  'nat-without-icc': [isolation(4, { icc: false }), masquerade(4)],
  'nat-unprotected': [isolation(4, { mode: 'nat-unprotected' }), masquerade(4)],
  'nat-unmasqueraded': [isolation(4, { unmasqueraded: true })],
  'snat': [isolation(4), masquerade(4, '192.0.2.1'), isolation(6), masquerade(6, '2001:db8::1')],
  'routed': [isolation(4, { mode: 'routed' }), publish(4, [80, 80], 80, { routed: true }), publish(4, [5000, 5003], 5000, { routed: true, protocol: 'udp' })],
  'trusted-interfaces': [isolation(4, { trusted: ['wg0', 'eth1'] }), masquerade(4), publish(4, [8080, 8080], 80, { direct: true })],
  'publish-policy-deny': [isolation(4, { publishedTo: [] }), masquerade(4)],
  'publish-policy-list': [
    isolation(4, { publishedTo: ['203.0.113.0/24', '192.0.2.7/32'], trusted: ['wg0'] }), isolation(6, { publishedTo: ['2001:db8::/32'] }),
  ],
  'publish-policy-routed': [isolation(4, { mode: 'routed', publishedTo: ['203.0.113.0/24'] }), publish(4, [80, 80], 80, { routed: true })],
  'internal': [isolation(4, { internal: true })],
  'isolated-without-icc': [isolation(4, { internal: true, mode: 'isolated', icc: false })],
  'resolver': [isolation(4), resolver(4), publish(4, [53, 53], 53, { protocol: 'udp' })],
  'resolver-ipv6': [isolation(6), resolver(6)],
  'forward-guard': [{ kind: 'forward-guard', family: 4 }, isolation(4), masquerade(4)],
  'published-ports': [
    isolation(4), publish(4, [8080, 8080], 80), publish(4, [8081, 8081], 53, { protocol: 'udp' }), publish(4, [8082, 8082], 80, { hostIp: '192.0.2.1' }),
    publish(4, [8083, 8083], 3868, { protocol: 'sctp' }),
  ],
  'published-ports-ipv6': [isolation(6), publish(6, [8080, 8080], 80), publish(6, [8082, 8082], 80, { hostIp: '2001:db8::1' })],
  'published-ranges': [
    isolation(4), publish(4, [8064, 8127], 8064), publish(4, [20_000, 29_999], 20_000), publish(4, [8060, 8063], 60, { protocol: 'udp' }),
    publish(4, [65_530, 65_535], 65_530, { protocol: 'udp' }),
  ],
}

/** As `PublishObject.conditions` has it: words of the backend's own tool. */
const conditions = { iptables: ['!', '-s', '203.0.113.0/24', '-m', 'time', '--timestart', '08:00', '--kerneltz'], nftables: ['ip', 'saddr', '!=', '203.0.113.0/24', 'meta', 'cpu', '0-255'] }
const conditions6 = { iptables: ['-s', 'fc00::/7'], nftables: ['ip6', 'saddr', 'fc00::/7'] }

const matrixOf = (backend: keyof typeof conditions): typeof matrix => ({
  ...matrix,
  'ports-behind-a-foreign-network': [
    { kind: 'hairpin', family: 4, bridge: 'cni7' }, { kind: 'hairpin', family: 4, bridge: 'cni7', subnet: subnets[4] },
    publish(4, [8080, 8080], 80, { bridge: 'cni7' }),
  ],
  'ports-masqueraded-for-everybody': [
    { kind: 'hairpin', family: 4, bridge: 'cni7' }, { kind: 'hairpin', family: 4, bridge: 'cni7', subnet: subnets[4], who: 'everybody' },
    { kind: 'hairpin', family: 6, bridge: 'cni7', subnet: subnets[6], who: 'everybody' },
  ],
  'ports-with-marks': [
    publish(4, [8080, 8080], 80, { mark: { bits: 0x2000, from: [subnets[4], '127.0.0.1/32'] } }),
    publish(4, [8081, 8081], 80, { mark: { bits: 0x8000_0000 }, hostIp: '192.0.2.1' }),
    publish(6, [8080, 8080], 80, { mark: { bits: 1, from: [subnets[6]] } }),
  ],
  'ports-with-conditions': [
    publish(4, [8080, 8080], 80, { conditions: conditions[backend] }),
    publish(4, [8081, 8081], 53, { protocol: 'udp', conditions: conditions[backend], mark: { bits: 0x4000, from: [subnets[4]] }, hostIp: '192.0.2.1' }),
    publish(6, [8080, 8080], 80, { conditions: conditions6[backend] }),
  ],
})

const backends: Readonly<Record<string, { readonly firewall: Firewall, readonly list: () => Promise<readonly string[]> }>> = {
  iptables: { firewall: new IptablesFirewall({ run }), list: async () => [...await saved('iptables-save'), ...await saved('ip6tables-save')] },
  nftables: { firewall: new NftablesFirewall({ run }), list: async () => nftLines((await runCommand(['nft', '-j', 'list', 'ruleset'])).stdout) },
}

async function saved(program: string): Promise<readonly string[]> {
  return iptablesLines((await runCommand([program])).stdout).map(line => `${program.replace('-save', '')} ${line}`)
}

for (const [backend, { firewall, list }] of Object.entries(backends)) {
  for (const [title, objects] of Object.entries(matrixOf(backend === 'iptables' ? backend : 'nftables'))) {
    test.serial(`the rules of ${title} in ${backend} are the recorded ones`, async t => {
      if (!requires.root(t)) return
      await firewall.create(objects)
      const text = [
        ...objects.flatMap(object => firewall.describe(object)).map(line => `$ ${line}`), '', ...await list(), '',
      ].join('\n')
      await firewall.remove(objects)
      const path = join(folder, `${title}.${backend}.txt`)
      if (process.env.UPDATE_GOLDEN === '1') {
        mkdirSync(folder, { recursive: true })
        writeFileSync(path, text)
      }
      t.is(text, readFileSync(path, 'utf8'))
    })
  }
}
