import test from 'ava'
import { Lab, sandboxId } from '../../helpers/fake-controller.ts'

test('recovery with nothing to do writes nothing and touches no kernel', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  await controller.createSandbox({ id: sandboxId(), mode: 'bridge', endpoints: [{ network: 'bridge', name: 'web' }] })
  await controller.recover()
  lab.kernel.calls.length = 0
  const changes = (): unknown => lab.store.read(tx => tx.connection.prepare('SELECT total_changes() AS n').get()?.['n'])
  const before = changes()
  await controller.recover()
  t.is(changes(), before)
  t.deepEqual(lab.kernel.calls, [])
})

test('what is missing in the kernel is made again by a repair, in order, and by nothing else', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  await controller.createSandbox({ id: sandboxId(), mode: 'bridge', endpoints: [{ network: 'bridge', name: 'web' }] })
  const whole = [...lab.kernel.objects.keys()].toSorted()
  for (const [key, object] of lab.kernel.objects) if (object.kind !== 'netns'
    && object.kind !== 'veth') lab.kernel.objects.delete(key)
  await controller.recover()
  t.is(lab.kernel.objects.size, 2)
  await controller.recover({ repair: true })
  t.deepEqual([...lab.kernel.objects.keys()].toSorted(), whole)
})

test('a sandbox whose namespace is gone is removed by a repair', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  const id = sandboxId()
  await controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'bridge', name: 'web' }] })
  for (const [key, object] of lab.kernel.objects) if (object.kind === 'netns') lab.kernel.objects.delete(key)
  await controller.recover({ repair: true })
  t.is(controller.findSandbox(id), undefined)
  t.false(lab.kernel.has('veth'))
  t.is(lab.leases(), 1)
})

test('after a reboot sandboxes are gone, networks come back when they are needed, addresses stick', async t => {
  const lab = new Lab(t)
  const before = lab.process()
  const { network } = await before.createNetwork({ name: 'blue' })
  const id = sandboxId()
  await before.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'blue', name: 'web' }] })
  lab.kernel.objects.clear()
  lab.alive.clear()
  lab.bootId = 'boot-2'
  lab.facts = { ...lab.facts, forwarding: { v4: false, v6: false } }
  const after = lab.process()
  await after.recover()
  t.is(after.findSandbox(id), undefined)
  t.is(after.getNetwork('blue').id, network.id)
  t.deepEqual([...lab.kernel.objects.keys()], [])
  await after.createSandbox({ id: sandboxId(), mode: 'bridge', endpoints: [{ network: 'blue', name: 'other' }] })
  t.true(lab.kernel.has('bridge'))
  t.true(lab.kernel.has('forward-guard'), 'as today\'s host needs it')
  t.is(after.getNetwork('blue').bootId, 'boot-2')
  const { endpoints } = await after.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'blue', name: 'web' }] })
  t.is(endpoints[0]?.endpoint.addresses[0]?.cidr, '172.18.0.2/24')
})

test('a process that dies while it makes a network again after a reboot does not lose it', async t => {
  const lab = new Lab(t)
  await lab.process().createNetwork({ name: 'blue' })
  lab.kernel.objects.clear()
  lab.bootId = 'boot-2'
  const dead = lab.process()
  const stopped = lab.kernel.arm({ on: 'create', at: 3, how: 'stop-after' })
  void dead.createSandbox({ id: sandboxId(), mode: 'bridge', endpoints: [{ network: 'blue', name: 'web' }] })
  await stopped
  lab.alive.delete(dead.owner)
  const next = lab.process()
  await next.recover()
  await t.notThrowsAsync(next.createSandbox({ id: sandboxId(), mode: 'bridge', endpoints: [{ network: 'blue', name: 'web' }] }))
})

test('two processes recover the same leftovers without hindering each other', async t => {
  const lab = new Lab(t)
  const dead = lab.process()
  const stopped = lab.kernel.arm({ on: 'create', at: 5, how: 'stop-after' })
  void dead.createNetwork({ name: 'blue' })
  await stopped
  lab.alive.delete(dead.owner)
  await Promise.all([lab.process().recover(), lab.process().recover()])
  t.deepEqual(lab.kernel.residue, [])
  t.like(lab.rows(), { networks: 0, ipam_leases: 0 })
})
