import test from 'ava'
import type { EndpointSpec } from '../../../cnm/controller-api.ts'
import type { Controller } from '../../../cnm/controller.ts'
import type { KernelObject } from '../../../objects/object.ts'
import { Lab, sandboxId } from '../../helpers/fake-controller.ts'

const id = sandboxId()
const ports = [{ protocol: 'tcp', host: { first: 8080, last: 8080 }, container: { first: 80, last: 80 } }] as const

/** Networks red (IPv4), blue (both), inner (internal); a container on red with port 8080. */
async function scene(lab: Lab): Promise<Controller> {
  const controller = lab.process()
  await controller.createNetwork({ name: 'red' })
  await controller.createNetwork({ name: 'blue', enableIPv6: true })
  await controller.createNetwork({ name: 'inner', internal: true })
  await controller.createSandbox({ id, name: 'web', mode: 'bridge', endpoints: [{ network: 'red', name: 'web', ports }] })
  return controller
}

type ConnectSpec = Omit<EndpointSpec, 'ports'>
const connect = (controller: Controller, network: string, more: Partial<ConnectSpec> = {}) =>
  controller.connect(id, { network, name: 'web', ...more })
const routes = (lab: Lab): readonly string[] => [...lab.kernel.objects.values()]
  .flatMap(object => object.kind === 'route' && object.to === 'default' ? `${object.dev} IPv${object.family}` : []).toSorted()
const published = (lab: Lab): readonly KernelObject[] => [...lab.kernel.objects.values()].filter(({ kind }) => kind === 'publish')

test('the default routes and the published ports move to the better gateway, and back when it goes', async t => {
  const lab = new Lab(t)
  const controller = await scene(lab)
  const before = [...lab.kernel.objects.keys()].toSorted()
  t.deepEqual(routes(lab), ['eth0 IPv4'])
  const { endpoint, warnings } = await connect(controller, 'blue')
  t.like(endpoint, { interfaceName: 'eth1', gatewayFor: [4, 6], state: 'ready', owner: '' })
  t.deepEqual(warnings, ['ports of "web" are not published over IPv6: when they were reserved, it had no gateway for that'])
  t.deepEqual(routes(lab), ['eth1 IPv4', 'eth1 IPv6'])
  t.deepEqual(published(lab).map(object => object.kind === 'publish' && [object.family, object.containerIp]),
    [[4, endpoint.addresses[0]?.cidr.split('/')[0]]])
  const [red] = controller.listEndpoints({ sandboxId: id }).filter(({ interfaceName }) => interfaceName === 'eth0')
  t.like(red, { gatewayFor: [], ports: [] })
  await controller.disconnect(id, 'blue')
  t.deepEqual([...lab.kernel.objects.keys()].toSorted(), before)
  t.like(controller.listEndpoints({ sandboxId: id })[0], { gatewayFor: [4], ports: [{ container: { first: 80 } }] })
})

test('a network that is no better gateway changes nothing of the others', async t => {
  const lab = new Lab(t)
  const controller = await scene(lab)
  const before = [...lab.kernel.objects.keys()]
  lab.kernel.calls.length = 0
  await connect(controller, 'inner')
  t.deepEqual(lab.kernel.calls, ['bridge filter+1', 'link+4'])
  t.true(before.every(key => lab.kernel.objects.has(key)))
  const { warnings } = await controller.disconnect(id, 'red')
  t.deepEqual(warnings, ['ports of "web" are not published: network "inner" is internal'])
  t.deepEqual([routes(lab), published(lab)], [[], []])
  await connect(controller, 'red')
  t.deepEqual([routes(lab), published(lab).length], [['eth0 IPv4'], 1], 'the shim holds the port still')
})

test('interfaces keep their names, and the next one gets the first that is free', async t => {
  const lab = new Lab(t)
  const controller = await scene(lab)
  const names = async (network: string, more?: Partial<ConnectSpec>): Promise<string> =>
    (await connect(controller, network, more)).endpoint.interfaceName
  t.is(await names('blue'), 'eth1')
  t.is(await names('inner', { options: { 'com.docker.network.endpoint.ifname': 'priv0' } }), 'priv0')
  await controller.disconnect(id, 'red')
  t.deepEqual(controller.listEndpoints({ sandboxId: id }).map(each => each.interfaceName).toSorted(), ['eth1', 'priv0'])
  t.is(await names('red'), 'eth0')
  await controller.disconnect(id, 'inner')
  await t.throwsAsync(names('inner', { options: { 'com.docker.network.endpoint.ifname': 'eth1' } }), { code: 'invalid-option' })
})

