/** The IPAM protocol: pools and addresses, with the repetitions of a lost answer and of a start of dockerd. */
import test from 'ava'
import { PluginClient } from '../../helpers/plugin-client.ts'
import { requires } from '../../helpers/requires.ts'

const space = { AddressSpace: 'TsnetLocal', Options: null, SubPool: '', V6: false }
const gatewayOption = { RequestAddressType: 'com.docker.network.gateway' }
const pool = async (plugin: PluginClient, Pool = '', more: object = {}): Promise<string> =>
  String((await plugin.call('IpamDriver.RequestPool', { ...space, Pool, ...more }))['PoolID'])
const take = async (plugin: PluginClient, PoolID: string, Address = '', Options: object | null = null): Promise<unknown> =>
  (await plugin.call('IpamDriver.RequestAddress', { PoolID, Address, Options }))['Address']
const refused = async (plugin: PluginClient, call: string, body: object): Promise<string> => {
  const { status, body: answer } = await plugin.post(`IpamDriver.${call}`, body)
  return status === 200 ? 'accepted' : String(answer['Error'])
}

test.serial('a pool that tsnet chooses is free, and another one each time; a given one keeps its name', async t => {
  if (!requires.root(t)) return
  await using plugin = await PluginClient.open()
  const [a, b] = [await pool(plugin), await pool(plugin)]
  t.regex(a, /^TsnetLocal\/172\.\d+\.\d+\.0\/24$/)
  t.not(a, b)
  t.is(await pool(plugin, '10.9.0.0/24'), 'TsnetLocal/10.9.0.0/24')
  t.is(await pool(plugin, '10.8.0.0/24', { SubPool: '10.8.0.128/25' }), 'TsnetLocal/10.8.0.0/24/10.8.0.128/25')
  t.regex(await pool(plugin, '0.0.0.0/28'), /\/28$/)
  t.regex(await pool(plugin, '', { V6: true }), /^TsnetLocal\/fd[0-9a-f:]+\/64$/)
})

test.serial('gateway, range, auxiliary and chosen addresses; the gateway asked for twice is the same', async t => {
  if (!requires.root(t)) return
  await using plugin = await PluginClient.open()
  const id = await pool(plugin, '10.8.0.0/24', { SubPool: '10.8.0.128/25' })
  t.is(await take(plugin, id, '', gatewayOption), '10.8.0.128/24')
  t.is(await take(plugin, id, '', gatewayOption), '10.8.0.128/24')
  t.is(await take(plugin, id, '10.8.0.5'), '10.8.0.5/24')
  t.is(await take(plugin, id), '10.8.0.129/24')
  t.regex(await refused(plugin, 'RequestAddress', { PoolID: id, Address: '10.8.0.5' }), /address-in-use/)
  t.regex(await refused(plugin, 'RequestAddress', { PoolID: id, Address: '10.8.0.128' }), /address-in-use/)
  t.regex(await refused(plugin, 'RequestAddress', { PoolID: id, Address: '10.9.0.1' }), /outside the subnet/)
  t.regex(await refused(plugin, 'RequestAddress', { PoolID: 'TsnetLocal/1.2.3.0/24' }), /pool-not-found/)
})

test.serial('who has an address that is asked for is told as the network knows it', async t => {
  if (!requires.root(t)) return
  await using plugin = await PluginClient.open()
  const id = await pool(plugin, '10.8.0.0/24')
  for (const address of ['10.8.0.5', '10.8.0.9']) await take(plugin, id, address)
  const [NetworkID, EndpointID] = ['a1'.repeat(32), 'b2'.repeat(32)]
  await plugin.call('NetworkDriver.CreateNetwork', { NetworkID, IPv4Data: [{ AddressSpace: 'TsnetLocal', Pool: '10.8.0.0/24', AuxAddresses: { router: '10.8.0.9/24' } }] })
  await plugin.call('NetworkDriver.CreateEndpoint', { NetworkID, EndpointID, Interface: { Address: '10.8.0.5/24' } })
  plugin.engine.foreign.noteContainers([{ endpointId: EndpointID, id: 'c3'.repeat(32), name: 'web', image: 'busybox' }])
  const taken = (Address: string): Promise<string> => refused(plugin, 'RequestAddress', { PoolID: id, Address })
  t.regex(await taken('10.8.0.5'), /^reserve address 10\.8\.0\.5: it is taken by endpoint "web" /)
  t.regex(await taken('10.8.0.9'), /^reserve address 10\.8\.0\.9: it is taken by the network itself \(auxiliary address router\) /)
  await plugin.call('NetworkDriver.DeleteNetwork', { NetworkID })
})

