import test from 'ava'
import { Lab, sandboxId } from '../../helpers/fake-controller.ts'

test('a network is made with the next free subnet, found by name, id and prefix, and deleted without a trace', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  const empty = lab.rows()
  const { network } = await controller.createNetwork({ name: 'blue' })
  t.is(network.state, 'ready')
  t.is(network.subnets[0]?.cidr, '172.18.0.0/24')
  t.is(network.subnets[0]?.gateway, '172.18.0.1')
  for (const ref of ['blue', network.id, network.id.slice(0, 6)]) t.is(controller.getNetwork(ref).id, network.id)
  t.true(lab.kernel.has('bridge'))
  t.is((await controller.createNetwork({ name: 'red' })).network.subnets[0]?.cidr, '172.18.1.0/24')
  await controller.deleteNetwork('red')
  await controller.deleteNetwork(network.id.slice(0, 6))
  t.deepEqual(lab.kernel.residue, [])
  t.deepEqual(lab.rows(), empty)
  t.throws(() => controller.getNetwork('blue'), { code: 'network-not-found' })
  t.throws(() => controller.getNetwork('bridge'), { code: 'network-not-found', message: /is made with the first container/ })
})

test('host and none are always there, and can neither be made nor deleted', async t => {
  const controller = new Lab(t).process()
  t.deepEqual(controller.listNetworks().map(({ name, driver }) => [name, driver]), [['host', 'host'], ['none', 'none']])
  t.is(controller.getNetwork('host').driver, 'host')
  for (const name of ['host', 'none']) {
    await t.throwsAsync(controller.createNetwork({ name }), { code: 'predefined-network' })
    await t.throwsAsync(controller.deleteNetwork(name), { code: 'predefined-network' })
    await t.throwsAsync(controller.createNetwork({ name: 'x', driver: name }), { code: 'predefined-network' })
  }
})

for (const [name, spec, code] of [
  ['a bad name', { name: '-x' }, 'invalid-name'], ['an empty name', { name: '' }, 'invalid-name'],
    ['a path as name', { name: '../x' }, 'invalid-name'],
  ['an unknown driver', { name: 'x', driver: 'overlay' }, 'invalid-argument'],
    ['driver container', { name: 'x', driver: 'container' }, 'invalid-argument'],
  ['a driver called constructor', { name: 'x', driver: 'constructor' }, 'invalid-argument'],
  ['neither family', { name: 'x', enableIPv4: false }, 'conflicting-options'],
  ['an IPv6 subnet without IPv6', { name: 'x', enableIPv6: false, subnets: [{ subnet: 'fd00::/64' }] }, 'conflicting-options'],
  ['two IPv4 subnets', { name: 'x', subnets: [{ subnet: '10.0.0.0/24' }, { subnet: '10.0.1.0/24' }] }, 'invalid-subnet'],
  ['host bits', { name: 'x', subnets: [{ subnet: '10.0.0.1/24' }] }, 'invalid-subnet'],
  ['an unknown option', { name: 'x', options: { foo: 'bar' } }, 'invalid-option'],
  ['a subnet that overlaps a route', { name: 'x', subnets: [{ subnet: '192.0.2.128/25' }] }, 'subnet-overlap'],
] as const) {
  test(`a network with ${name} is refused with ${code} and leaves nothing`, async t => {
    const lab = new Lab(t)
    const empty = lab.rows()
    await t.throwsAsync(lab.process().createNetwork(spec), { code })
    t.deepEqual(lab.rows(), empty)
    t.deepEqual(lab.kernel.calls, [])
  })
}

