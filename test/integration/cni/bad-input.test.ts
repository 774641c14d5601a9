/** Bad calls: the number of the specification, a message, exit status 1, and nothing left behind; the same numbers as the reference plugins'. */
import test from 'ava'
import { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { type CallSpec, type Json, bridgeConfig, ours, reference, tsnetConfig, withContainers } from './lab.ts'

interface BadCall {
  readonly title: string
  readonly program?: string
  readonly spec: Partial<CallSpec>
  readonly code: number
  /** The reference plugin answers with another number, or accepts it. */
  readonly theirs?: number | 'accepts' | 'same message'
  readonly msg: RegExp
}

const add = (config: Json | string, rest: Partial<CallSpec> = {}): Partial<CallSpec> => ({ command: 'ADD', config, ...rest })
const withIpam = (ipam: Json): Json => ({ ...bridgeConfig, ipam })
const range = (fields: Json): Json => withIpam({ type: 'host-local', ranges: [[fields]] })

const calls: readonly BadCall[] = [
  { title: 'no configuration', spec: add(''), code: 6, msg: /unexpected end of JSON input/ },
  { title: 'half a configuration', spec: add('{'), code: 6, msg: /error unmarshall network config/ },
  { title: 'a list', spec: add('[]'), code: 6, msg: /no object/ },
  { title: 'a later version', spec: add({ ...bridgeConfig, cniVersion: '9.0.0' }), code: 1, msg: /^incompatible CNI versions$/, theirs: 'same message' },
  { title: 'a version that is none', spec: add({ ...bridgeConfig, cniVersion: 'one' }), code: 1, msg: /^incompatible CNI versions$/ },
  { title: 'a version that is a number', spec: add({ ...bridgeConfig, cniVersion: 1 }), code: 6, msg: /"cniVersion" must be a string/ },
  { title: 'no name', spec: add({ ...bridgeConfig, name: '' }), code: 7, msg: /^missing network name$/, theirs: 'same message' },
  { title: 'a name with a slash', spec: add({ ...bridgeConfig, name: 'a/b' }), code: 7, msg: /^invalid characters found in network name$/, theirs: 'same message' },
  { title: 'a container id with a slash', spec: add(bridgeConfig, { id: 'a/b', netns: '/run/netns/c1' }), code: 4, msg: /^invalid characters in containerID$/, theirs: 'same message' },
  { title: 'no container id', spec: add(bridgeConfig, { id: '' }), code: 4, msg: /^required env variables \[CNI_CONTAINERID\] missing$/, theirs: 'same message' },
  { title: 'nothing at all', spec: add(bridgeConfig, { id: '', netns: '', ifname: '', path: '' }), code: 4,
    msg: /^required env variables \[CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH\] missing$/, theirs: 'same message' },
  { title: 'an unknown command', spec: { command: 'MAKE', config: bridgeConfig }, code: 4, msg: /^unknown CNI_COMMAND: MAKE$/, theirs: 'same message' },
  { title: 'a long interface name', spec: add(bridgeConfig, { ifname: 'abcdefghijklmnop' }), code: 4, msg: /^interface name is too long$/, theirs: 'same message' },
  { title: 'an interface name with a colon', spec: add(bridgeConfig, { ifname: 'eth0:1' }), code: 4, msg: /contains \/ or :/ },
  { title: 'a pattern for an interface name', spec: add(bridgeConfig, { ifname: 'eth%d' }), code: 4, msg: /^interface name contains %$/, theirs: 'accepts' },
  { title: 'a name that is the kernel\'s', spec: add(bridgeConfig, { ifname: 'all' }), code: 4, msg: /^interface name is all$/, theirs: 999 },
  { title: 'dots for an interface name', spec: add(bridgeConfig, { ifname: '..' }), code: 4, msg: /is \. or \.\./ },
  { title: 'an argument without a value', spec: add(bridgeConfig, { args: 'IgnoreUnknown' }), code: 4, msg: /invalid pair/, theirs: 999 },
  { title: 'an unknown argument', spec: add(bridgeConfig, { args: 'FOO=1' }), code: 4, msg: /unknown args/, theirs: 999 },
  { title: 'a namespace that is not there', spec: add(bridgeConfig, { netns: '/run/netns/none' }), code: 999, msg: /failed to Statfs "\/run\/netns\/none": no such file or directory/ },
  { title: 'a file for a namespace', spec: add(bridgeConfig, { netns: '/etc/passwd' }), code: 999, msg: /unknown FS magic/ },
  { title: 'the namespace of the host', spec: add(bridgeConfig, { netns: '/proc/self/ns/net' }), code: 8, msg: /should not be the same/, theirs: 'accepts' },
  { title: 'an interface that is there', spec: add(bridgeConfig, { ifname: 'lo' }), code: 999, msg: /lo\) already exists/ },
  { title: 'a number for a name', spec: add({ ...bridgeConfig, bridge: 7 }), code: 6, msg: /"bridge" must be a string, not 7/, theirs: 999 },
  { title: 'text for a number', spec: add({ ...bridgeConfig, mtu: 'x' }), code: 6, msg: /"mtu" must be a whole number/, theirs: 999 },
  { title: 'a bridge whose name is a pattern', spec: add({ ...bridgeConfig, bridge: 'br+' }), code: 999, msg: /invalid bridge name/, theirs: 'accepts' },
  { title: 'a bridge that is none', spec: add({ ...bridgeConfig, bridge: 'up0' }), code: 999, msg: /"up0" already exists but is not a bridge/ },
  { title: 'a VLAN that is none', spec: add({ ...bridgeConfig, vlan: 5000 }), code: 999, msg: /invalid VLAN ID 5000/ },
  { title: 'a VLAN, where the kernel has none', spec: add({ ...bridgeConfig, vlan: 5 }), code: 999, msg: /CONFIG_BRIDGE_VLAN_FILTERING/ },
  { title: 'a backend that is none', spec: add({ ...bridgeConfig, ipMasqBackend: 'ipfw' }), code: 999, msg: /unknown ipMasqBackend "ipfw"/, theirs: 'accepts' },
  { title: 'words that are no conditions', program: 'tsnet', spec: add({ ...tsnetConfig, conditionsV4: ['-s', '192.0.2.1', '-j', 'ACCEPT'] }), code: 999, msg: /"-j" cannot be part of a condition/ },
  { title: 'conditions that iptables does not know', program: 'tsnet', spec: add({ ...tsnetConfig, conditionsV4: ['--never-heard-of'] }), code: 999, msg: /never-heard-of/ },
  { title: 'conditions that nobody can speak', program: 'tsnet', spec: add({ ...tsnetConfig, conditionsV6: ['ip6', 'saddr', '::1'] }), code: 999, msg: /words of nftables, and the firewall of this host is iptables/ },
  { title: 'a chain that is not there', program: 'tsnet', spec: add({ ...tsnetConfig, externalSetMarkChain: 'NEVER-MADE' }), code: 999, msg: /NEVER-MADE|No chain|does not exist/ },
  { title: 'hairpin and promiscuous mode', spec: add({ ...bridgeConfig, hairpinMode: true, promiscMode: true }), code: 999, msg: /cannot set hairpin mode/, theirs: 'same message' },
  { title: 'addresses for an interface that stays down', spec: add({ ...bridgeConfig, disableContainerInterface: true }), code: 999, msg: /cannot use IPAM/, theirs: 'accepts' },
  { title: 'a MAC address that is none', spec: add({ ...bridgeConfig, runtimeConfig: { mac: 'zz' } }), code: 999, msg: /MAC address "zz"/ },
  { title: 'an unknown IPAM plugin', spec: add(withIpam({ type: 'nope' })), code: 999, msg: /^failed to find plugin "nope" in path/ },
  { title: 'an IPAM plugin with a path', spec: add(withIpam({ type: '../nope' })), code: 999, msg: /invalid plugin name/ },
  { title: 'a subnet that is none', spec: add(range({ subnet: 'x' })), code: 999, msg: /"x"/ },
  { title: 'a subnet with host bits', spec: add(range({ subnet: '10.7.0.1/24' })), code: 999, msg: /host bits set/ },
  { title: 'a subnet of two addresses', spec: add(range({ subnet: '10.7.0.0/31' })), code: 999, msg: /too small to allocate from/ },
  { title: 'a range outside the subnet', spec: add(range({ subnet: '10.7.0.0/24', rangeStart: '10.8.0.1' })), code: 999, msg: /not in network/ },
  { title: 'a range that ends before it begins', spec: add(range({ subnet: '10.7.0.0/24', rangeStart: '10.7.0.9', rangeEnd: '10.7.0.3' })), code: 999, msg: /RangeStart/ },
  { title: 'no ranges', spec: add(withIpam({ type: 'host-local' })), code: 999, msg: /no IP ranges specified/, theirs: 'same message' },
  { title: 'ranges that overlap', spec: add(withIpam({ type: 'host-local', ranges: [[{ subnet: '10.7.0.0/24' }], [{ subnet: '10.7.0.0/16' }]] })), code: 999, msg: /overlaps/ },
  { title: 'both families in one set', spec: add(withIpam({ type: 'host-local', ranges: [[{ subnet: '10.7.0.0/24' }, { subnet: 'fd07::/64' }]] })), code: 999, msg: /mixed address families/ },
  { title: 'two addresses of a family in 0.2.0', spec: add({ ...withIpam({ type: 'host-local', ranges: [[{ subnet: '10.7.0.0/24' }], [{ subnet: '10.8.0.0/24' }]] }), cniVersion: '0.2.0' }),
    code: 999, msg: /does not support more than 1 address per family/ },
  { title: 'an address outside the range', spec: add(bridgeConfig, { args: 'IgnoreUnknown=1;IP=192.168.0.1' }), code: 999, msg: /failed to allocate all requested IPs/ },
  { title: 'the address of the gateway', spec: add(bridgeConfig, { args: 'IgnoreUnknown=1;IP=10.7.0.1' }), code: 999, msg: /is subnet's gateway/ },
  { title: 'static addresses without a prefix', spec: add(withIpam({ type: 'static', addresses: [{ address: '10.7.0.5' }] })), code: 999, msg: /CIDR notation/ },
  { title: 'a route that is none', spec: add(withIpam({ type: 'host-local', ranges: [[{ subnet: '10.7.0.0/24' }]], routes: [{ dst: 'nowhere' }] })), code: 999, msg: /"nowhere"/ },
  { title: 'a port of 70000', program: 'tsnet', spec: add({ ...tsnetConfig, runtimeConfig: { portMappings: [{ hostPort: 70000, containerPort: 80, protocol: 'tcp' }] } }), code: 999, msg: /Invalid port number: 70000/ },
  { title: 'a port of 0', program: 'tsnet', spec: add({ ...tsnetConfig, runtimeConfig: { portMappings: [{ hostPort: 0, containerPort: 80, protocol: 'tcp' }] } }), code: 999, msg: /Invalid host port number: 0/ },
  { title: 'an unknown protocol', program: 'tsnet', spec: add({ ...tsnetConfig, runtimeConfig: { portMappings: [{ hostPort: 80, containerPort: 80, protocol: 'icmp' }] } }), code: 999, msg: /Invalid protocol "icmp"/ },
  { title: 'a host address that is not the host\'s', program: 'tsnet', spec: add({ ...tsnetConfig, runtimeConfig: { portMappings: [{ hostPort: 80, containerPort: 80, protocol: 'tcp', hostIP: '198.51.100.7' }] } }), code: 999, msg: /no interface of this host has that address/ },
  { title: 'portmap as the first of a chain', program: 'portmap', spec: add({ cniVersion: '1.0.0', name: 'blue', type: 'portmap' }), code: 999, msg: /must be called as chained plugin/, theirs: 'same message' },
  { title: 'both ways of marking', program: 'portmap', spec: add({ cniVersion: '1.0.0', name: 'blue', type: 'portmap', markMasqBit: 3, externalSetMarkChain: 'X', prevResult: {} }), code: 999, msg: /Cannot specify externalSetMarkChain and markMasqBit/ },
  { title: 'firewall in an old version', program: 'firewall', spec: add({ cniVersion: '0.3.1', name: 'blue', type: 'firewall' }), code: 1, msg: /^incompatible CNI versions$/ },
  { title: 'CHECK in an old version', spec: { command: 'CHECK', config: { ...bridgeConfig, cniVersion: '0.3.1' } }, code: 1, msg: /^config version does not allow CHECK$/, theirs: 'same message' },
  { title: 'GC in an old version', spec: { command: 'GC', config: bridgeConfig }, code: 1, msg: /^config version does not allow GC$/, theirs: 4 },
  { title: 'CHECK without a result', spec: { command: 'CHECK', config: bridgeConfig }, code: 999, msg: /address added by container|prevResult missing/ },
]

test.serial('each bad call gets its number and a message, and leaves nothing', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await withContainers(['c1'], async () => {
    await ours('bridge', { command: 'DEL', config: bridgeConfig }, { roots: host.roots })
    const before = await host.snapshot()
    for (const { title, program = 'bridge', spec, code, msg } of calls) {
      const { status, stdout, stderr, result } = await ours(program, { command: 'ADD', config: bridgeConfig, ...spec }, { roots: host.roots })
      t.is(status, 1, `${title}: ${stdout}`)
      t.is(result['code'], code, `${title}: ${stdout}`)
      t.regex(String(result['msg']), msg, title)
      t.is(stderr, '', title)
    }
    // What iptables refuses is refused late; forwarding stays on, as after a container.
    const forwarding = /sysctls: net\/ipv[46]\/(ip_forward|conf\/[^/]+\/(forwarding|accept_redirects|accept_ra))=/
    await host.assertAsBefore(before, { except: [/fds: socket$/, /cgroups: /, /files: .*\.lock/, forwarding] })
  })
})

test.serial('the reference plugins give the same numbers, but for those that are listed here', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  for (const { title, program = 'bridge', spec, code, theirs, msg } of calls) {
    if (program === 'tsnet' || theirs === 'accepts' || /already exists but is not|kernel has none|MAC|family in 0\.2\.0/.test(title)) continue
    await withContainers(['c1'], async () => {
      const { status, result, stdout } = await reference(program, { command: 'ADD', config: bridgeConfig, ...spec })
      t.is(status, 1, `${title}: ${stdout}`)
      t.is(result['code'], typeof theirs === 'number' ? theirs : code, `${title}: ${stdout}`)
      if (theirs === 'same message') t.regex(String(result['msg']), msg, title)
    })
    await host.try('ip', 'link', 'del', 'cni7')
  }
})