test.serial('a range without a free address is told with who has its addresses', async t => {
  if (!requires.root(t)) return
  await using plugin = await PluginClient.open()
  const id = await pool(plugin, '10.8.0.0/24', { SubPool: '10.8.0.128/32' })
  const [NetworkID, EndpointID] = ['a1'.repeat(32), 'b2'.repeat(32)]
  for (const address of ['10.8.0.5', '10.8.0.128']) await take(plugin, id, address)
  await plugin.call('NetworkDriver.CreateNetwork', { NetworkID, IPv4Data: [{ AddressSpace: 'TsnetLocal', Pool: '10.8.0.0/24', AuxAddresses: { router: '10.8.0.5/24' } }] })
  await plugin.call('NetworkDriver.CreateEndpoint', { NetworkID, EndpointID, Interface: { Address: '10.8.0.128/24' } })
  t.regex(await refused(plugin, 'RequestAddress', { PoolID: id }),
    /\(1 usable, 2 in use in the whole subnet with the gateway and reserved ones\): endpoint "docker-b2b2b2b2b2b2", the network itself \(auxiliary address router\) /)
  await plugin.call('NetworkDriver.DeleteNetwork', { NetworkID })
})

test.serial('/31, /32 and IPv6 have the addresses that they have', async t => {
  if (!requires.root(t)) return
  await using plugin = await PluginClient.open()
  const pair = await pool(plugin, '10.7.0.0/31')
  t.deepEqual([await take(plugin, pair, '', gatewayOption), await take(plugin, pair)], ['10.7.0.0/31', '10.7.0.1/31'])
  t.regex(await refused(plugin, 'RequestAddress', { PoolID: pair }), /address-pool-exhausted/)
  t.is(await take(plugin, await pool(plugin, '10.7.1.1/32')), '10.7.1.1/32')
  const six = await pool(plugin, 'fd00:9::/64', { V6: true })
  t.deepEqual([await take(plugin, six, '', gatewayOption), await take(plugin, six)], ['fd00:9::1/64', 'fd00:9::2/64'])
})

test.serial('an address that was given back goes to no stranger at once, but to a container of the same name', async t => {
  if (!requires.root(t)) return
  await using plugin = await PluginClient.open()
  const id = await pool(plugin, '10.6.0.0/24')
  const named = (name: string): object => ({ 'com.docker.network.endpoint.name': name })
  t.is(await take(plugin, id, '', named('web')), '10.6.0.1/24')
  await plugin.call('IpamDriver.ReleaseAddress', { PoolID: id, Address: '10.6.0.1' })
  t.is(await take(plugin, id), '10.6.0.2/24')
  t.is(await take(plugin, id, '', named('web')), '10.6.0.1/24')
})

test.serial('overlaps are refused, with tsnet\'s own networks as well', async t => {
  if (!requires.root(t)) return
  await using plugin = await PluginClient.open()
  const id = await pool(plugin, '10.5.0.0/16')
  await take(plugin, id, '', gatewayOption)
  t.regex(await refused(plugin, 'RequestPool', { ...space, Pool: '10.5.9.0/24' }), /subnet-overlap/)
  t.regex(await refused(plugin, 'RequestPool', { ...space, Pool: '10.5.0.0/16' }), /subnet-overlap/)
  await plugin.engine.controller.createNetwork({ name: 'own', subnets: [{ subnet: '10.4.0.0/24' }] })
  t.regex(await refused(plugin, 'RequestPool', { ...space, Pool: '10.4.0.0/24' }), /network "own"/)
  await plugin.engine.controller.deleteNetwork('own')
  t.regex(await refused(plugin, 'RequestPool', { ...space, Pool: '10.3.0.5/24' }), /invalid-subnet/)
  t.regex(await refused(plugin, 'RequestPool', { ...space, Pool: '10.3.0.0/24', V6: true }), /no IPv6 subnet/)
  t.regex(await refused(plugin, 'RequestPool', { ...space, Options: { size: '24' } }), /has no options/)
})

test.serial('after a start dockerd asks for all it has written down, and is given it; before, a lost answer can be asked for again', async t => {
  if (!requires.root(t)) return
  await using plugin = await PluginClient.open()
  t.is(await pool(plugin, '10.2.0.0/24'), await pool(plugin, '10.2.0.0/24'), 'nothing was done with it yet')
  const id = await pool(plugin, '10.2.0.0/24')
  await take(plugin, id, '', gatewayOption)
  t.is(await take(plugin, id), '10.2.0.2/24')
  for (let starts = 0; starts < 2; starts += 1) {
    await plugin.call('IpamDriver.GetCapabilities')
    t.is(await pool(plugin, '10.2.0.0/24'), id)
    t.is(await take(plugin, id, '10.2.0.1', gatewayOption), '10.2.0.1/24')
    t.is(await take(plugin, id, '10.2.0.2'), '10.2.0.2/24')
    t.regex(await refused(plugin, 'RequestAddress', { PoolID: id, Address: '10.2.0.2' }), /address-in-use/)
  }
  await plugin.stop()
  await plugin.start()
  t.regex(await refused(plugin, 'RequestAddress', { PoolID: id, Address: '10.2.0.2' }), /address-in-use/)
  await plugin.call('IpamDriver.ReleasePool', { PoolID: id })
  await plugin.call('IpamDriver.ReleasePool', { PoolID: id })
  t.is(await pool(plugin, '10.2.0.0/24'), id)
  t.is(await take(plugin, id), '10.2.0.1/24')
})