test('overlaps name the route or the network', async t => {
  const controller = new Lab(t).process()
  await controller.createNetwork({ name: 'blue', subnets: [{ subnet: '10.1.0.0/16' }] })
  await t.throwsAsync(controller.createNetwork({ name: 'x', subnets: [{ subnet: '10.1.2.0/24' }] }),
    { code: 'subnet-overlap', message: 'use subnet 10.1.2.0/24: it overlaps network "blue"' })
  await t.throwsAsync(controller.createNetwork({ name: 'x', subnets: [{ subnet: '192.0.0.0/16' }] }),
    { message: /overlaps 192\.0\.2\.0\/24 dev eth0/ })
})

test('names and bridges are taken once', async t => {
  const controller = new Lab(t).process()
  const options = { 'com.docker.network.bridge.name': 'blue0' }
  await controller.createNetwork({ name: 'blue', options })
  await t.throwsAsync(controller.createNetwork({ name: 'blue' }), { code: 'name-in-use' })
  // What would be wrong under any name is said first.
  await t.throwsAsync(controller.createNetwork({ name: 'blue', options: { nonsense: '1' } }), { code: 'invalid-option' })
  await t.throwsAsync(controller.createNetwork({ name: 'red', options }),
    { code: 'link-exists', message: /blue0 is that of network "blue"$/ })
})

test('gateway, range and auxiliary addresses are kept from endpoints', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  const { network } = await controller.createNetwork({
    name: 'blue', subnets: [{ subnet: '10.0.0.0/24', ipRange: '10.0.0.8/29', auxAddresses: { a: '10.0.0.8', b: '10.0.0.10' } }],
  })
  t.is(network.subnets[0]?.gateway, '10.0.0.9')
  const { endpoints } = await controller.createSandbox({ id: sandboxId(), mode: 'bridge',
    endpoints: [{ network: 'blue', name: 'web' }] })
  t.is(endpoints[0]?.endpoint.addresses[0]?.cidr, '10.0.0.11/24')
  t.deepEqual(controller.subnetUsage('blue'), [{ family: 4, cidr: '10.0.0.0/24', used: 4, size: 256n }])
})

test('IPv6 networks are /64s of a prefix that this host keeps', async t => {
  const lab = new Lab(t)
  const one = (await lab.process().createNetwork({ name: 'a', enableIPv6: true })).network.subnets[1]
  const two = (await lab.process().createNetwork({ name: 'b', enableIPv6: true, enableIPv4: false })).network.subnets[0]
  t.regex(one?.cidr ?? '', /^fd[0-9a-f:]+::\/64$/)
  t.is(one?.cidr.split(':').slice(0, 3).join(), two?.cidr.split(':').slice(0, 3).join())
  t.not(one?.cidr, two?.cidr)
})

test('a network in use is not deleted, and names its endpoints', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  await controller.createNetwork({ name: 'blue' })
  const id = sandboxId()
  await controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'blue', name: 'web' }] })
  await t.throwsAsync(controller.deleteNetwork('blue'),
    { code: 'network-in-use', message: 'delete network "blue": it has 1 endpoint: "web"' })
  await controller.deleteSandbox(id)
  await t.notThrowsAsync(controller.deleteNetwork('blue'))
})

test('a plan is what would be made, and makes nothing', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  const empty = lab.rows()
  const kinds = (await controller.planNetwork({ name: 'blue' })).map(object => object.kind)
  t.deepEqual(kinds, ['guarded-bridge', 'bridge', 'sysctl', 'sysctl', 'sysctl', 'address', 'link-up', 'isolation', 'masquerade', 'sysctl'])
  t.deepEqual(lab.rows(), empty)
  t.deepEqual(lab.kernel.calls, [])
  t.deepEqual(controller.describe([{ kind: 'netns', path: '/x' }]), ['make netns'])
})

test('the default network is deleted like any other, and comes back when it is needed', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  const { network } = await controller.createNetwork({ name: 'bridge' })
  t.is(network.subnets[0]?.cidr, '172.17.0.0/16')
  t.is(network.parsed?.bridgeName, 'docker0')
  await controller.deleteNetwork('bridge')
  t.deepEqual(lab.kernel.residue, [])
  const { endpoints } = await controller.createSandbox({ id: sandboxId(), mode: 'bridge',
    endpoints: [{ network: 'bridge', name: 'web' }] })
  t.is(endpoints[0]?.endpoint.addresses[0]?.cidr, '172.17.0.2/16')
})

