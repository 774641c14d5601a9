import test from 'ava'
import type { EndpointSpec } from '../../../cnm/controller-api.ts'
import { Lab, sandboxId } from '../../helpers/fake-controller.ts'

const web = (port?: number, network = 'blue'): EndpointSpec => ({
  network, name: 'web', ...port === undefined ? {} : { ports: [{ protocol: 'tcp', host: { first: port, last: port },
    container: { first: 80, last: 80 } }] },
})

test('a sandbox with an endpoint is three groups of kernel objects and leaves nothing but a remembered address', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  await controller.createNetwork({ name: 'blue' })
  lab.kernel.calls.length = 0
  const before = [...lab.kernel.objects.keys()]
  const id = sandboxId()
  const attachment = await controller.createSandbox({ id, mode: 'bridge', endpoints: [web(8080)] })
  t.deepEqual(lab.kernel.calls, ['bridge filter+1', 'link+9', 'firewall+1'])
  const { endpoint, network } = attachment.endpoints[0]!
  t.is(network.name, 'blue')
  t.like(endpoint, { state: 'ready', owner: '', interfaceName: 'eth0', mac: '02:42:ac:12:00:02', gatewayFor: [4], name: 'web' })
  t.is(endpoint.hostInterface, `ts${endpoint.id.slice(0, 10)}`)
  t.deepEqual(endpoint.addresses, [{ family: 4, cidr: '172.18.0.2/24' }])
  t.is(attachment.heldPorts.length, 1)
  t.is(controller.findSandbox(id)?.netns, `/run/tsnet/netns/${id}`)
  t.deepEqual(controller.listEndpoints({ networkId: network.id }).map(each => each.id), [endpoint.id])
  t.deepEqual(controller.listEndpoints({ sandboxId: id }).map(each => each.id), [endpoint.id])
  t.deepEqual(controller.listEndpoints({ sandboxId: 'x' }), [])
  await controller.deleteSandbox(id)
  t.deepEqual([...lab.kernel.objects.keys()], before)
  t.like(lab.rows(), { sandboxes: 0, endpoints: 0, ipam_leases: 2 })
  t.is(lab.leases(), 1, 'the gateway')
  await t.notThrowsAsync(controller.deleteSandbox(id), 'a second time is success')
})

test('a container gets its address back after a restart, and a stranger does not get it', async t => {
  const controller = new Lab(t).process()
  await controller.createNetwork({ name: 'blue' })
  const address = async (name: string, id = sandboxId()): Promise<string | undefined> =>
    (await controller.createSandbox({ id, mode: 'bridge',
      endpoints: [{ network: 'blue', name }] })).endpoints[0]?.endpoint.addresses[0]?.cidr
  const id = sandboxId()
  t.is(await address('web', id), '172.18.0.2/24')
  await controller.deleteSandbox(id)
  t.is(await address('other'), '172.18.0.3/24')
  t.is(await address('web'), '172.18.0.2/24')
})

test('of several endpoints one that leads out in both families goes before one that does in one', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  await controller.createNetwork({ name: 'inner', internal: true })
  await controller.createNetwork({ name: 'four' })
  await controller.createNetwork({ name: 'both', enableIPv6: true })
  const { endpoints } = await controller.createSandbox({
    id: sandboxId(), mode: 'bridge', endpoints: ['inner', 'four', 'both'].map(network => ({ network, name: 'web' })),
  })
  t.deepEqual(endpoints.map(({ endpoint }) => [endpoint.interfaceName, endpoint.gatewayFor]),
    [['eth0', []], ['eth1', []], ['eth2', [4, 6]]])
  const routes = [...lab.kernel.objects.values()].filter(object => object.kind === 'route' && object.to === 'default')
  t.deepEqual(routes.map(route => route.kind === 'route' && [route.family, route.dev]), [[4, 'eth2'], [6, 'eth2']])
})

