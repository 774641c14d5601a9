import test from 'ava'
import type { SandboxSpec } from '../../../cnm/controller-api.ts'
import type { SandboxId } from '../../../cnm/types.ts'
import { Lab, sandboxId } from '../../helpers/fake-controller.ts'

const spec = (id: SandboxId, name: string, ip?: string, keepsAddresses = true): SandboxSpec =>
  ({ id, mode: 'bridge', endpoints: [{ network: 'blue', name, ...ip === undefined ? {} : { ip } }], keepsAddresses })

test('an address that was asked for stays the container\'s when it has ended, until it is removed', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  await controller.createNetwork({ name: 'blue', subnets: [{ subnet: '10.1.0.0/29' }] })
  const web = sandboxId()
  await controller.createSandbox(spec(web, 'web', '10.1.0.3'))
  await controller.deleteSandbox(web)
  await t.throwsAsync(controller.createSandbox(spec(sandboxId(), 'thief', '10.1.0.3')), { code: 'address-in-use',
    message: 'reserve address 10.1.0.3: it is taken by container "web", which does not run; removing that frees it' })
  const others = ['a', 'b', 'c', 'd'].map(name => spec(sandboxId(), name))
  const given: string[] = []
  for (const other of others) given.push((await controller.createSandbox(other)).endpoints[0]?.endpoint.addresses[0]?.cidr ?? '')
  t.deepEqual(given, ['10.1.0.2/29', '10.1.0.4/29', '10.1.0.5/29', '10.1.0.6/29'])
  await t.throwsAsync(controller.createSandbox(spec(sandboxId(), 'e')), { code: 'address-pool-exhausted', message: /container "web", which does not run/ })
  t.is((await controller.createSandbox(spec(web, 'web', '10.1.0.3'))).endpoints[0]?.endpoint.addresses[0]?.cidr, '10.1.0.3/29', 'it starts again')
  await controller.deleteSandbox(web)
  controller.releaseAddresses(web)
  t.notThrows(() => controller.releaseAddresses(web), 'a second time is success')
  t.is((await controller.createSandbox(spec(sandboxId(), 'e'))).endpoints[0]?.endpoint.addresses[0]?.cidr, '10.1.0.3/29')
})

test('what tsnet chose, and what a container had that removes itself, is not kept', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  await controller.createNetwork({ name: 'blue' })
  for (const each of [spec(sandboxId(), 'a'), spec(sandboxId(), 'b', '172.18.0.77', false)]) {
    await controller.createSandbox(each)
    await controller.deleteSandbox(each.id)
  }
  t.is(lab.leases(), 1, 'the gateway')
})

test('disconnecting gives the address up, and so does the end of the network', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  await controller.createNetwork({ name: 'blue' })
  await controller.createNetwork({ name: 'red' })
  const id = sandboxId()
  await controller.createSandbox(spec(id, 'web', '172.18.0.9'))
  await controller.connect(id, { network: 'red', name: 'web', ip: '172.18.1.9' })
  await controller.disconnect(id, 'red')
  t.is(lab.leases(), 3, 'two gateways and one address')
  await controller.deleteSandbox(id)
  t.is(lab.leases(), 3)
  await controller.deleteNetwork('blue')
  t.is(lab.leases(), 1)
  t.notThrows(() => controller.releaseAddresses(id))
})

test('what is kept on one network is given up alone', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  for (const name of ['blue', 'red']) await controller.createNetwork({ name })
  const id = sandboxId()
  await controller.createSandbox(spec(id, 'web', '172.18.0.9'))
  await controller.connect(id, { network: 'red', name: 'web', ip: '172.18.1.9' })
  await controller.deleteSandbox(id)
  t.is(lab.leases(), 4)
  controller.releaseAddresses(id, 'gone')
  t.is(lab.leases(), 4)
  controller.releaseAddresses(id, 'red')
  t.is(lab.leases(), 3)
  await t.throwsAsync(controller.createSandbox(spec(sandboxId(), 'thief', '172.18.0.9')), { code: 'address-in-use' })
  controller.releaseAddresses(id)
  t.is(lab.leases(), 2)
})

test('the address is kept when the process that deletes the sandbox dies', async t => {
  const lab = new Lab(t)
  const first = lab.process()
  await first.createNetwork({ name: 'blue' })
  const id = sandboxId()
  await first.createSandbox(spec(id, 'web', '172.18.0.9'))
  const stopped = lab.kernel.arm({ on: 'remove', at: 2, how: 'stop-before' })
  t.false(await Promise.race([stopped.then(() => false), first.deleteSandbox(id).then(() => true)]))
  void lab.kernel.arm(undefined)
  lab.alive.delete(first.owner)
  const next = lab.process()
  await next.recover()
  t.is(next.findSandbox(id), undefined)
  await t.throwsAsync(next.createSandbox(spec(sandboxId(), 'thief', '172.18.0.9')), { code: 'address-in-use' })
  next.releaseAddresses(id)
  await t.notThrowsAsync(next.createSandbox(spec(sandboxId(), 'next', '172.18.0.9')))
})