test('beside Docker the default network keeps off Docker\'s addresses, even while dockerd is not running', async t => {
  const lab = new Lab(t)
  lab.facts = { ...lab.facts, dockerInstalled: true }
  const { network } = await lab.process().createNetwork({ name: 'bridge' })
  t.is(network.parsed?.bridgeName, 'tsnet0')
  t.is(network.subnets[0]?.cidr, '172.18.0.0/16')
})

test('the guard against foreign forwarding stays until the last network that needs it', async t => {
  const lab = new Lab(t)
  lab.facts = { ...lab.facts, forwarding: { v4: false, v6: true } }
  const controller = lab.process()
  await controller.createNetwork({ name: 'a' })
  // Now the kernel says that the host forwards, because tsnet turned it on.
  lab.facts = { ...lab.facts, forwarding: { v4: true, v6: true } }
  await controller.createNetwork({ name: 'b' })
  t.true(lab.kernel.has('forward-guard'))
  await controller.deleteNetwork('a')
  t.true(lab.kernel.has('forward-guard'))
  await controller.deleteNetwork('b')
  t.false(lab.kernel.has('forward-guard'))
  lab.facts = { ...lab.facts, forwarding: { v4: true, v6: true } }
  await controller.createNetwork({ name: 'c' })
  t.true(lab.kernel.has('forward-guard'), 'forwarding is still on by tsnet\'s doing')
})

test('a network that fails does not take the guard of another along', async t => {
  const lab = new Lab(t)
  lab.facts = { ...lab.facts, forwarding: { v4: false, v6: true } }
  const controller = lab.process()
  await controller.createNetwork({ name: 'a' })
  void lab.kernel.arm({ on: 'create', at: 10, how: 'fail' })
  await t.throwsAsync(controller.createNetwork({ name: 'b' }), { message: /fault at create 10/ })
  t.true(lab.kernel.has('forward-guard'))
})

test('a failed undo is told, and finished by the next recovery', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  const failing = lab.kernel.families.map(family => family.name === 'link'
    ? { ...family, remove: () => Promise.reject(new Error('stuck')) } : family)
  const { Executor } = await import('../../../cnm/executor.ts')
  const stuck = lab.process({ executor: new Executor(failing) })
  void lab.kernel.arm({ on: 'create', at: 8, how: 'fail' })
  await t.throwsAsync(stuck.createNetwork({ name: 'blue' }),
    { code: 'kernel-error', message: /fault at create 8; undoing it failed as well \(stuck\)/ })
  void lab.kernel.arm(undefined)
  t.true(lab.kernel.has('bridge'))
  t.throws(() => controller.getNetwork('blue'), { code: 'network-not-found' })
  await controller.recover()
  t.deepEqual(lab.kernel.residue, [])
  await t.notThrowsAsync(controller.createNetwork({ name: 'blue' }))
})

test('pruning takes the networks that nothing is on and that are asked for, never the default one', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  for (const name of ['bridge', 'empty', 'kept', 'used']) await controller.createNetwork({ name, labels: name === 'kept' ? { keep: '' } : {} })
  await controller.createSandbox({ id: sandboxId(), mode: 'bridge', endpoints: [{ network: 'used', name: 'web' }] })
  const pruned = await controller.pruneNetworks(({ labels }) => !Object.hasOwn(labels, 'keep'))
  t.deepEqual(pruned.map(({ name }) => name), ['empty'])
  t.deepEqual(controller.listNetworks().map(({ name }) => name), ['bridge', 'host', 'kept', 'none', 'used'])
  t.deepEqual(await controller.pruneNetworks(() => false), [])
})
