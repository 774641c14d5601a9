/** What another program removes of another runtime's networks comes back, and nothing that somebody else is at work on. */
import test, { type ExecutionContext } from 'ava'
import { Foreigners } from '../../../cnm/foreign-runtime.ts'
import type { EndpointId, NetworkId } from '../../../cnm/types.ts'
import type { ObjectKind } from '../../../objects/object.ts'
import { Lab } from '../../helpers/fake-controller.ts'

const id = 'a1'.repeat(32) as NetworkId
const endpointId = 'b2'.repeat(32) as EndpointId

interface Scene { readonly lab: Lab, readonly runtime: Foreigners, readonly links: Set<string>, readonly whole: readonly string[] }

/** A network with one endpoint that has joined and publishes a port. */
async function scene(t: ExecutionContext): Promise<Scene> {
  const lab = new Lab(t)
  const links = new Set<string>()
  const runtime = new Foreigners(lab.context(), { now: () => 0, facts: () => ({ bridgeNetfilter: lab.facts.bridgeNetfilter }), hasLink: name => links.has(name) })
  const { objects } = await runtime.createNetwork({ foreign: { id, runtime: 'docker', addressSpaces: {} }, name: 'docker-a1', subnets: [{ subnet: '10.77.0.0/24', gateway: '10.77.0.1' }] })
  await runtime.createEndpoint({ id: endpointId, networkId: id, ip: '10.77.0.2' })
  const { endpoint } = await runtime.join(endpointId, '/run/docker/netns/0')
  await runtime.publish(endpointId, [{ protocol: 'tcp', host: { first: 8080, last: 8080 }, container: { first: 80, last: 80 } }])
  links.add(endpoint.hostInterface)
  for (const object of objects) if (object.kind === 'bridge') links.add(object.name)
  return { lab, runtime, links, whole: names(lab) }
}

const names = (lab: Lab): readonly string[] => [...lab.kernel.objects.keys()].toSorted()
function lose(lab: Lab, kinds: readonly ObjectKind[]): void {
  for (const [key, object] of lab.kernel.objects) if (kinds.includes(object.kind)) lab.kernel.objects.delete(key)
}

test('flushed rules are made again, those of published ports too', async t => {
  const { lab, runtime, whole } = await scene(t)
  lose(lab, ['isolation', 'masquerade', 'publish'])
  const lost = whole.length - lab.kernel.objects.size
  t.is(await runtime.repair(), lost)
  t.deepEqual(names(lab), whole)
  t.is(await runtime.repair(), 0)
})

test('a repair of everything, as of `firewall repair`, makes the rules of foreign networks again', async t => {
  const { lab, runtime, whole } = await scene(t)
  lose(lab, ['isolation', 'masquerade', 'publish'])
  await lab.process().recover({ repair: true })
  await runtime.repair()
  t.deepEqual(names(lab), whole)
})

test('however many networks there are, what is missing is asked for once', async t => {
  const { lab, runtime } = await scene(t)
  const looks = async (): Promise<number> => {
    lab.kernel.looks = 0
    t.is(await runtime.repairIfHurt(true), 0)
    return lab.kernel.looks
  }
  const one = await looks()
  for (const digit of ['3', '4', '5']) {
    const foreign = { id: `c${digit}`.repeat(32) as NetworkId, runtime: 'docker', addressSpaces: {} } as const
    await runtime.createNetwork({ foreign, name: `docker-${digit}`, subnets: [{ subnet: `10.7${digit}.0.0/24`, gateway: `10.7${digit}.0.1` }] })
  }
  t.is(await looks(), one)
})

test('a look where no rule has changed and each bridge is there asks the kernel for nothing', async t => {
  const { lab, runtime } = await scene(t)
  lose(lab, ['isolation', 'masquerade', 'publish'])
  lab.kernel.calls.length = 0
  t.is(await runtime.repairIfHurt(false), 0)
  t.deepEqual(lab.kernel.calls, [])
  t.true(await runtime.repairIfHurt(true) > 0)
})

test('a bridge that was deleted is made again, its container stays, and is not taken for forgotten', async t => {
  const { lab, runtime, links, whole } = await scene(t)
  lose(lab, ['bridge', 'veth'])
  for (const name of links) if (name.startsWith('tsbr-')) links.delete(name)
  t.is(await runtime.collect(), 0)
  t.true(await runtime.repairIfHurt(false) > 0)
  t.deepEqual(names(lab), whole)
})

test('a link that is gone with its namespace is not made again', async t => {
  const { lab, runtime, links } = await scene(t)
  lose(lab, ['veth', 'publish'])
  links.clear()
  await runtime.repair()
  t.false(lab.kernel.has('veth'))
  t.false(lab.kernel.has('publish'))
  t.is(await runtime.collect(), 1)
})

test('ports that are taken back while they are made again do not stay', async t => {
  const { lab, runtime, links } = await scene(t)
  lose(lab, ['isolation', 'publish'])
  const other = new Foreigners(lab.context(), { now: () => 0, facts: () => ({ bridgeNetfilter: lab.facts.bridgeNetfilter }), hasLink: name => links.has(name) })
  await Promise.all([other.repair(), runtime.unpublish(endpointId)])
  t.false(lab.kernel.has('publish'))
  t.true(lab.kernel.has('isolation'))
})
