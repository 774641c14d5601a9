/** The protocols as dockerd speaks them, in its order, with its repetitions, over the real kernel. */
import { existsSync, statSync } from 'node:fs'
import test from 'ava'
import { FakeHost } from '../../helpers/fake-host.ts'
import { PluginClient } from '../../helpers/plugin-client.ts'
import { requires } from '../../helpers/requires.ts'

const network = 'a1'.repeat(32)
const endpoint = 'b2'.repeat(32)
const ids = { NetworkID: network, EndpointID: endpoint }
const created = {
  NetworkID: network, Options: { 'com.docker.network.enable_ipv6': false, 'com.docker.network.generic': {} },
  IPv4Data: [{ AddressSpace: 'LocalDefault', Pool: '10.77.0.0/24', Gateway: '10.77.0.1/24' }], IPv6Data: [],
}
const address = { Address: '10.77.0.2/24', AddressIPv6: '', MacAddress: '' }
const port = (Port: number, HostPort: number): object => ({ Proto: 6, IP: '', Port, HostIP: '', HostPort, HostPortEnd: HostPort })
const portmap = (...ports: readonly object[]): object => ({ Options: { 'com.docker.network.portmap': ports } })
const key = '/var/run/docker/netns/0123456789ab'
/** Locks are there from the first use on, and so is the socket to the kernel; the client's are closed in their own time. */
const except = [/ files: .*\.lock$/, / fds: (socket|\/)$/, / cgroups: /]

test.serial('activation and capabilities, with empty bodies; an unknown call is 404 with both names of the error', async t => {
  if (!requires.root(t)) return
  await using plugin = await PluginClient.open()
  t.deepEqual(await plugin.call('Plugin.Activate'), { Implements: ['NetworkDriver', 'IpamDriver'] })
  t.deepEqual(await plugin.call('NetworkDriver.GetCapabilities'), { Scope: 'local', ConnectivityScope: 'local', GwAllocChecker: true })
  t.deepEqual(await plugin.call('IpamDriver.GetCapabilities'), { RequiresMACAddress: false, RequiresRequestReplay: true })
  t.deepEqual(await plugin.call('IpamDriver.GetDefaultAddressSpaces'), { LocalDefaultAddressSpace: 'TsnetLocal', GlobalDefaultAddressSpace: 'TsnetGlobal' })
  const { status, body } = await plugin.post('NetworkDriver.Nonsense', {})
  t.is(status, 404)
  t.is(body['Err'], body['Error'])
  t.is(statSync(plugin.socket).mode & 0o777, 0o600)
})

test.serial('from CreateNetwork to DeleteNetwork, each delivered twice, and nothing is left', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await using plugin = await PluginClient.open(host.roots)
  // Forwarding stays on by decision, and so here it is on before.
  await host.run('sysctl', '-qw', 'net.ipv4.ip_forward=1')
  const before = await host.snapshot()
  const twice = async (call: string, body: object): Promise<unknown> => {
    const first = await plugin.call(call, body)
    t.deepEqual(await plugin.call(call, body), first, call)
    return first
  }
  await twice('NetworkDriver.CreateNetwork', created)
  t.deepEqual(await twice('NetworkDriver.CreateEndpoint', { ...ids, Interface: address, Options: {} }), { Interface: { MacAddress: '02:42:0a:4d:00:02' } })
  const joined = await twice('NetworkDriver.Join', { ...ids, SandboxKey: key, ...portmap(port(80, 8080)) })
  t.deepEqual(joined, { InterfaceName: { SrcName: 'tcb2b2b2b2b2', DstPrefix: 'eth' }, Gateway: '10.77.0.1', StaticRoutes: [], DisableGatewayService: false })
  t.like((await host.json('ip', '-j', 'link', 'show', 'tcb2b2b2b2b2'))[0], { address: '02:42:0a:4d:00:02', operstate: 'DOWN' })
  await twice('NetworkDriver.ProgramExternalConnectivity', { ...ids, ...portmap(port(80, 8080), port(81, 8081)) })
  t.regex(await host.run('iptables-save', '-t', 'nat'), /--dport 8080:8081 .*--to-destination 10\.77\.0\.2:80-81/)
  t.like(await plugin.call('NetworkDriver.EndpointOperInfo', ids), { Value: { 'tsnet.link': 'tsb2b2b2b2b2', 'tsnet.addresses': ['10.77.0.2'] } })
  await twice('NetworkDriver.RevokeExternalConnectivity', ids)
  t.notRegex(await host.run('iptables-save', '-t', 'nat'), /8080/)
  await twice('NetworkDriver.Leave', ids)
  await twice('NetworkDriver.Leave', ids)
  await twice('NetworkDriver.DeleteEndpoint', ids)
  await twice('NetworkDriver.DeleteNetwork', { NetworkID: network })
  await host.assertAsBefore(before, { except })
  await (await host.serveTcp(8080)).close()
})

