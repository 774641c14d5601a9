import test from 'ava'
import { logOverlaps } from '../../../cnm/overlap-log.ts'
import { openStateStore } from '../../../store/cnm-state.ts'
import { Lab } from '../../helpers/fake-controller.ts'

test('a route that overlaps a network is told of once, and once when it is gone, whoever looks', async t => {
  const lab = new Lab(t)
  const controller = lab.process()
  await controller.createNetwork({ name: 'blue', enableIPv6: true })
  await controller.createNetwork({ name: 'red' })
  const [blue] = controller.getNetwork('blue').subnets
  const bridge = controller.getNetwork('blue').parsed?.bridgeName ?? ''
  const look = (...routes: readonly { readonly cidr: string, readonly dev: string }[]): void =>
    logOverlaps(openStateStore(lab.store), { routes: { 4: [...routes, { cidr: blue?.cidr ?? '', dev: bridge }], 6: [] } }, () => '2026-01-01T00:00:00Z')
  const told = (): readonly string[] => lab.store.read(view => view.events.after(0)).flatMap(({ action, attributes: { name, subnet, route } }) =>
    action.startsWith('overlap') ? [`${action} ${name} ${subnet} ${route}`] : []).toSorted()
  look()
  t.deepEqual(told(), [], 'its own')
  const vpn = { cidr: '172.18.0.0/15', dev: 'tun0' }
  const away = { cidr: '10.0.0.0/8', dev: 'tun0' }
  for (let i = 0; i < 3; i += 1) look(away, vpn)
  t.deepEqual(told(), ['overlap blue 172.18.0.0/24 172.18.0.0/15 dev tun0', 'overlap red 172.18.1.0/24 172.18.0.0/15 dev tun0'])
  look(vpn, { cidr: '172.18.1.7/32', dev: '' })
  t.is(told()[2], 'overlap red 172.18.1.0/24 172.18.1.7/32')
  await controller.deleteNetwork('red')
  look()
  t.deepEqual(told().filter(line => line.startsWith('overlap-end')), ['overlap-end blue 172.18.0.0/24 172.18.0.0/15 dev tun0'], 'of a network that is gone, nothing')
  t.is(lab.store.read(view => view.meta.get('overlaps')), undefined)
})