test('fixed addresses are kept, refused when taken, and have to fit', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  await controller.createNetwork({ name: 'blue', enableIPv6: true,
    subnets: [{ subnet: '10.0.0.0/24' }, { subnet: 'fd00:7::/64' }] })
  const create = (endpoint: Partial<EndpointSpec>) =>
    controller.createSandbox({ id: sandboxId(), mode: 'bridge', endpoints: [{ network: 'blue', name: 'web', ...endpoint }] })
  const { endpoints } = await create({ ip: '10.0.0.77', ip6: 'fd00:7::77', mac: '02-00-00-00-00-77' })
  t.like(endpoints[0]?.endpoint, { mac: '02:00:00:00:00:77',
    addresses: [{ family: 4, cidr: '10.0.0.77/24' }, { family: 6, cidr: 'fd00:7::77/64' }] })
  const rows = lab.rows()
  await t.throwsAsync(create({ name: 'x', ip: '10.0.0.77' }),
    { code: 'address-in-use', message: 'reserve address 10.0.0.77: it is taken by endpoint "web"' })
  await t.throwsAsync(create({ name: 'x', ip: '10.0.0.1' }),
    { code: 'address-in-use', message: /the network itself \(gateway\)$/ })
  await t.throwsAsync(create({ name: 'x', ip: '10.0.1.1' }), { code: 'invalid-address' })
  await t.throwsAsync(create({ name: 'x', ip: 'fd00:7::9' }), { code: 'invalid-address' })
  await t.throwsAsync(create({ name: 'x', ip6: 'no' }), { code: 'invalid-address' })
  await t.throwsAsync(create({ name: 'x', mac: '01:00:00:00:00:00' }), { code: 'invalid-address' })
  await t.throwsAsync(create({ name: 'web' }), { code: 'name-in-use' })
  await t.throwsAsync(create({ network: 'nowhere' }), { code: 'network-not-found' })
  t.deepEqual(lab.rows(), rows)
  t.deepEqual(lab.ports.taken.size, 0)
})

test('a full network says so, and nothing is left of the try', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  await controller.createNetwork({ name: 'tiny', subnets: [{ subnet: '10.0.0.0/30' }] })
  const create = () => controller.createSandbox({ id: sandboxId(), mode: 'bridge',
    endpoints: [{ ...web(80, 'tiny'), name: sandboxId() }] })
  await create()
  const rows = lab.rows()
  lab.ports.taken.clear()
  await t.throwsAsync(create(), { code: 'address-pool-exhausted' })
  t.deepEqual(lab.rows(), rows)
  t.is(lab.ports.taken.size, 0)
})

test('ports are held, given back on failure, and not asked for where nothing is redirected', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  await controller.createNetwork({ name: 'blue' })
  await controller.createNetwork({ name: 'routed', options: { 'com.docker.network.bridge.gateway_mode_ipv4': 'routed' } })
  await controller.createNetwork({ name: 'inner', internal: true })
  const first = await controller.createSandbox({ id: sandboxId(), mode: 'bridge', endpoints: [web(8080)] })
  t.is(lab.ports.taken.size, 1)
  await t.throwsAsync(controller.createSandbox({ id: sandboxId(), mode: 'bridge',
    endpoints: [{ ...web(9090), name: 'a' }, { ...web(8080), name: 'b' }] }),
    { code: 'port-in-use' })
  t.is(lab.ports.taken.size, 1)
  const routed = await controller.createSandbox({ id: sandboxId(), mode: 'bridge', endpoints: [web(8080, 'routed')] })
  t.deepEqual(routed.heldPorts, [])
  const inner = await controller.createSandbox({ id: sandboxId(), mode: 'bridge', endpoints: [web(8080, 'inner')] })
  t.deepEqual(inner.warnings, ['ports of "web" are not published: network "inner" is internal'])
  t.deepEqual(first.warnings, [])
})

