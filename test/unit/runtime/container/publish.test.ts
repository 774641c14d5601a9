import test from 'ava'
import { FakeWorld, plainSpec } from './fake-world.ts'

const tcp = (host: number, container: number) =>
  ({ protocol: 'tcp', host: { first: host, last: host }, container: { first: container, last: container } }) as const

test('a port of a running container is part of its specification and held by its shim, until it goes', async t => {
  using world = new FakeWorld()
  const service = world.service()
  await service.run({ ...plainSpec, name: 'web' })
  t.deepEqual(world.lastStart.request.keepDescriptors, [8, 9], 'also a shim without ports has a place for some')
  t.like(await service.publish('web', [tcp(8080, 80)]), { ports: [{ host: { first: 8080 } }], warnings: ['about ports'] })
  t.deepEqual([world.held, service.get('web').spec.ports, service.get('web').owner], [[8080], [tcp(8080, 80)], ''])
  await service.unpublish('web', [tcp(8080, 80)])
  t.deepEqual([world.held, service.get('web').spec.ports, service.get('web').owner], [[], [], ''])
})

test('a failure leaves the shim with what is published', async t => {
  using world = new FakeWorld()
  const service = world.service()
  await service.run({ ...plainSpec, name: 'web' })
  for (const ahead of [1, 2]) {
    world.failAt = world.calls.length + ahead
    await t.throwsAsync(service.publish('web', [tcp(8080, 80)]))
    t.deepEqual([world.held, world.published, service.get('web').owner], [[], [], ''])
  }
  await service.publish('web', [tcp(8080, 80)])
  world.failAt = world.calls.length + 1
  await t.throwsAsync(service.unpublish('web', [tcp(8080, 80)]))
  t.deepEqual([world.held, world.published], [[], []], 'a removal that was begun counts as done')
})

test('after the death of who changed the ports, the shim holds what is published', async t => {
  using world = new FakeWorld()
  const service = world.service()
  const { record } = await service.run({ ...plainSpec, name: 'web' })
  await service.publish('web', [tcp(8080, 80)])
  const abandoned = { ...service.get('web'), owner: 'dead' }
  world.store.write(tx => tx.table<typeof record>('containers').put({ id: record.id, name: 'web', state: 'running', owner: 'dead' }, abandoned))
  world.held = [8080, 9090]
  await world.service('owner-2').recover()
  t.deepEqual([world.held, service.get('web').status, service.get('web').owner], [[8080], 'running', ''])
})

test('a container that has ended has no ports to change', async t => {
  using world = new FakeWorld()
  const service = world.service()
  await service.run({ ...plainSpec, name: 'web' })
  world.end(world.lastStart, 0)
  await t.throwsAsync(service.publish('web', [tcp(8080, 80)]), { code: 'container-not-running', message: /cannot publish ports/ })
  await t.throwsAsync(service.unpublish('web', [tcp(8080, 80)]), { code: 'container-not-running' })
  await t.throwsAsync(service.publish('nobody', []), { code: 'container-not-found' })
})
