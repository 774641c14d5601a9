import test from 'ava'
import { overlapWarnings } from '../../../cnm/overlaps.ts'
import { Lab, sandboxId } from '../../helpers/fake-controller.ts'

test('a route that came after a network is told of with what it breaks, and the network\'s own is not', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  const { network } = await controller.createNetwork({ name: 'blue', enableIPv6: true })
  const bridge = network.parsed?.bridgeName ?? ''
  const v6 = network.subnets[1]?.cidr ?? ''
  const withRoutes = (...routes: { cidr: string, dev: string }[]): readonly string[] => overlapWarnings(network, { ...lab.facts, routes: {
    4: routes.filter(({ cidr }) => !cidr.includes(':')), 6: routes.filter(({ cidr }) => cidr.includes(':')),
  } })
  t.deepEqual(withRoutes({ cidr: '172.18.0.0/24', dev: bridge }, { cidr: v6, dev: bridge }, { cidr: '10.0.0.0/8', dev: 'tun0' }), [])
  t.deepEqual(withRoutes({ cidr: '172.16.0.0/12', dev: 'tun0' }, { cidr: '172.18.0.64/26', dev: '' }, { cidr: '172.18.0.0/24', dev: 'eth1' }), [
    'network "blue" with 172.18.0.0/24 overlaps 172.16.0.0/12 dev tun0, a route of the host that came after it; '
    + 'what that route leads to cannot be reached at the addresses of the network',
    'network "blue" with 172.18.0.0/24 overlaps 172.18.0.64/26, a route of the host that came after it; '
    + 'containers with addresses of that route cannot be reached',
    'network "blue" with 172.18.0.0/24 overlaps 172.18.0.0/24 dev eth1, a route of the host that came after it; '
    + 'which of the two a packet takes is decided by their metrics',
  ])
  t.is(withRoutes({ cidr: v6, dev: 'wg0' }).length, 1)
  t.deepEqual(withRoutes({ cidr: '172.18.0.1/32', dev: bridge }), [], 'the address of a bridge that is down, whose subnet has no route')
  t.is(withRoutes({ cidr: '172.18.0.1/32', dev: 'eth1' }).length, 1)
  t.is(withRoutes({ cidr: '172.16.0.0/12', dev: bridge }).length, 1)
})

test('who attaches a container to such a network is told, and who looks at networks', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  await controller.createNetwork({ name: 'blue' })
  const { facts } = lab
  lab.facts = { ...facts, routes: { ...facts.routes, 4: [...facts.routes[4], { cidr: '172.16.0.0/12', dev: 'tun0' }] } }
  const { warnings } = await controller.createSandbox({ id: sandboxId(), mode: 'bridge', endpoints: [{ network: 'blue', name: 'web' }] })
  t.is(warnings.length, 1)
  t.regex(warnings[0] ?? '', /overlaps 172\.16\.0\.0\/12 dev tun0/)
  t.deepEqual(await controller.networkWarnings(controller.listNetworks()), warnings)
  t.is((await controller.createNetwork({ name: 'red' })).network.subnets[0]?.cidr, '192.168.0.0/24')
})