test.serial('a second delivery while the first is under way is answered the same', async t => {
  if (!requires.root(t)) return
  await using plugin = await PluginClient.open()
  const atOnce = async (call: string, body: object): Promise<void> => {
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => plugin.call(call, body)))
    for (const other of others) t.deepEqual(other, first, call)
  }
  await atOnce('NetworkDriver.CreateNetwork', created)
  await atOnce('NetworkDriver.CreateEndpoint', { ...ids, Interface: address })
  await atOnce('NetworkDriver.Join', { ...ids, SandboxKey: key })
  await atOnce('NetworkDriver.ProgramExternalConnectivity', { ...ids, ...portmap(port(80, 8080)) })
  await atOnce('NetworkDriver.Leave', ids)
  await atOnce('NetworkDriver.DeleteEndpoint', ids)
  await atOnce('NetworkDriver.DeleteNetwork', { NetworkID: network })
})

test.serial('what is unknown is removed with success, and joined with an error', async t => {
  if (!requires.root(t)) return
  await using plugin = await PluginClient.open()
  for (const call of ['Leave', 'DeleteEndpoint', 'RevokeExternalConnectivity', 'DeleteNetwork']) t.deepEqual(await plugin.call(`NetworkDriver.${call}`, ids), {})
  t.deepEqual(await plugin.call('NetworkDriver.EndpointOperInfo', ids), { Value: {} })
  t.deepEqual(await plugin.call('IpamDriver.ReleasePool', { PoolID: 'x' }), {})
  t.deepEqual(await plugin.call('IpamDriver.ReleaseAddress', { PoolID: 'x', Address: '10.0.0.1' }), {})
  for (const [call, body] of [['Join', { ...ids, SandboxKey: key }], ['ProgramExternalConnectivity', ids], ['CreateEndpoint', ids]] as const) {
    const { status, body: answer } = await plugin.post(`NetworkDriver.${call}`, body)
    t.is(status, 400, call)
    t.regex(String(answer['Err']), /not-found/)
  }
})

test.serial('the same id with other contents is refused, and changes nothing', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await using plugin = await PluginClient.open(host.roots)
  await plugin.call('NetworkDriver.CreateNetwork', created)
  await plugin.call('NetworkDriver.CreateEndpoint', { ...ids, Interface: address })
  const middle = await host.snapshot()
  t.is((await plugin.post('NetworkDriver.CreateNetwork', { ...created, IPv4Data: [{ Pool: '10.78.0.0/24' }] })).status, 409)
  t.is((await plugin.post('NetworkDriver.CreateEndpoint', { ...ids, Interface: { Address: '10.77.0.9/24' } })).status, 409)
  await host.assertAsBefore(middle, { except })
  await plugin.call('NetworkDriver.DeleteNetwork', { NetworkID: network })
})

test.serial('an unknown option is refused with the nearest known name', async t => {
  if (!requires.root(t)) return
  await using plugin = await PluginClient.open()
  const { status, body } = await plugin.post('NetworkDriver.CreateNetwork', { ...created, Options: { 'com.docker.network.generic': { 'com.docker.network.bridge.enable_iccc': 'true' } } })
  t.is(status, 400)
  t.regex(String(body['Err']), /the nearest is "com\.docker\.network\.bridge\.enable_icc"/)
})

