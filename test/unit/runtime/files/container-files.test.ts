import test from 'ava'
import type { Attachment } from '../../../../cnm/controller-api.ts'
import { containerFiles, type FileSources, parseExtraHost } from '../../../../runtime/files/container-files.ts'
import { plainSpec } from '../container/fake-world.ts'

type Family = 4 | 6
const endpoint = (addresses: readonly { family: Family, cidr: string }[],
  gateways: readonly { family: Family, gateway?: string }[]) => ({
  endpoint: { addresses }, network: { subnets: gateways.map(one => ({ ...one, cidr: '', auxAddresses: {} })) },
}) as unknown as Attachment['endpoints'][number]

const v4 = endpoint([{ family: 4, cidr: '172.17.0.2/16' }], [{ family: 4, gateway: '172.17.0.1' }])
const dual = endpoint([{ family: 4, cidr: '10.1.0.2/24' }, { family: 6, cidr: 'fd00::2/64' }],
  [{ family: 6, gateway: 'fd00::1' }, { family: 4, gateway: '10.1.0.1' }])

function files(change: Partial<FileSources> = {}): ReturnType<typeof containerFiles> {
  return containerFiles({
    spec: plainSpec, hostname: 'h', attachment: { endpoints: [v4] }, resolvers: [],
    host: { hosts: '127.0.0.1 me\n', resolvConf: 'nameserver 192.0.2.53\nsearch corp\n', resolvedConf: '' }, ...change,
  })
}

test('with IPv6 the container has the IPv6 names and both its addresses', t => {
  const { hosts } = files({ attachment: { endpoints: [dual] } })
  t.regex(hosts, /^127\.0\.0\.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n/)
  t.true(hosts.endsWith('10.1.0.2\th\nfd00::2\th\n'))
})

test('host-gateway is the gateway of the first network, IPv4 before IPv6', t => {
  const spec = { ...plainSpec, extraHosts: ['gw:host-gateway'] }
  t.regex(files({ spec }).hosts, /^172\.17\.0\.1\tgw$/m)
  t.regex(files({ spec, attachment: { endpoints: [dual] } }).hosts, /^10\.1\.0\.1\tgw$/m)
})

test('host-gateway without a gateway is refused, and on the host\'s network it is the host itself', t => {
  const extraHosts = ['gw:host-gateway']
  t.throws(() => files({ spec: { ...plainSpec, extraHosts, network: { mode: 'none' } }, attachment: { endpoints: [] } }),
    { code: 'invalid-argument', message: /no gateway/ })
  t.is(files({ spec: { ...plainSpec, extraHosts, network: { mode: 'host' } }, attachment: { endpoints: [] } }).hosts,
    '127.0.0.1 me\n127.0.0.1\tgw\n')
})

test('a network with a resolver has it as its only server, with the search list kept', t => {
  t.is(files({ resolvers: ['10.1.0.1'] }).resolvConf, 'nameserver 10.1.0.1\nsearch corp\noptions ndots:0\n')
  const spec = { ...plainSpec, dnsOptions: ['ndots:2'] }
  t.is(files({ spec, resolvers: ['10.1.0.1'] }).resolvConf, 'nameserver 10.1.0.1\nsearch corp\noptions ndots:2\n')
})

test('where the host has servers on its loopback only, one has to be given', t => {
  const host = { hosts: '', resolvConf: 'nameserver 127.0.0.53\n', resolvedConf: '' }
  t.throws(() => files({ host }), { code: 'no-nameserver', message: /127\.0\.0\.53.*--dns/ })
  t.is(files({ host, spec: { ...plainSpec, dns: ['192.0.2.1'] } }).resolvConf, 'nameserver 192.0.2.1\n')
  t.is(files({ host: { ...host, resolvedConf: 'nameserver 192.0.2.9\n' } }).resolvConf, 'nameserver 192.0.2.9\n')
})

test('a host without any server gives none, and a container without network needs none', t => {
  t.is(files({ host: { hosts: '', resolvConf: '', resolvedConf: '' } }).resolvConf, '')
  const host = { hosts: '', resolvConf: 'nameserver 127.0.0.1\n', resolvedConf: '' }
  t.is(files({ host, spec: { ...plainSpec, network: { mode: 'none' } }, attachment: { endpoints: [] } }).resolvConf, '')
  t.is(files({ host, spec: { ...plainSpec, network: { mode: 'host' } }, attachment: { endpoints: [] } }).resolvConf,
    'nameserver 127.0.0.1\n')
})

test('an extra host is read with colon or equals sign, and IPv6 with or without brackets', t => {
  t.deepEqual(['a:1.2.3.4', 'a=1.2.3.4', 'a:::1', 'a:[fd00::1]', 'a:host-gateway'].map(text => parseExtraHost(text).address),
    ['1.2.3.4', '1.2.3.4', '::1', 'fd00::1', 'host-gateway'])
  for (const bad of ['a', 'a:', ':1.2.3.4', 'a:1.2.3', 'a b:1.2.3.4', 'a:b']) {
    t.throws(() => parseExtraHost(bad), { code: 'invalid-argument' }, bad)
  }
})
