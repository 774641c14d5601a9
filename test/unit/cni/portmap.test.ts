/** What a configuration of portmap asks of the firewall, without a firewall. */
import test from 'ava'
import { failureOfError } from '../../../cni/error.ts'
import { parsePortmap } from '../../../cni/portmap/config.ts'
import { portObjects } from '../../../cni/portmap/objects.ts'
import { parseRequest } from '../../../cni/request.ts'
import type { HairpinObject, PublishObject } from '../../../objects/firewall.ts'

const environment = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'c1', CNI_NETNS: '/run/netns/c1', CNI_IFNAME: 'eth0', CNI_PATH: '/a' }
const parse = (fields: object) => parsePortmap(parseRequest('ADD', environment, JSON.stringify({
  cniVersion: '1.0.0', name: 'blue', type: 'portmap', runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] }, ...fields,
})))
const made = (fields: object) => {
  const { objects, shared } = portObjects(parse(fields), { link: 'cni7', ips: [{ address: '10.7.0.2/24' }, { address: 'fd07::2/64' }] })
  return {
    ports: objects.filter((object): object is PublishObject => object.kind === 'publish').map(({ family, conditions, mark }) => ({ family, conditions, mark })),
    hairpins: shared.filter((object): object is HairpinObject => object.kind === 'hairpin' && object.family === 4).map(({ subnet, who }) => [subnet, who]),
  }
}

test('without options a port has no chain of its own, and users from near are masqueraded', t => {
  t.deepEqual(made({}), {
    ports: [{ family: 4, conditions: undefined, mark: undefined }, { family: 6, conditions: undefined, mark: undefined }],
    hairpins: [[undefined, undefined], ['10.7.0.0/24', undefined]],
  })
  t.deepEqual(made({ conditionsV4: [], conditionsV6: null, externalSetMarkChain: null, masqAll: false }), made({}))
})

test('each family has its own conditions', t => {
  const { ports } = made({ conditionsV4: ['-s', '192.0.2.1'], conditionsV6: ['!', '-d', '2001:db8::1'] })
  t.deepEqual(ports.map(({ conditions }) => conditions), [['-s', '192.0.2.1'], ['!', '-d', '2001:db8::1']])
})

test('the bit marks what the reference plugin marks: the subnet and 127.0.0.1, or everything', t => {
  t.deepEqual(made({ markMasqBit: 31 }).ports.map(({ mark }) => mark), [{ bits: 0x8000_0000, from: ['10.7.0.0/24', '127.0.0.1/32'] }, { bits: 0x8000_0000, from: ['fd07::/64'] }])
  t.deepEqual(made({ markMasqBit: 0, masqAll: true }).ports.map(({ mark }) => mark), [{ bits: 1 }, { bits: 1 }])
  t.deepEqual(made({ markMasqBit: 14, snat: false }), { ...made({}), hairpins: [] })
})

test('who masquerades: everybody with masqAll, nobody of ours where another chain sees to it', t => {
  t.deepEqual(made({ masqAll: true }).hairpins, [[undefined, undefined], ['10.7.0.0/24', 'everybody']])
  t.deepEqual(made({ externalSetMarkChain: 'KUBE-MARK-MASQ' }).hairpins, [[undefined, 'nobody']])
  t.deepEqual(made({ externalSetMarkChain: 'KUBE-MARK-MASQ', masqAll: true }).ports[0]?.mark, { chain: 'KUBE-MARK-MASQ' })
})

test('the same port twice, or for more addresses and for fewer, is one', t => {
  const port = { hostPort: 8080, containerPort: 80, protocol: 'tcp' }
  t.deepEqual(parse({ runtimeConfig: { portMappings: [port, { ...port, protocol: 'TCP' }, { ...port, protocol: 'udp' }, { ...port, hostIP: '' }] } }).mappings, [
    { protocol: 'tcp', hostPort: 8080, containerPort: 80 }, { protocol: 'udp', hostPort: 8080, containerPort: 80 },
  ])
  const hostIps = (...asked: readonly string[]) => parse({ runtimeConfig: { portMappings: asked.map(hostIP => ({ ...port, hostIP })) } }).mappings.map(({ hostIp }) => hostIp)
  t.deepEqual(hostIps('0.0.0.0', '::'), ['0.0.0.0', '::'])
  t.deepEqual(hostIps('0.0.0.0', '::', ''), [undefined])
  t.deepEqual(hostIps('', '::', '192.0.2.1'), [undefined])
  t.deepEqual(hostIps('192.0.2.1', '2001:db8::1', '0.0.0.0', '192.0.2.2'), ['2001:db8::1', '0.0.0.0'])
})

for (const [title, fields, message] of [
  ['a host port that is to lead to two', { runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }, { hostPort: 8080, containerPort: 81, protocol: 'tcp' }] } },
    /^host port 8080\/tcp cannot lead to two ports of the container: 80 and 81$/],
  ['one that is to, at an address of all', { runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp', hostIP: '192.0.2.1' }, { hostPort: 8080, containerPort: 81, protocol: 'tcp', hostIP: '0.0.0.0' }] } },
    /cannot lead to two ports of the container: 80 and 81$/],
  ['both ways of marking', { markMasqBit: 1, externalSetMarkChain: 'X' }, /Cannot specify externalSetMarkChain and markMasqBit/],
  ['a bit that no mark has', { markMasqBit: 32 }, /must be between 0 and 31/],
  ['a name that no chain has', { externalSetMarkChain: 'A B' }, /invalid externalSetMarkChain "A B"/],
  ['a backend that is none', { backend: 'firewalld' }, /unknown backend "firewalld"/],
  ['a backend whose words the conditions are not in', { backend: 'nftables', conditionsV4: ['-s', '192.0.2.1'] }, /words of iptables, and the backend is to be nftables/],
  ['the other way round', { backend: 'iptables', conditionsV6: ['ip6', 'saddr', '::1'] }, /words of nftables/],
  ['a chain of iptables with nftables', { backend: 'nftables', externalSetMarkChain: 'X' }, /Cannot specify externalSetMarkChain/],
] as const) {
  test(`${title} is refused`, t => {
    const error = t.throws(() => parse(fields), { message })
    t.is(failureOfError(error).code, 999)
  })
}
