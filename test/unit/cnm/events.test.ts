import test from 'ava'
import type { SandboxSpec } from '../../../cnm/controller-api.ts'
import type { SandboxId } from '../../../cnm/types.ts'
import { Lab, sandboxId } from '../../helpers/fake-controller.ts'

const spec = (id: SandboxId, ...networks: readonly string[]): SandboxSpec =>
  ({ id, mode: 'bridge', endpoints: networks.map(network => ({ network, name: 'web' })) })

const told = (lab: Lab): readonly string[] => lab.store.read(tx => tx.events.after(0))
  .map(({ type, action, attributes: { name, container } }) => [type, action, name, container?.slice(0, 4)].filter(Boolean).join(' '))

test('networks and endpoints are told of once each, in Docker\'s words', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  const { network } = await controller.createNetwork({ name: 'blue' })
  await controller.createNetwork({ name: 'red' })
  const id = sandboxId()
  await controller.createSandbox(spec(id, 'blue'))
  await controller.connect(id, { network: 'red', name: 'web' })
  await controller.disconnect(id, 'red')
  await controller.deleteSandbox(id)
  await controller.deleteSandbox(id)
  await controller.deleteNetwork('blue')
  const short = id.slice(0, 4)
  t.deepEqual(told(lab), [
    'network create blue', 'network create red', `network connect blue ${short}`, `network connect red ${short}`,
    `network disconnect red ${short}`, `network disconnect blue ${short}`, 'network destroy blue',
  ])
  const [, , connect] = lab.store.read(tx => tx.events.after(0))
  t.deepEqual(connect, {
    number: 3, type: 'network', action: 'connect', actor: network.id, time: '2026-01-01T00:00:00.000000000Z',
    attributes: { container: id, name: 'blue', type: 'bridge' },
  })
})

test('what failed, was only planned or is made again is not told of', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  for (let at = 1; at < 12; at++) {
    void lab.kernel.arm({ on: 'create', at, how: 'fail' })
    const made = await controller.createNetwork({ name: 'blue' }).then(() => true, () => false)
    if (made) break
  }
  void lab.kernel.arm(undefined)
  t.deepEqual(told(lab), ['network create blue'])
  void lab.kernel.arm({ on: 'create', at: 3, how: 'fail' })
  await t.throwsAsync(controller.createSandbox(spec(sandboxId(), 'blue')))
  void lab.kernel.arm(undefined)
  await controller.planNetwork({ name: 'red' })
  await controller.planSandbox(spec(sandboxId(), 'blue'))
  lab.bootId = 'boot-2'
  await lab.process().createSandbox({ id: sandboxId(), mode: 'none' })
  await lab.process().recover({ repair: true })
  t.deepEqual(told(lab), ['network create blue'])
})

test('who dies while it deletes leaves the end to be told by whoever finishes it', async t => {
  const lab = new Lab(t)
  const first = lab.process()
  await first.createNetwork({ name: 'blue' })
  const id = sandboxId()
  await first.createSandbox(spec(id, 'blue'))
  const stopped = lab.kernel.arm({ on: 'remove', at: 1, how: 'stop-before' })
  t.false(await Promise.race([stopped.then(() => false), first.deleteSandbox(id).then(() => true)]))
  void lab.kernel.arm(undefined)
  t.is(told(lab).length, 2)
  lab.alive.delete(first.owner)
  const next = lab.process()
  await next.recover()
  await next.recover()
  t.deepEqual(told(lab).slice(2), [`network disconnect blue ${id.slice(0, 4)}`])
})
