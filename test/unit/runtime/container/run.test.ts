import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { TsnetError } from '../../../../errors/error.ts'
import { InjectedFault } from '../../../helpers/faults.ts'
import { FakeWorld, plainSpec } from './fake-world.ts'

test('a detached container runs on, with its pids in the record and nobody at work on it', async t => {
  using world = new FakeWorld()
  const { record, warnings } = await world.service().run({ ...plainSpec, name: 'web' })
  t.is(record.status, 'running')
  t.is(record.owner, '')
  t.is(record.pid, world.lastStart.pid)
  t.is(record.shimStartTime, world.lastStart.shimPid * 10)
  t.deepEqual(warnings, ['a warning'])
  t.deepEqual(world.records(), [record])
  t.deepEqual(world.lastStart.request.cleanup, ['/engine', '/bundle', 'internal', 'cleanup', record.id])
})

test('what is started is the image\'s and the user\'s, put together', async t => {
  using world = new FakeWorld()
  const { record } = await world.service().run({ ...plainSpec, command: [], labels: { kind: 'user' }, user: 'guest',
    env: ['A=1'] })
  const { spec, netns } = world.lastStart.request
  t.deepEqual(spec.process.args, ['sh'])
  t.deepEqual(spec.process.env.slice(1), [`HOSTNAME=${record.id.slice(0, 12)}`, 'A=1', 'LANG=C', 'HOME=/home'])
  t.is(spec.process.user.uid, 1000)
  t.is(netns, `/run/netns/${record.id}`)
  t.deepEqual(record.spec.labels, { from: 'image', kind: 'user' })
  t.regex(record.name, /^[a-z]+_[a-z]+$/)
  t.is(spec.root.path, `/root/${record.id}`)
})

test('a VOLUME of the image gets an anonymous volume that the record knows', async t => {
  using world = new FakeWorld()
  const { record } = await world.service().run(plainSpec)
  t.deepEqual([...world.volumes], record.anonymousVolumes)
  t.is(world.lastStart.request.spec.mounts.at(-1)?.destination, '/etc/hosts')
  t.true(world.lastStart.request.spec.mounts.some(mount => mount.destination === '/data' && mount.source.startsWith('/volumes/')))
})

test('hosts, hostname and resolv.conf are written into the container\'s folder and bind-mounted', async t => {
  using world = new FakeWorld()
  const { record } = await world.service().run({ ...plainSpec, hostname: 'web.corp',
    extraHosts: ['db:10.0.0.9', 'me:host-gateway'] })
  const folder = join(world.roots.root, 'containers', record.id)
  t.is(readFileSync(join(folder, 'hosts'), 'utf8'),
    '127.0.0.1\tlocalhost\n10.0.0.9\tdb\n172.17.0.1\tme\n172.17.0.2\tweb.corp web\n')
  t.is(readFileSync(join(folder, 'hostname'), 'utf8'), 'web.corp\n')
  t.is(readFileSync(join(folder, 'resolv.conf'), 'utf8'), 'nameserver 192.0.2.53\n')
})

test('the call of every dependency that fails leaves nothing behind', async t => {
  let failed = 0
  for (let n = 1; ; n++) {
    using world = new FakeWorld()
    world.failAt = n
    const error = await world.service().run(plainSpec).then(() => undefined, (reason: unknown) => reason)
    if (error === undefined) break
    t.true(error instanceof InjectedFault)
    t.deepEqual(world.left(), [], `call ${n}`)
    failed = n
  }
  t.true(failed >= 6, `${failed} calls`)
})

test('an error and a failing undo are both told, and the next command finishes the undo', async t => {
  using world = new FakeWorld()
  world.startError = new TsnetError('command-not-found', 'no such command')
  const service = world.service()
  const before = ['prepare root', 'ensure volume', 'create sandbox', 'resolve user', 'create cgroups', 'start', 'kill all']
  world.failAt = before.length + 1
  const error = await t.throwsAsync<SuppressedError>(service.run(plainSpec))
  t.deepEqual(world.calls.slice(0, before.length), before)
  t.is((error.suppressed as TsnetError).code, 'command-not-found')
  t.is(world.records().length, 1)
  await service.recover()
  t.deepEqual(world.left(), [])
})

