import test from 'ava'
import { bridgeDriver } from '../../../drivers/bridge/driver.ts'
import { Lab, sandboxId } from '../../helpers/fake-controller.ts'

const join = async (lab: Lab, count: number): Promise<readonly (ReturnType<typeof sandboxId>)[]> => {
  const controller = lab.process()
  const ids = Array.from({ length: count }, () => sandboxId())
  for (const id of ids) await controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'big', name: `c${id.slice(0, 16)}` }] })
  return ids
}

test('a network grows when its bridges are nearly full, and places that become free are taken first', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  await controller.createNetwork({ name: 'big', subnets: [{ subnet: '10.0.0.0/16' }] })
  const ids = await join(lab, 976)
  t.is(controller.getNetwork('big').segments, undefined)
  t.is([...lab.kernel.objects.values()].filter(({ kind }) => kind === 'bridge').length, 1)
  const more = await join(lab, 34)
  const network = controller.getNetwork('big')
  t.is(network.segments, 1)
  const masters = Map.groupBy([...lab.kernel.objects.values()].flatMap(object => object.kind === 'veth' ? object.master ?? '' : []), name => name)
  t.deepEqual([...masters.values()].map(({ length }) => length), [1000, 10])
  await controller.deleteSandbox(ids[5] ?? sandboxId())
  await join(lab, 1)
  t.is(controller.listEndpoints().filter(({ segment }) => segment === 1).length, 10, 'the place on the first bridge')
  await Promise.all([...ids, ...more].map(id => controller.deleteSandbox(id)))
  for (const { sandboxId: id } of controller.listEndpoints()) await controller.deleteSandbox(id)
  await controller.deleteNetwork('big')
  t.deepEqual(lab.kernel.residue, [])
  t.is(lab.store.read(tx => tx.meta.get(`members/${network.id}`)), undefined)
})

test('a further bridge of a network without icc lets its members go to the first bridge alone, and that one lets them go to the host alone', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  await controller.createNetwork({ name: 'big', subnets: [{ subnet: '10.0.0.0/16' }], options: { 'com.docker.network.bridge.enable_icc': 'false' } })
  await join(lab, 978)
  const { objects, segments } = controller.getNetwork('big')
  t.is(segments, 1)
  const link = objects.find(object => object.kind === 'bridge-link')
  t.like(link, { isolated: true })
  const bridge = objects.find(object => object.kind === 'bridge')
  t.deepEqual(objects.filter(object => object.kind === 'port-guard'), [
    { kind: 'port-guard', port: link?.peer, uplink: true }, { kind: 'port-guard', port: link?.host, onlyTo: bridge?.mac },
  ])
  t.true(objects.findIndex(({ kind }) => kind === 'port-guard') < objects.findIndex(({ kind }) => kind === 'bridge-link'))
})

test('the objects of a segment name the first bridge, and all fit into the names of links', t => {
  const id = 'f'.repeat(64) as never
  const network = {
    id, name: 'big', driver: 'bridge', created: '', subnets: [], internal: false, enableIPv4: true, enableIPv6: true, labels: {}, options: {},
    parsed: { bridgeName: 'br0', mtu: 1400, icc: true, masquerade: true, gatewayModeV4: 'nat', gatewayModeV6: 'nat', interfacePrefix: 'eth' },
  } as const
  const objects = bridgeDriver.growth?.objects(network, 23, new Lab(t).facts) ?? []
  t.deepEqual(objects.map(({ kind }) => kind), ['bridge', 'sysctl', 'sysctl', 'link-up', 'segment', 'segment', 'bridge-link'])
  const link = objects.at(-1)
  t.like(link, { from: 'br0', to: 'tsbffffffff.23', mtu: 1400 })
  for (const object of objects) {
    for (const value of Object.values(object)) if (String(value).startsWith('ts') && !String(value).startsWith('tsnet:')) t.true(String(value).length <= 15)
  }
})