test('a name that is asked for goes before one that is chosen, and is refused twice', async t => {
  const controller = await scene(new Lab(t))
  const ifname = (name: string) => ({ 'com.docker.network.endpoint.ifname': name })
  const create = (first: string, second: string) => controller.createSandbox({ id: sandboxId(), mode: 'bridge', endpoints: [
    { network: 'red', name: 'two', ...first === '' ? {} : { options: ifname(first) } }, { network: 'blue', name: 'two', options: ifname(second) }] })
  const { endpoints } = await create('', 'eth0')
  t.deepEqual(endpoints.map(({ endpoint }) => endpoint.interfaceName), ['eth1', 'eth0'])
  await t.throwsAsync(create('lan', 'lan'), { code: 'invalid-option' })
})

test('priority and options are kept, and settings carry the interface\'s name', async t => {
  const lab = new Lab(t)
  const controller = await scene(lab)
  const { endpoint } = await connect(controller, 'inner', {
    gwPriority: 3, aliases: ['db'], options: { 'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.IFNAME.log_martians=1' },
  })
  t.like(endpoint, { gwPriority: 3, aliases: ['db'], gatewayFor: [] })
  t.truthy([...lab.kernel.objects.values()].find(object => object.kind === 'sysctl' && object.key === 'net/ipv4/conf/eth1/log_martians'))
})

test('what cannot be connected is refused, and nothing is left of the try', async t => {
  const lab = new Lab(t)
  const controller = await scene(lab)
  const [none, host, guest] = [sandboxId(), sandboxId(), sandboxId()]
  await controller.createSandbox({ id: none, name: 'alone', mode: 'none' })
  await controller.createSandbox({ id: host, name: 'open', mode: 'host' })
  await controller.createSandbox({ id: guest, name: 'guest', mode: 'container', target: id })
  const [rows, objects] = [lab.rows(), [...lab.kernel.objects.keys()]]
  for (const [each, name] of [[none, 'alone'], [host, 'open'], [guest, 'guest']] as const) {
    const expected = { code: 'conflicting-options', message: new RegExp(`^change networks of container "${name}": it `) }
    await t.throwsAsync(controller.connect(each, { network: 'blue', name: 'x' }), expected)
    await t.throwsAsync(controller.disconnect(each, 'blue'), expected)
  }
  await t.throwsAsync(connect(controller, 'red'), { code: 'already-connected' })
  await t.throwsAsync(connect(controller, 'host'), { code: 'conflicting-options' })
  await t.throwsAsync(connect(controller, 'nowhere'), { code: 'network-not-found' })
  await t.throwsAsync(connect(controller, 'blue', { ip: '10.0.0.1' }), { code: 'invalid-address' })
  await t.throwsAsync(connect(controller, 'bridge', { options: { 'com.docker.network.endpoint.ifnam': 'x' } }),
    { code: 'invalid-option', message: /the nearest is "com\.docker\.network\.endpoint\.ifname"/ })
  const stranger = sandboxId()
  await t.throwsAsync(controller.connect(stranger, { network: 'bridge', name: 'x' }),
    { code: 'sandbox-not-found', message: new RegExp(`container ${stranger.slice(0, 12)}: it has no sandbox`) })
  await t.throwsAsync(controller.disconnect(id, 'blue'),
    { code: 'not-connected', message: 'disconnect container "web" from network "blue": it is not connected to it' })
  await t.throwsAsync(controller.disconnect(id, 'nowhere'), { code: 'network-not-found' })
  t.deepEqual([lab.rows(), [...lab.kernel.objects.keys()]], [rows, objects])
})

test('processes that connect one container at once go one after the other', async t => {
  const lab = new Lab(t)
  const controller = await scene(lab)
  for (const name of ['a', 'b', 'c']) await controller.createNetwork({ name })
  await Promise.all(['a', 'b', 'c', 'blue'].map(network => connect(lab.process() as Controller, network)))
  t.deepEqual(controller.listEndpoints({ sandboxId: id }).map(each => each.interfaceName).toSorted(),
    ['eth0', 'eth1', 'eth2', 'eth3', 'eth4'])
  t.deepEqual([routes(lab).length, published(lab).length], [2, 1])
})

test('a connection whose container is removed meanwhile leaves nothing', async t => {
  const lab = new Lab(t)
  const controller = await scene(lab)
  const removing = lab.process({ facts: async () => {
    await controller.deleteSandbox(id)
    return lab.facts
  } })
  await t.throwsAsync(connect(removing as Controller, 'blue'), { code: 'sandbox-not-found' })
  for (const name of ['red', 'blue', 'inner']) await controller.deleteNetwork(name)
  t.deepEqual(lab.kernel.residue, [])
})
