/** The fault law, in the controller: whatever fails, and whenever a process dies, nothing is left and the next try succeeds. */
import test from 'ava'
import type { Controller } from '../../../cnm/controller.ts'
import type { EndpointSpec } from '../../../cnm/controller-api.ts'
import type { FaultPlan } from '../../helpers/fake-kernel.ts'
import { Lab, sandboxId } from '../../helpers/fake-controller.ts'

const id = sandboxId()
const ports: EndpointSpec['ports'] = [{ protocol: 'tcp', host: { first: 8080, last: 8080 }, container: { first: 80, last: 80 } }]
const create = async (controller: Controller): Promise<void> => {
  await controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'blue', name: 'web', ports },
    { network: 'red', name: 'web' }] })
}
const networks = async (lab: Lab): Promise<void> => {
  const controller = lab.process()
  await controller.createNetwork({ name: 'blue', enableIPv6: true })
  await controller.createNetwork({ name: 'red' })
}

interface Law {
  readonly name: string
  readonly before: (lab: Lab) => Promise<void>
  readonly run: (controller: Controller) => Promise<unknown>
  readonly on: FaultPlan['on']
  /** Objects that are made or removed at least; 8 where absent. */
  readonly atLeast?: number
}

const nothing = (): Promise<void> => Promise.resolve()
const laws: Law[] = [
  { name: 'making a network', before: nothing, run: controller => controller.createNetwork({ name: 'blue', enableIPv6: true }),
    on: 'create' },
  { name: 'making a sandbox with two endpoints', before: networks, run: create, on: 'create' },
  { name: 'making the default network on the way', before: nothing, on: 'create',
    run: controller => controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'bridge', name: 'web', ports }] }) },
]

/** A container with a published port on a network of IPv4, and one of both families that would be its gateway. */
const connectable = async (lab: Lab): Promise<void> => {
  const controller = lab.process()
  await controller.createNetwork({ name: 'red' })
  await controller.createNetwork({ name: 'blue', enableIPv6: true })
  await controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'red', name: 'web', ports }] })
}
const connect = (controller: Controller): Promise<unknown> => controller.connect(id, { network: 'blue', name: 'web' })
laws.push(
  { name: 'connecting to a network that becomes the gateway', before: connectable, run: connect, on: 'create' },
  { name: 'connecting, as the old gateway goes', before: connectable, run: connect, on: 'remove', atLeast: 2 },
)

laws.push({
  name: 'publishing ports', before: connectable, on: 'create', atLeast: 2,
  run: controller => controller.publish(id, [9000, 9001].map(port => ({ protocol: 'udp', container: { first: port, last: port },
    host: { first: port, last: port } })), () => undefined),
})

const picture = (lab: Lab): unknown => ({
  kernel: lab.kernel.residue.map(object => JSON.stringify(object)).toSorted(),
    rows: { ...lab.rows(), ipam_leases: 0, ipam_blocks: 0, ipam_cursors: 0 }, leases: lab.leases(), ports: lab.ports.taken.size,
})

for (const { name, before, run, on, atLeast = 9 } of laws) {
  test(`${name}: a failure of the kernel at any object leaves nothing, and the next try succeeds`, async t => {
    let n = 0
    for (let failed = true; failed;) {
      const lab = new Lab(t)
      await before(lab)
      const clean = picture(lab)
      const controller = lab.process()
      void lab.kernel.arm({ on, at: ++n, how: 'fail' })
      failed = await run(controller).then(() => false, () => true)
      void lab.kernel.arm(undefined)
      if (!failed) break
      // A default network made on the way stays, by decision.
      await controller.deleteNetwork('bridge').catch(() => {})
      t.deepEqual(picture(lab), clean, `object ${n}`)
      await t.notThrowsAsync(run(controller), `object ${n}`)
    }
    t.true(n >= atLeast, `${n} objects`)
  })

  for (const how of ['stop-before', 'stop-after'] as const) {
    test(`${name}: death at any object (${how}) is cleaned up by the next process, and its try succeeds`, async t => {
      let n = 0
      for (;;) {
        const lab = new Lab(t)
        await before(lab)
        const clean = picture(lab)
        const held = new Set(lab.ports.taken.keys())
        const dead = lab.process()
        const stopped = lab.kernel.arm({ on, at: ++n, how })
        const ended = await Promise.race([stopped.then(() => false), run(dead).then(() => true)])
        if (ended) break
        lab.alive.delete(dead.owner)
        // The kernel closes a dead process's descriptors.
        for (const descriptor of [...lab.ports.taken.keys()].filter(one => !held.has(one))) lab.ports.taken.delete(descriptor)
        const next = lab.process()
        await next.recover()
        await next.deleteNetwork('bridge').catch(() => {})
        t.deepEqual(picture(lab), clean, `object ${n}`)
        await t.notThrowsAsync(run(next), `object ${n}`)
      }
      t.true(n >= atLeast, `${n} objects`)
    })
  }
}