test.serial('a taken port is told with its holder, and the second try finds the endpoint as it was', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await using plugin = await PluginClient.open(host.roots)
  await plugin.call('NetworkDriver.CreateNetwork', created)
  await plugin.call('NetworkDriver.CreateEndpoint', { ...ids, Interface: address })
  await plugin.call('NetworkDriver.Join', { ...ids, SandboxKey: key })
  await using server = await host.serveTcp(8080)
  const taken = await plugin.post('NetworkDriver.ProgramExternalConnectivity', { ...ids, ...portmap(port(80, 8080)) })
  t.is(taken.status, 409)
  t.regex(String(taken.body['Err']), /8080\/tcp: it is held by .*\(port-in-use\)/)
  await server.close()
  await plugin.call('NetworkDriver.ProgramExternalConnectivity', { ...ids, ...portmap(port(80, 8080)) })
  await plugin.call('NetworkDriver.DeleteNetwork', { NetworkID: network })
})

test.serial('after a restart everything goes on: ports are held again, a repeated Join finds its link', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await using plugin = await PluginClient.open(host.roots)
  await plugin.call('NetworkDriver.CreateNetwork', created)
  await plugin.call('NetworkDriver.CreateEndpoint', { ...ids, Interface: address })
  const joined = await plugin.call('NetworkDriver.Join', { ...ids, SandboxKey: key })
  await plugin.call('NetworkDriver.ProgramExternalConnectivity', { ...ids, ...portmap(port(80, 8080)) })
  await plugin.stop()
  t.false(existsSync(plugin.socket))
  await host.run('iptables', '-t', 'nat', '-F')
  await plugin.start()
  t.deepEqual(await plugin.engine.foreign.restore(), [])
  t.regex(await host.run('iptables-save', '-t', 'nat'), /--dport 8080 .*10\.77\.0\.2:80/)
  const busy = await host.try(process.execPath, '-e', 'require("net").createServer().listen(8080).on("error", e => { console.error(e.code); process.exit(3) })')
  t.is(busy.status, 3, 'the port is held')
  t.deepEqual(await plugin.call('NetworkDriver.Join', { ...ids, SandboxKey: key }), joined)
  await plugin.call('NetworkDriver.Leave', ids)
  await plugin.call('NetworkDriver.DeleteEndpoint', ids)
  await plugin.call('NetworkDriver.DeleteNetwork', { NetworkID: network })
})

test.serial('a network that Docker died over is given up for its successor in the same address space, and for no other', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await using plugin = await PluginClient.open(host.roots)
  await plugin.call('NetworkDriver.CreateNetwork', created)
  const other = { ...created, NetworkID: 'c3'.repeat(32) }
  const elsewhere = { ...other, IPv4Data: [{ ...created.IPv4Data[0], AddressSpace: 'TsnetLocal' }] }
  t.is((await plugin.post('NetworkDriver.CreateNetwork', elsewhere)).status, 409)
  await plugin.call('NetworkDriver.CreateNetwork', other)
  t.deepEqual(plugin.engine.controller.listNetworks().filter(({ foreign }) => foreign !== undefined).map(({ id }) => id as string), [other.NetworkID])
  await plugin.call('NetworkDriver.DeleteNetwork', other)
})

test.serial('IPv6 alone, as Docker 28 asks for it: no IPv4 anywhere, ports on IPv6', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await using plugin = await PluginClient.open(host.roots)
  await plugin.call('NetworkDriver.CreateNetwork', {
    NetworkID: network, Options: { 'com.docker.network.enable_ipv4': false, 'com.docker.network.enable_ipv6': true, 'com.docker.network.generic': {} },
    IPv4Data: [], IPv6Data: [{ AddressSpace: 'LocalDefault', Pool: 'fd00:77::/64', Gateway: 'fd00:77::1/64' }],
  })
  await plugin.call('NetworkDriver.CreateEndpoint', { ...ids, Interface: { Address: '', AddressIPv6: 'fd00:77::2/64', MacAddress: '' } })
  t.like(await plugin.call('NetworkDriver.Join', { ...ids, SandboxKey: key }), { GatewayIPv6: 'fd00:77::1', DisableGatewayService: false })
  await plugin.call('NetworkDriver.ProgramExternalConnectivity', { ...ids, ...portmap(port(80, 8080)) })
  t.regex(await host.run('ip6tables-save', '-t', 'nat'), /--dport 8080 .*\[fd00:77::2\]:80/)
  t.notRegex(await host.run('iptables-save', '-t', 'nat'), /8080/)
  await plugin.call('NetworkDriver.DeleteNetwork', { NetworkID: network })
})