test('a command that does not exist leaves nothing behind', async t => {
  using world = new FakeWorld()
  world.startError = new TsnetError('command-not-found', 'no such command')
  await t.throwsAsync(world.service().run(plainSpec), { code: 'command-not-found' })
  t.deepEqual(world.left(), [])
})

test('an abort before and one after the start of the process undo everything', async t => {
  for (const when of ['before', 'after'] as const) {
    using world = new FakeWorld()
    const abort = new AbortController()
    if (when === 'before') abort.abort()
    else world.onStart = () => abort.abort()
    await t.throwsAsync(world.service().run(plainSpec, { signal: abort.signal }), { name: 'AbortError' })
    t.deepEqual(world.left(), [], when)
  }
})

test('a name that is taken is refused with its holder, and the holder is untouched', async t => {
  using world = new FakeWorld()
  const service = world.service()
  const { record } = await service.run({ ...plainSpec, name: 'web' })
  await t.throwsAsync(service.run({ ...plainSpec, name: 'web' }),
    { code: 'name-in-use', message: new RegExp(record.id.slice(0, 12)) })
  t.is(world.records().length, 1)
  t.is(service.get('web').status, 'running')
})

test('another runtime is refused where none is offered', async t => {
  using world = new FakeWorld()
  await t.throwsAsync(world.service().run({ ...plainSpec, runtime: 'runc' }),
    { code: 'invalid-argument', message: /--runtime runc/ })
})

test('an unknown image and a missing --rootfs are refused before anything is made', async t => {
  using world = new FakeWorld()
  const { image: _, ...noImage } = plainSpec
  await t.throwsAsync(world.service().run({ ...plainSpec, image: 'nope' }), { code: 'image-not-found' })
  await t.throwsAsync(world.service().run({ ...noImage, rootfs: '/dev/null/missing' }), { code: 'rootfs-not-found' })
  t.deepEqual(world.left(), [])
  t.deepEqual(world.calls, [])
})

test('a container may join the network of a running one only, and has its files and hostname', async t => {
  using world = new FakeWorld()
  const service = world.service()
  const { record: target } = await service.run({ ...plainSpec, name: 'target', hostname: 'boss' })
  const joined = await service.run({ ...plainSpec, network: { mode: 'container', container: 'target' } })
  const { spec, netns } = world.lastStart.request
  t.is(netns, `/run/netns/${target.id}`)
  t.is(joined.record.hostname, 'boss')
  t.is(spec.mounts.find(mount => mount.destination === '/etc/hosts')?.source,
    join(world.roots.root, 'containers', target.id, 'hosts'))
  await service.stop('target')
  await t.throwsAsync(service.run({ ...plainSpec, network: { mode: 'container', container: 'target' } }),
    { code: 'container-not-running' })
  await t.throwsAsync(service.run({ ...plainSpec, network: { mode: 'container', container: 'nobody' } }),
    { code: 'container-not-found' })
})

test('on the host\'s network the container has the host\'s name and hosts file, and ports are discarded with a word', async t => {
  using world = new FakeWorld()
  const port = { protocol: 'tcp' as const, container: { first: 80, last: 80 } }
  const { record, warnings } = await world.service().run({ ...plainSpec, network: { mode: 'host' }, ports: [port] })
  t.is(record.hostname, 'the-host')
  t.is(world.lastStart.request.netns, undefined)
  t.regex(warnings[0] ?? '', /discarded/)
  t.is(readFileSync(join(world.roots.root, 'containers', record.id, 'hosts'), 'utf8'), '127.0.0.1\thost\n')
})

test('-P publishes what the image exposes and -p does not', async t => {
  using world = new FakeWorld()
  const { record } = await world.service().run({ ...plainSpec, publishAll: true })
  const sandbox = world.sandboxes.get(record.id)
  t.deepEqual(sandbox?.mode === 'bridge' && sandbox.endpoints[0]?.ports,
    [{ protocol: 'tcp', container: { first: 80, last: 80 } }])
})
