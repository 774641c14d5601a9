/** Another runtime's networks where nothing can be written down: each call says so, and with room nothing is left of what was removed meanwhile. */
import test, { type ExecutionContext } from 'ava'
import { Foreigners } from '../../../cnm/foreign-runtime.ts'
import type { StateStore } from '../../../cnm/state-store.ts'
import type { EndpointId, NetworkId, PortRequest } from '../../../cnm/types.ts'
import { TsnetError, isTsnetError } from '../../../errors/error.ts'
import { openStateStore } from '../../../store/cnm-state.ts'
import { Lab } from '../../helpers/fake-controller.ts'

const id = 'a1'.repeat(32) as NetworkId
const endpointId = 'b2'.repeat(32) as EndpointId
const pool = 'x/10.77.0.0/24'
const ports: readonly PortRequest[] = [{ protocol: 'tcp', host: { first: 8080, last: 8080 }, container: { first: 80, last: 80 } }]

type Step = (runtime: Foreigners) => Promise<unknown>

const makes: readonly Step[] = [
  runtime => runtime.requestPool({ space: 'x', family: 4, subnet: '10.77.0.0/24' }),
  runtime => runtime.requestAddress(pool, { gateway: true }),
  runtime => runtime.createNetwork({
    foreign: { id, runtime: 'docker', addressSpaces: { 4: 'x' } }, name: 'docker-a1', subnets: [{ subnet: '10.77.0.0/24', gateway: '10.77.0.1' }],
  }),
  runtime => runtime.requestAddress(pool, {}),
  runtime => runtime.createEndpoint({ id: endpointId, networkId: id, ip: '10.77.0.2' }),
  runtime => runtime.join(endpointId, '/run/docker/netns/0'),
  runtime => runtime.publish(endpointId, ports),
]

/** What dockerd takes for done, whatever is answered. */
const removes: readonly Step[] = [
  runtime => runtime.unpublish(endpointId), runtime => runtime.leave(endpointId), runtime => runtime.deleteEndpoint(endpointId),
  runtime => runtime.releaseAddress(pool, '10.77.0.2'), runtime => runtime.releaseAddress(pool, '10.77.0.1'), runtime => runtime.releasePool(pool),
  runtime => runtime.deleteNetwork(id),
]

/** A store whose writes fail when `isFull` says so of the number of the write. */
function fullStore(lab: Lab): { readonly store: StateStore, isFull: (write: number) => boolean, writes: number, failures: number } {
  const real = openStateStore(lab.store)
  const full = {
    isFull: (_write: number) => false, writes: 0, failures: 0,
    store: {
      ...real, read: fn => real.read(fn),
      write: fn => {
        full.writes += 1
        if (!full.isFull(full.writes)) return real.write(fn)
        full.failures += 1
        throw new TsnetError('store-error', 'use store: it is full')
      },
    } satisfies StateStore,
  }
  return full
}

function open(t: ExecutionContext): { readonly lab: Lab, readonly runtime: Foreigners, readonly full: ReturnType<typeof fullStore> } {
  const lab = new Lab(t)
  const full = fullStore(lab)
  const runtime = new Foreigners(lab.context({ store: full.store }), { now: () => 0, facts: () => ({ bridgeNetfilter: lab.facts.bridgeNetfilter }), hasLink: () => false })
  return { lab, runtime, full }
}

/** As dockerd: after a failed creation it removes, and of a failed removal it thinks nothing. */
async function life(runtime: Foreigners, full: { readonly failures: number }, t: ExecutionContext): Promise<void> {
  for (const steps of [makes, removes]) {
    for (const step of steps) {
      const before = full.failures
      const error: unknown = await step(runtime).then(() => undefined, (reason: unknown) => reason)
      if (full.failures > before) t.true(isTsnetError(error), 'it says so')
      if (steps === makes && error !== undefined) break
    }
  }
}

const left = (lab: Lab): unknown => ({
  kernel: lab.kernel.residue, networks: lab.rows()['networks'], endpoints: lab.rows()['endpoints'], leases: lab.leases(), ports: lab.ports.taken.size,
  pools: lab.store.read(tx => tx.table('pools').list().length),
})
const nothing = { kernel: [], networks: 0, endpoints: 0, leases: 0, ports: 0, pools: 0 }

for (const [name, isFullFrom] of [['each write fails once', (n: number) => (write: number) => write === n], ['from each write on, all fail', (n: number) => (write: number) => write >= n]] as const) {
  test(`${name}: the call fails, and nothing is left once there is room`, async t => {
    const { lab, runtime, full } = open(t)
    for (let n = 1; ; n += 1) {
      Object.assign(full, { writes: 0, failures: 0, isFull: isFullFrom(n) })
      await life(runtime, full, t)
      if (full.failures === 0) {
        t.true(n > 15, `${n} writes`)
        return
      }
      full.isFull = () => false
      await runtime.collect()
      t.deepEqual(left(lab), nothing, `write ${n}`)
      for (const step of [...makes, ...removes]) await t.notThrowsAsync(step(runtime), `write ${n}, again`)
      t.deepEqual(left(lab), nothing, `write ${n}, again`)
    }
  })
}

test('with room again, what is asked for next does not meet what was to be removed', async t => {
  const { lab, runtime, full } = open(t)
  for (const step of makes) await step(runtime)
  full.isFull = () => true
  for (const step of removes) await t.throwsAsync(step(runtime))
  full.isFull = () => false
  for (const step of makes) await t.notThrowsAsync(step(runtime))
  for (const step of removes) await step(runtime)
  t.deepEqual(left(lab), nothing)
})

test('an endpoint whose link lies about in the host\'s namespace was left behind by its runtime', async t => {
  const lab = new Lab(t)
  let now = 0
  const inHost = new Set<string>()
  const runtime = new Foreigners(lab.context(), { now: () => now, facts: () => ({ bridgeNetfilter: lab.facts.bridgeNetfilter }), hasLink: name => inHost.has(name) })
  for (const step of makes) await step(runtime)
  const link = runtime.findEndpoint(endpointId)?.endpoint.interfaceName ?? ''
  now = 3_600_000
  t.is(await runtime.collect(), 0, 'it is in its sandbox')
  inHost.add(link)
  t.is(await runtime.collect(), 1)
  t.is(lab.ports.taken.size, 0)
  now = 0
  for (const step of makes.slice(3)) await step(runtime)
  now = 1000
  t.is(await runtime.collect(), 0, 'it is on its way')
})
