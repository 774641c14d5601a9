import { readFileSync, writeFileSync } from 'node:fs'
import test from 'ava'
import { containerPaths } from '../../../../runtime/paths.ts'
import { FakeWorld, plainSpec } from './fake-world.ts'

const spec = { ...plainSpec, name: 'web', hostname: 'web.example' }

test('a connection is a row of the hosts file, whatever else stands there, and part of the specification', async t => {
  using world = new FakeWorld()
  const service = world.service()
  const { record } = await service.run(spec)
  const { hosts } = containerPaths(world.roots, record.id)
  writeFileSync(hosts, `${readFileSync(hosts, 'utf8')}10.1.1.1\tmine\n`)
  const before = readFileSync(hosts, 'utf8')
  t.deepEqual(await service.connect('web', { network: 'blue', gwPriority: 2, driverOptions: { a: 'b' } }), ['about blue'])
  t.deepEqual(world.connections, [
    { name: 'web', network: 'blue', gwPriority: 2, options: { a: 'b' }, aliases: [record.id.slice(0, 12), 'web.example'] },
  ])
  t.is(readFileSync(hosts, 'utf8'), `${before}10.9.9.9\tweb.example web\n`)
  t.deepEqual(service.get('web').spec.network, { mode: 'bridge', network: 'bridge',
    endpoints: [{ network: 'bridge' }, { network: 'blue', gwPriority: 2, driverOptions: { a: 'b' } }] })
  t.is(service.get('web').owner, '')
  t.deepEqual(await service.disconnect('web', 'blue', { force: false }), ['about blue'])
  t.is(readFileSync(hosts, 'utf8'), before)
  t.deepEqual(service.get('web').spec.network, { mode: 'bridge', network: 'bridge', endpoints: [{ network: 'bridge' }] })
})

test('resolv.conf names the resolver while there is a network with names, unless its user has changed it', async t => {
  using world = new FakeWorld()
  const service = world.service()
  const { record } = await service.run(spec)
  const { resolvConf } = containerPaths(world.roots, record.id)
  const text = (): string => readFileSync(resolvConf, 'utf8')
  t.is(text(), 'nameserver 192.0.2.53\n')
  await service.connect('web', { network: 'blue' })
  t.is(text(), 'nameserver resolver-of-blue\noptions ndots:0\n')
  await service.disconnect('web', 'blue', { force: false })
  t.is(text(), 'nameserver 192.0.2.53\n')
  writeFileSync(resolvConf, 'nameserver 10.0.0.1\n')
  await service.connect('web', { network: 'blue' })
  t.is(text(), 'nameserver 10.0.0.1\n')
})

test('a failed connection changes neither file nor record, and the record is free again', async t => {
  using world = new FakeWorld()
  const service = world.service()
  const { record } = await service.run(spec)
  const { hosts } = containerPaths(world.roots, record.id)
  const before = readFileSync(hosts, 'utf8')
  world.failAt = world.calls.length + 1
  await t.throwsAsync(service.connect('web', { network: 'blue' }))
  t.deepEqual([readFileSync(hosts, 'utf8'), service.get('web')], [before, record])
  await t.notThrowsAsync(service.connect('web', { network: 'blue' }))
})

test('after the death of who changed the networks, files and specification follow those that there are', async t => {
  using world = new FakeWorld()
  const service = world.service()
  const { record } = await service.run(spec)
  const { hosts, resolvConf } = containerPaths(world.roots, record.id)
  writeFileSync(hosts, `${readFileSync(hosts, 'utf8')}10.1.1.1\tweb.example web\n`)
  const look = () => ({ hosts: readFileSync(hosts, 'utf8'), resolvConf: readFileSync(resolvConf, 'utf8'), record: service.get('web') })
  /** The files and the record as they were at some moment, of which the process that was at work on them died. */
  const leave = (at: ReturnType<typeof look>): void => {
    writeFileSync(hosts, at.hosts)
    writeFileSync(resolvConf, at.resolvConf)
    const abandoned = { ...at.record, owner: 'dead' }
    world.store.write(tx => tx.table<typeof record>('containers').put({ id: record.id, name: 'web', state: 'running', owner: 'dead' }, abandoned))
  }
  const without = look()
  await service.connect('web', { network: 'blue' })
  const connected = look()
  for (const at of [without, { ...connected, record: without.record }]) {
    leave(at)
    await world.service('owner-2').recover()
    t.deepEqual([look().hosts, look().resolvConf, look().record.owner, look().record.resolvConf], [connected.hosts, connected.resolvConf, '', connected.resolvConf])
    t.like(look().record.spec.network, { endpoints: [{ network: 'bridge' }, { network: 'blue' }] })
  }
  await service.disconnect('web', 'blue', { force: false })
  for (const at of [connected, { ...without, record: connected.record }]) {
    leave(at)
    await world.service('owner-2').recover()
    t.deepEqual([look().hosts, look().resolvConf, look().record.owner, look().record.resolvConf], [without.hosts, without.resolvConf, '', without.resolvConf])
    t.deepEqual(look().record.spec.network, { mode: 'bridge', network: 'bridge', endpoints: [{ network: 'bridge' }] })
  }
})

test('a container that has ended is disconnected: its record and the address kept for it follow', async t => {
  using world = new FakeWorld()
  const service = world.service()
  await service.run(spec)
  await service.connect('web', { network: 'blue', ip: '10.0.0.9' })
  world.end(world.lastStart, 0)
  await service.cleanup(service.get('web').id)
  t.deepEqual(await service.disconnect('web', 'blue', { force: false }), [])
  t.deepEqual(world.released, ['blue of it'])
  t.like(service.get('web'), { status: 'exited', owner: '', spec: { network: { endpoints: [{ network: 'bridge' }] } } })
  await t.throwsAsync(service.disconnect('web', 'blue', { force: false }), { code: 'not-connected' })
  t.deepEqual(await service.disconnect('web', 'blue', { force: true }), [])
  t.is(service.get('web').owner, '', 'the claim is let go')
})

test('a container that has ended is refused, and so are bad words', async t => {
  using world = new FakeWorld()
  const service = world.service()
  await service.run(spec)
  await t.throwsAsync(service.connect('web', { network: 'blue', ip: '10.0.0' }), { code: 'invalid-address' })
  await t.throwsAsync(service.connect('web', { network: 'blue', aliases: ['a b'] }), { code: 'invalid-name' })
  world.end(world.lastStart, 0)
  await t.throwsAsync(service.connect('web', { network: 'blue' }), { code: 'container-not-running' })
  t.deepEqual(world.connections, [])
})

test('with force, nothing to disconnect is no failure', async t => {
  using world = new FakeWorld()
  const service = world.service()
  await service.run(spec)
  await t.throwsAsync(service.disconnect('web', 'elsewhere', { force: false }), { code: 'not-connected' })
  t.deepEqual(await service.disconnect('web', 'elsewhere', { force: true }), [])
  await t.throwsAsync(service.disconnect('nobody', 'blue', { force: false }), { code: 'container-not-found' })
  t.deepEqual(await service.disconnect('nobody', 'blue', { force: true }), [])
})
