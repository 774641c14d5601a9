import test from 'ava'
import type { Controller } from '../../../cnm/controller.ts'
import type { PortRequest } from '../../../cnm/types.ts'
import { InjectedFault } from '../../helpers/faults.ts'
import { Lab, sandboxId } from '../../helpers/fake-controller.ts'

const id = sandboxId()
const request = (host: number, container: number, protocol: PortRequest['protocol'] = 'tcp'): PortRequest =>
  ({ protocol, host: { first: host, last: host }, container: { first: container, last: container } })
const ignore = (): void => undefined

async function scene(lab: Lab): Promise<Controller> {
  const controller = lab.process()
  await controller.createNetwork({ name: 'red' })
  await controller.createNetwork({ name: 'blue', enableIPv6: true })
  await controller.createSandbox({ id, name: 'web', mode: 'bridge', endpoints: [{ network: 'red', name: 'web', ports: [request(8080, 80)] }] })
  return controller
}

const hostPorts = (lab: Lab): readonly number[] => [...lab.kernel.objects.values()]
  .flatMap(object => object.kind === 'publish' ? object.host.first : []).toSorted((a, b) => a - b)
const portsOf = (controller: Controller): readonly number[] => controller.findSandbox(id)?.ports?.map(({ host }) => host.first) ?? []

test('a port comes and goes while the others stay as they are', async t => {
  const lab = new Lab(t)
  const controller = await scene(lab)
  const before = [...lab.kernel.objects.keys()]
  let kept: readonly number[] = []
  lab.kernel.calls.length = 0
  const { ports, warnings } = await controller.publish(id, [request(9000, 80), request(53, 53, 'udp')], descriptors => {
    kept = descriptors
    t.deepEqual(hostPorts(lab), [8080], 'held before the first rule is made')
    t.is(lab.ports.taken.size, 3)
  })
  t.like(ports[0], { protocol: 'tcp', host: { first: 9000 }, container: { first: 80 }, held: [4] })
  t.deepEqual([warnings, kept.length, lab.ports.taken.size], [[], 2, 1], 'closed here: the keeper has them')
  t.deepEqual([lab.kernel.calls, hostPorts(lab), portsOf(controller)], [['firewall+2'], [53, 8080, 9000], [8080, 9000, 53]])
  t.deepEqual(controller.listEndpoints({ sandboxId: id })[0]?.ports.map(({ host }) => host.first), [8080, 9000, 53])
  t.is(controller.findSandbox(id)?.portsOwner, undefined)
  lab.kernel.calls.length = 0
  t.like(await controller.unpublish(id, [request(9000, 80), request(53, 53, 'udp')]), { ports: [{ host: { first: 9000 } }, { host: { first: 53 } }] })
  t.deepEqual([lab.kernel.calls, [...lab.kernel.objects.keys()], portsOf(controller)], [['firewall-2'], before, [8080]])
})

test('added ports move with the gateway, and removed ones do not come back', async t => {
  const lab = new Lab(t)
  const controller = await scene(lab)
  await controller.publish(id, [request(9000, 90), request(9001, 91)], ignore)
  await controller.connect(id, { network: 'blue', name: 'web' })
  const addresses = (): readonly string[] => [...lab.kernel.objects.values()].flatMap(object => object.kind === 'publish' ? object.bridge : [])
  t.is(new Set(addresses()).size, 1)
  await controller.unpublish(id, [request(8080, 80)])
  await controller.disconnect(id, 'blue')
  t.deepEqual([hostPorts(lab), portsOf(controller)], [[9000, 9001], [9000, 9001]])
})

const range = (host: number, container: number, size: number): PortRequest =>
  ({ protocol: 'tcp', host: { first: host, last: host + size - 1 }, container: { first: container, last: container + size - 1 } })
const ranges = (lab: Lab): readonly string[] => [...lab.kernel.objects.values()]
  .flatMap(object => object.kind === 'publish' ? `${object.host.first}-${object.host.last}` : []).toSorted()