test('host_binding_ipv4 is where ports go that name no address', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  await controller.createNetwork({ name: 'blue', options: { 'com.docker.network.bridge.host_binding_ipv4': '127.0.0.1' } })
  const { endpoints } = await controller.createSandbox({ id: sandboxId(), mode: 'bridge', endpoints: [web(8080)] })
  t.is(endpoints[0]?.endpoint.ports[0]?.hostIp, '127.0.0.1')
})

test('none is a namespace alone, host is nothing, and guests share the namespace of their host', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  const none = sandboxId()
  const { sandbox } = await controller.createSandbox({ id: none, mode: 'none' })
  t.deepEqual(lab.kernel.calls, ['link+4'])
  const guest = await controller.createSandbox({ id: sandboxId(), mode: 'container', target: none })
  t.is(guest.sandbox.netns, sandbox.netns)
  const guestOfGuest = await controller.createSandbox({ id: sandboxId(), mode: 'container', target: guest.sandbox.id })
  t.is(guestOfGuest.sandbox.sharedWith, none)
  const host = await controller.createSandbox({ id: sandboxId(), mode: 'host' })
  t.is(host.sandbox.netns, undefined)
  await controller.deleteSandbox(guest.sandbox.id)
  t.true(lab.kernel.has('netns'), 'the namespace is its owner\'s')
  await t.throwsAsync(controller.createSandbox({ id: sandboxId(), mode: 'container', target: sandboxId() }),
    { code: 'sandbox-not-found' })
})

test('a plan includes the default network where there is none, and makes nothing', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  const empty = lab.rows()
  const kinds = (await controller.planSandbox({ id: sandboxId(), mode: 'bridge',
    endpoints: [web(8080, 'bridge')] })).map(object => object.kind)
  t.deepEqual(kinds, [
    'guarded-bridge', 'bridge', 'sysctl', 'sysctl', 'sysctl', 'address', 'link-up', 'isolation', 'masquerade', 'sysctl',
    'port-guard', 'netns', 'link-up', 'sysctl', 'sysctl', 'veth', 'sysctl', 'link-up', 'address', 'route', 'publish',
  ])
  t.deepEqual(lab.rows(), empty)
  t.deepEqual(lab.kernel.calls, [])
  t.is(lab.ports.taken.size, 0)
  await t.throwsAsync(controller.planSandbox({ id: sandboxId(), mode: 'bridge', endpoints: [web(undefined, 'nowhere')] }),
    { code: 'network-not-found' })
})

test('32 processes that need the default network at once make it once', async t => {
  const lab = new Lab(t)
  const attachments = await Promise.all(Array.from({ length: 32 }, (_, i) =>
    lab.process().createSandbox({ id: sandboxId(), mode: 'bridge', endpoints: [{ network: 'bridge', name: `c${i}` }] })))
  t.is(new Set(attachments.map(({ endpoints }) => endpoints[0]?.network.id)).size, 1)
  t.is(new Set(attachments.map(({ endpoints }) => endpoints[0]?.endpoint.addresses[0]?.cidr)).size, 32)
  t.is([...lab.kernel.objects.values()].filter(object => object.kind === 'bridge').length, 1)
})

test('whoever waits for the default network takes over when its maker dies', async t => {
  const lab = new Lab(t)
  const dead = lab.process()
  const stopped = lab.kernel.arm({ on: 'create', at: 4, how: 'stop-after' })
  void dead.createNetwork({ name: 'bridge' })
  await stopped
  const waiting = lab.process().createSandbox({ id: sandboxId(), mode: 'bridge',
    endpoints: [{ network: 'bridge', name: 'web' }] })
  lab.alive.delete(dead.owner)
  const { endpoints } = await waiting
  t.is(endpoints[0]?.network.state, 'ready')
  t.is([...lab.kernel.objects.values()].filter(object => object.kind === 'bridge').length, 1)
})