test.serial('gateway mode isolated: the host has no address there, and the container no way out', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await using plugin = await PluginClient.open(host.roots)
  const generic = { 'com.docker.network.generic': { 'com.docker.network.bridge.gateway_mode_ipv4': 'isolated', 'com.docker.network.bridge.name': 'iso0' } }
  t.deepEqual(await plugin.call('NetworkDriver.GwAllocCheck', { Options: generic }), { SkipIPv4: true, SkipIPv6: false })
  await plugin.call('NetworkDriver.CreateNetwork', {
    NetworkID: network, Options: { ...generic, 'com.docker.network.internal': true }, IPv4Data: [{ AddressSpace: 'LocalDefault', Pool: '10.77.0.0/24' }], IPv6Data: null,
  })
  t.is(await host.run('ip', '-4', '-o', 'addr', 'show', 'dev', 'iso0'), '')
  await plugin.call('NetworkDriver.CreateEndpoint', { ...ids, Interface: address })
  t.deepEqual(await plugin.call('NetworkDriver.Join', { ...ids, SandboxKey: key }),
    { InterfaceName: { SrcName: 'tcb2b2b2b2b2', DstPrefix: 'eth' }, StaticRoutes: [], DisableGatewayService: true })
  await plugin.call('NetworkDriver.DeleteNetwork', { NetworkID: network })
})

test.serial('endpoints whose link is gone are collected; the living stay', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await using plugin = await PluginClient.open(host.roots)
  await plugin.call('NetworkDriver.CreateNetwork', created)
  const endpoints = ['d4', 'e5'].map(byte => byte.repeat(32))
  for (const [index, EndpointID] of endpoints.entries()) {
    await plugin.call('NetworkDriver.CreateEndpoint', { NetworkID: network, EndpointID, Interface: { Address: `10.77.0.${index + 2}/24` } })
    await plugin.call('NetworkDriver.Join', { NetworkID: network, EndpointID, SandboxKey: `/run/docker/netns/${index}` })
  }
  t.is(await plugin.engine.foreign.collect(), 0)
  // As when the namespace that it was moved to dies: both ends go.
  await host.run('ip', 'link', 'del', 'tcd4d4d4d4d4')
  t.is(await plugin.engine.foreign.collect(), 1)
  t.deepEqual(plugin.engine.controller.listEndpoints({ networkId: network }).map(({ id }) => id as string), ['e5'.repeat(32)])
  await plugin.call('NetworkDriver.DeleteNetwork', { NetworkID: network })
})

test.serial('an address that Docker gives again belongs to the new endpoint; who had it was forgotten', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await using plugin = await PluginClient.open(host.roots)
  await plugin.call('NetworkDriver.CreateNetwork', created)
  await plugin.call('NetworkDriver.CreateEndpoint', { ...ids, Interface: address })
  await plugin.call('NetworkDriver.Join', { ...ids, SandboxKey: key })
  const successor = 'f6'.repeat(32)
  await plugin.call('NetworkDriver.CreateEndpoint', { NetworkID: network, EndpointID: successor, Interface: address })
  t.deepEqual(plugin.engine.controller.listEndpoints({ networkId: network }).map(({ id }) => id as string), [successor])
  t.not((await host.try('ip', 'link', 'show', 'tsb2b2b2b2b2')).status, 0)
  await plugin.call('NetworkDriver.DeleteNetwork', { NetworkID: network })
})