test('a port number means every place where it is published', async t => {
  const lab = new Lab(t)
  const controller = await scene(lab)
  const ten = range(7000, 7000, 10)
  await controller.publish(id, [request(8081, 80), { ...request(8082, 80), hostIp: '127.0.0.1' }, ten], ignore)
  await t.throwsAsync(controller.unpublish(id, [request(8080, 80), request(1, 1)]),
    { code: 'port-not-published', message: 'remove port 1:1/tcp of container "web": it is not published' })
  await t.throwsAsync(controller.unpublish(id, [{ ...request(8080, 80), hostIp: '::1' }]),
    { message: 'remove port [::1]:8080:80/tcp of container "web": it is not published' })
  t.deepEqual(portsOf(controller), [8080, 8081, 8082, 7000], 'all or nothing')
  await controller.unpublish(id, [{ protocol: 'tcp', hostIp: '127.0.0.1', container: { first: 80, last: 80 } }])
  t.deepEqual(portsOf(controller), [8080, 8081, 7000])
  await controller.unpublish(id, [{ protocol: 'tcp', container: { first: 80, last: 80 } }, ten])
  t.deepEqual([portsOf(controller), hostPorts(lab)], [[], []])
})

test('part of a range goes, and what is left is published as before', async t => {
  const lab = new Lab(t)
  const controller = await scene(lab)
  await controller.publish(id, [range(7000, 5000, 10), { ...range(7100, 5000, 10), hostIp: '127.0.0.1' }], ignore)
  const { ports } = await controller.unpublish(id, [request(7003, 5003), request(7006, 5006)])
  t.deepEqual(ports.map(({ host, container }) => [host.first, host.last, container.first]), [[7003, 7003, 5003], [7006, 7006, 5006]])
  t.deepEqual(ranges(lab), ['7000-7002', '7004-7005', '7007-7009', '7100-7109', '8080-8080'])
  t.like(controller.findSandbox(id)?.ports?.[3], { host: { first: 7007, last: 7009 }, container: { first: 5007, last: 5009 }, held: [4] })
  t.deepEqual(controller.listEndpoints({ sandboxId: id })[0]?.objects.filter(({ kind }) => kind === 'publish').length, 5)
  await t.throwsAsync(controller.unpublish(id, [request(7003, 5003)]), { code: 'port-not-published' })
  await t.throwsAsync(controller.unpublish(id, [request(7004, 5005)]), { code: 'port-not-published' }, 'both numbers have to fit')
  await controller.unpublish(id, [{ protocol: 'tcp', container: { first: 5008, last: 5020 } }])
  t.deepEqual(ranges(lab), ['7000-7002', '7004-7005', '7007-7007', '7100-7107', '8080-8080'], 'in every place; more than there is may be asked for')
  const all = ranges(lab)
  await controller.connect(id, { network: 'blue', name: 'web' })
  t.deepEqual(ranges(lab), all, 'they move with the gateway')
  t.is(new Set([...lab.kernel.objects.values()].flatMap(object => object.kind === 'publish' ? object.bridge : [])).size, 1)
})

test('a removal that the kernel refuses is finished by the next command', async t => {
  const lab = new Lab(t)
  const controller = await scene(lab)
  void lab.kernel.arm({ on: 'remove', at: 1, how: 'fail' })
  await t.throwsAsync(controller.unpublish(id, [request(8080, 80)]))
  t.deepEqual([hostPorts(lab), portsOf(controller)], [[8080], []])
  await lab.process().recover()
  t.deepEqual([hostPorts(lab), controller.findSandbox(id)?.portsOwner], [[], undefined])
})

for (const how of ['stop-before', 'stop-after'] as const) {
  test(`death of a process in the middle (${how}): an addition is taken back, a removal is finished`, async t => {
    for (const [on, act, after] of [
      ['create', (it: Controller) => it.publish(id, [request(9000, 90)], ignore), [8080]],
      ['remove', (it: Controller) => it.unpublish(id, [request(8080, 80)]), []],
    ] as const) {
      const lab = new Lab(t)
      await scene(lab)
      const dying = lab.process()
      const stopped = lab.kernel.arm({ on, at: 1, how })
      void act(dying)
      await stopped
      lab.alive.delete(dying.owner)
      const next = lab.process()
      await next.connect(id, { network: 'blue', name: 'web' })
      t.deepEqual([hostPorts(lab), portsOf(next)], [after, after], `${on}: whoever comes next to change the sandbox`)
      await next.recover()
      t.deepEqual(hostPorts(lab), after)
      await t.notThrowsAsync(next.publish(id, [request(9001, 91)], ignore))
      await next.deleteSandbox(id)
      for (const name of ['red', 'blue']) await next.deleteNetwork(name)
      t.deepEqual(lab.kernel.residue, [])
    }
  })
}

