import { rmSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { InjectedFault } from '../../../helpers/faults.ts'
import { FakeWorld, plainSpec } from './fake-world.ts'

const SIGTERM = 15
const SIGKILL = 9
const foreground = { ...plainSpec, detach: false }
/** What a stopped container keeps: its record, folder, root and volume. */
const kept = 4

test('a foreground container is cleaned up by its command, which then lets the shim go', async t => {
  using world = new FakeWorld()
  const service = world.service()
  const { record, finished } = await service.run(foreground)
  world.end(world.lastStart, 7 << 8)
  t.is(await finished, 7)
  t.true(world.lastStart.isDone)
  t.like(service.get(record.id),
    { status: 'exited', exitCode: 7, owner: '', pid: 0, finishedAt: '2023-11-14T22:13:20.000000005Z' })
  t.is(world.sandboxes.size + world.cgroups.size, 0)
  t.is(world.left().length, kept)
})

test('--rm removes everything, anonymous volumes too', async t => {
  using world = new FakeWorld()
  const { finished } = await world.service().run({ ...foreground, autoRemove: true })
  world.end(world.lastStart, SIGKILL)
  t.is(await finished, 137)
  t.deepEqual(world.left(), [])
})

test('a container killed for want of memory says so', async t => {
  using world = new FakeWorld()
  world.oomKilled = true
  const { record, finished } = await world.service().run(foreground)
  world.end(world.lastStart, SIGKILL)
  t.is(await finished, 137)
  t.true(world.service().get(record.id).oomKilled)
})

test('when the cleanup fails it is left to the shim, which is not waited for, and the next command finishes it', async t => {
  using world = new FakeWorld()
  const { finished } = await world.service().run({ ...foreground, autoRemove: true })
  world.failAt = world.calls.length + 2
  world.end(world.lastStart, 0)
  await t.throwsAsync(finished, { message: /delete sandbox/ })
  t.false(world.lastStart.isDone)
  t.true(world.lastStart.isLeft)
  t.is(world.records()[0]?.status, 'dead')
  world.die('owner-1')
  await world.service('owner-2').recover()
  t.deepEqual(world.left(), [])
})

test('whichever call of a removal fails, doing it again removes everything', async t => {
  for (let n = 1; ; n++) {
    using world = new FakeWorld()
    const service = world.service()
    const { record } = await service.run(plainSpec)
    world.end(world.lastStart, 0)
    world.failAt = world.calls.length + n
    await service.remove(record.id, { force: false, volumes: true })
      .catch((error: unknown) => t.true(error instanceof InjectedFault))
    if (world.calls.length < world.failAt) {
      t.true(n > 6)
      break
    }
    await service.recover()
    if (world.records().length > 0) await service.remove(record.id, { force: false, volumes: true })
    t.deepEqual(world.left(), [], `call ${n}`)
  }
})

test('a detached container is cleaned up by its shim\'s last exec, again and again without harm', async t => {
  using world = new FakeWorld()
  const { record } = await world.service().run(plainSpec)
  await world.service('early').cleanup(record.id)
  t.is(world.service().get(record.id).status, 'running')
  world.end(world.lastStart, 0)
  await world.service('shim').cleanup(record.id)
  const calls = world.calls.length
  await world.service('shim').cleanup(record.id)
  await world.service('shim').cleanup('no such id')
  t.is(world.calls.length, calls)
  t.is(world.left().length, kept)
})

test('stop sends the stop signal, and the record says how it ended', async t => {
  using world = new FakeWorld()
  const service = world.service()
  await service.run({ ...plainSpec, name: 'web', stopSignal: 'SIGINT' })
  t.like(await service.stop('web'), { status: 'exited', exitCode: 130, manuallyStopped: true })
  t.deepEqual(world.processes.get(world.lastStart.pid)?.signals, [2])
  t.like(await service.stop('web'), { status: 'exited', exitCode: 130 })
})

test('stop kills what does not stop in time', async t => {
  using world = new FakeWorld()
  world.ignores = [SIGTERM]
  const service = world.service()
  await service.run({ ...plainSpec, name: 'web' })
  t.is((await service.stop('web', { timeoutSeconds: 0 })).exitCode, 137)
  t.deepEqual(world.processes.get(world.lastStart.pid)?.signals, [SIGTERM, SIGKILL])
})

test('kill sends any signal, by name or number, and refuses what does not run', async t => {
  using world = new FakeWorld()
  world.ignores = [1, 10]
  const service = world.service()
  await service.run({ ...plainSpec, name: 'web' })
  service.kill('web', 'HUP')
  service.kill('web', '10')
  t.false(service.get('web').manuallyStopped)
  service.kill('web', 'SIGKILL')
  t.deepEqual(world.processes.get(world.lastStart.pid)?.signals, [1, 10, SIGKILL])
  t.like(service.get('web'), { status: 'exited', exitCode: 137 })
  t.throws(() => service.kill('web', 'TERM'), { code: 'container-not-running' })
  t.throws(() => service.kill('web', 'NOPE'), { code: 'invalid-argument' })
})

test('a running container is removed with force only', async t => {
  using world = new FakeWorld()
  const service = world.service()
  await service.run({ ...plainSpec, name: 'web' })
  await t.throwsAsync(service.remove('web', { force: false, volumes: false }), { code: 'container-running' })
  t.is(service.get('web').status, 'running')
  await service.remove('web', { force: true, volumes: false })
  t.is(world.volumes.size, 1)
  t.is(world.left().length, 1)
  await t.throwsAsync(service.remove('web', { force: true, volumes: false }), { code: 'container-not-found' })
})

test('stop, removal with force and cleanup at once end in one removal', async t => {
  using world = new FakeWorld()
  const { record } = await world.service('a').run({ ...plainSpec, autoRemove: true })
  const outcomes = await Promise.allSettled([
    world.service('a').stop(record.id),
    world.service('b').remove(record.id, { force: true, volumes: true }),
    world.service('c').remove(record.id, { force: true, volumes: true }),
    world.service('d').cleanup(record.id),
  ])
  t.deepEqual(outcomes.map(outcome => outcome.status), Array(4).fill('fulfilled'))
  t.deepEqual(world.left(), [])
})

test('wait gives the exit code while it runs, after it ran, and when it is removed by its end', async t => {
  using world = new FakeWorld()
  const service = world.service()
  const { record } = await service.run({ ...plainSpec, autoRemove: true })
  const waiting = service.wait(record.id)
  world.end(world.lastStart, 5 << 8)
  t.is(await waiting, 5)
  await world.service('shim').cleanup(record.id)
  const stays = await service.run(plainSpec)
  world.end(world.lastStart, 6 << 8)
  await world.service('shim').cleanup(stays.record.id)
  t.is(await service.wait(stays.record.id), 6)
})

test('a killed shim is noticed: the container is shown as ended, and recovery kills what is left of it', async t => {
  using world = new FakeWorld()
  const service = world.service()
  const { record } = await service.run(plainSpec)
  world.kill(world.lastStart.shimPid)
  t.like(service.get(record.id), { status: 'exited', exitCode: 137 })
  t.is(world.records()[0]?.status, 'running')
  t.true(world.processes.get(world.lastStart.pid)?.alive)
  await service.recover()
  t.like(world.records()[0], { status: 'exited', exitCode: 137, owner: '' })
  t.is(world.left().length, kept)
})

test('after a restart of the host nothing runs any more', async t => {
  using world = new FakeWorld()
  const { record } = await world.service().run(plainSpec)
  world.die('owner-1')
  world.bootId = 'boot-2'
  const service = world.service('owner-2')
  t.like(service.get(record.id), { status: 'exited', exitCode: 255 })
  t.deepEqual(service.list({ all: false }), [])
  await service.recover()
  t.like(world.records()[0], { status: 'exited', exitCode: 255, owner: '' })
  t.is(world.sandboxes.size + world.cgroups.size, 0)
})

test('what a process left half-made is removed once it is dead, and not before', async t => {
  using world = new FakeWorld()
  const { promise, resolve } = Promise.withResolvers<void>()
  world.onStart = () => resolve()
  const starting = world.service('a').run(plainSpec)
  await promise
  t.is(world.records()[0]?.status, 'created')
  const other = world.service('b')
  await other.recover()
  await starting
  t.is(world.records()[0]?.status, 'running')

  using crashed = new FakeWorld()
  crashed.startError = new Error('crash')
  crashed.failAt = 7
  await t.throwsAsync(crashed.service('a').run(plainSpec))
  t.true(crashed.left().length > 0)
  crashed.die('a')
  await crashed.service('b').recover()
  t.deepEqual(crashed.left(), [])
})

test('stop and removal wait for a container that is just being started', async t => {
  using world = new FakeWorld()
  const starting = world.service('a').run({ ...plainSpec, name: 'web' })
  while (world.records().length === 0) await Promise.resolve()
  const other = world.service('b')
  await t.throwsAsync(other.remove('web', { force: false, volumes: false }), { code: 'container-running' })
  t.is((await starting).record.status, 'running')
  t.like(await other.stop('web'), { status: 'exited', exitCode: 143 })
})

test('recovery does nothing when there is nothing to do', async t => {
  using world = new FakeWorld()
  const service = world.service()
  await service.run(plainSpec)
  const { record } = await service.run(plainSpec)
  await service.stop(record.id)
  const calls = world.calls.length
  await service.recover()
  t.is(world.calls.length, calls)
})

test('a container whose folder is gone is still removed', async t => {
  using world = new FakeWorld()
  const service = world.service()
  const { record } = await service.run(plainSpec)
  world.end(world.lastStart, 0)
  await world.service('shim').cleanup(record.id)
  rmSync(join(world.roots.root, 'containers'), { recursive: true })
  await service.remove(record.id, { force: true, volumes: true })
  t.deepEqual(world.left(), [])
})

test('exec runs with the container\'s user, environment and folder, and gives the exit code', async t => {
  using world = new FakeWorld()
  const service = world.service()
  await service.run({ ...plainSpec, name: 'web', env: ['A=1', 'B=1'] })
  const base = { command: ['ls'], env: ['B=2'], interactive: false, tty: false, detach: false }
  const { finished } = await service.exec('web', base)
  t.is(await finished, 3)
  const [request] = world.execs
  t.is(request?.pid, world.lastStart.pid)
  t.true(request?.process.env.includes('A=1'))
  t.true(request?.process.env.includes('B=2'))
  t.false(request?.process.env.includes('B=1'))
  t.deepEqual(request?.cgroup, { v1: [`/cg/${service.get('web').id}`] })
  await t.throwsAsync(service.exec('web', { ...base, command: [] }), { code: 'invalid-argument' })
  await t.throwsAsync(service.exec('web', { ...base, workdir: 'x' }), { code: 'invalid-argument' })
  await service.stop('web')
  await t.throwsAsync(service.exec('web', base), { code: 'container-not-running' })
})

test('details tell everything that inspect shows', async t => {
  using world = new FakeWorld()
  const service = world.service()
  const { record } = await service.run(plainSpec)
  const details = await service.details(record.id)
  t.is(details.image?.id, 'sha256:1')
  t.is(details.endpoints.length, 1)
  t.is(details.sandbox?.netns, `/run/netns/${record.id}`)
  t.deepEqual(details.mounts.map(mount => [mount.target, mount.hostPath]), [['/data', `/volumes/${record.anonymousVolumes[0]}`]])
  await service.stop(record.id)
  t.deepEqual((await service.details(record.id)).endpoints, [])
})

test('a reference is a name, an id or an unambiguous prefix', async t => {
  using world = new FakeWorld()
  const service = world.service()
  const { record } = await service.run({ ...plainSpec, name: 'web' })
  for (const ref of ['web', record.id, record.id.slice(0, 12)]) t.is(service.get(ref).id, record.id)
  t.throws(() => service.get('nobody'), { code: 'container-not-found' })
})