test('a deletion that fails at any object is finished by the next recovery', async t => {
  for (let n = 1; ; n++) {
    const lab = new Lab(t)
    await networks(lab)
    const clean = picture(lab)
    const controller = lab.process()
    await create(controller)
    lab.ports.taken.clear()
    void lab.kernel.arm({ on: 'remove', at: n, how: 'fail' })
    const failed = await controller.deleteSandbox(id).then(() => false, () => true)
    void lab.kernel.arm(undefined)
    if (!failed) {
      t.true(n > 8)
      return
    }
    t.true(lab.kernel.residue.length < 60)
    t.is(controller.findSandbox(id), undefined)
    await controller.recover()
    t.deepEqual(picture(lab), clean, `object ${n}`)
  }
})

test('death during a deletion is finished by the next process', async t => {
  for (let n = 1; ; n++) {
    const lab = new Lab(t)
    await networks(lab)
    const clean = picture(lab)
    const dead = lab.process()
    await create(dead)
    lab.ports.taken.clear()
    const stopped = lab.kernel.arm({ on: 'remove', at: n, how: 'stop-before' })
    if (await Promise.race([stopped.then(() => false), dead.deleteSandbox(id).then(() => true)])) {
      t.true(n > 8)
      return
    }
    const next = lab.process()
    await next.recover()
    t.is(lab.rows()['sandboxes'], 1, 'while it lives, nobody interferes')
    lab.alive.delete(dead.owner)
    await next.recover()
    t.deepEqual(picture(lab), clean, `object ${n}`)
    await t.notThrowsAsync(create(next))
  }
})

test('a disconnection that fails at any object is finished by the next recovery', async t => {
  for (const on of ['remove', 'create'] as const) {
    for (let n = 1; ; n++) {
      const lab = new Lab(t)
      await connectable(lab)
      const controller = lab.process()
      const clean = picture(lab)
      await connect(controller)
      void lab.kernel.arm({ on, at: n, how: 'fail' })
      const failed = await controller.disconnect(id, 'blue').then(() => false, () => true)
      void lab.kernel.arm(undefined)
      if (failed) await controller.recover()
      t.deepEqual(picture(lab), clean, `${on} ${n}`)
      if (!failed) {
        t.true(n > 2)
        break
      }
    }
  }
})

test('death during a disconnection is finished by the next process, whether the container still runs or not', async t => {
  for (const on of ['remove', 'create'] as const) {
    for (let n = 1; ; n++) {
      const lab = new Lab(t)
      await connectable(lab)
      const clean = picture(lab)
      const dead = lab.process()
      await connect(dead)
      const stopped = lab.kernel.arm({ on, at: n, how: 'stop-after' })
      if (await Promise.race([stopped.then(() => false), dead.disconnect(id, 'blue').then(() => true)])) {
        t.true(n > 2)
        break
      }
      lab.alive.delete(dead.owner)
      const next = lab.process()
      if (n % 2 === 0) {
        await next.recover()
        t.deepEqual(picture(lab), clean, `${on} ${n}`)
      }
      await next.deleteSandbox(id)
      for (const network of ['red', 'blue']) await next.deleteNetwork(network)
      t.deepEqual(lab.kernel.residue, [], `${on} ${n}`)
    }
  }
})