test('a keeper that fails leaves nothing published', async t => {
  const lab = new Lab(t)
  const controller = await scene(lab)
  await t.throwsAsync(controller.publish(id, [request(9000, 90)], () => { throw new InjectedFault('the shim has ended') }), { instanceOf: InjectedFault })
  t.deepEqual([hostPorts(lab), portsOf(controller), lab.ports.taken.size], [[8080], [8080], 1])
})

test('a sandbox that is removed while a port is published leaves nothing', async t => {
  const lab = new Lab(t)
  const controller = await scene(lab)
  const slow = lab.process({ facts: async () => {
    await controller.deleteSandbox(id)
    return lab.facts
  } })
  await t.throwsAsync(slow.publish(id, [request(9000, 90)], ignore), { code: 'sandbox-not-found' })
  for (const name of ['red', 'blue']) await controller.deleteNetwork(name)
  t.deepEqual(lab.kernel.residue, [])
})

test('processes that change the ports of one container at once go one after the other', async t => {
  const lab = new Lab(t)
  const controller = await scene(lab)
  const numbers = [9000, 9001, 9002, 9003]
  await Promise.all(numbers.map(port => lab.process().publish(id, [request(port, port)], ignore)))
  t.deepEqual(portsOf(controller).toSorted((a, b) => a - b), [8080, ...numbers])
  await Promise.all(numbers.map(port => lab.process().unpublish(id, [request(port, port)])))
  t.deepEqual([portsOf(controller), hostPorts(lab)], [[8080], [8080]])
})

test('where nothing is translated, a port is taken back by the words it was published with', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  await controller.createNetwork({ name: 'routed', options: { 'com.docker.network.bridge.gateway_mode_ipv4': 'routed' } })
  await controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'routed', name: 'web' }] })
  await controller.publish(id, [request(9000, 80), request(9001, 81)], ignore)
  await controller.unpublish(id, [request(9000, 80)])
  t.deepEqual(controller.findSandbox(id)?.ports?.map(({ container }) => container.first), [81])
})

test('what has no ports of its own is refused, and nothing is reserved', async t => {
  const lab = new Lab(t)
  const controller = await scene(lab)
  const [none, host, guest] = [sandboxId(), sandboxId(), sandboxId()]
  await controller.createSandbox({ id: none, name: 'alone', mode: 'none' })
  await controller.createSandbox({ id: host, name: 'open', mode: 'host' })
  await controller.createSandbox({ id: guest, name: 'guest', mode: 'container', target: id })
  for (const [each, name] of [[none, 'alone'], [host, 'open'], [guest, 'guest']] as const) {
    const expected = { code: 'conflicting-options', message: new RegExp(`^change published ports of container "${name}": it `) }
    await t.throwsAsync(controller.publish(each, [request(9000, 90)], ignore), expected)
    await t.throwsAsync(controller.unpublish(each, [request(9000, 90)]), expected)
  }
  await t.throwsAsync(controller.publish(sandboxId(), [request(9000, 90)], ignore), { code: 'sandbox-not-found' })
  await t.throwsAsync(controller.publish(id, [request(8080, 81)], ignore), { code: 'port-in-use' })
  await t.throwsAsync(controller.publish(id, [{ ...request(9000, 90), hostIp: '::1' }], ignore), { code: 'invalid-address' })
  await controller.disconnect(id, 'red')
  await t.throwsAsync(controller.publish(id, [request(9000, 90)], ignore), { code: 'conflicting-options', message: /it is on no network/ })
  t.is(lab.ports.taken.size, 1)
})
