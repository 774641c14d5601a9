import test from 'ava'
import { formatPorts, inspectPorts, portPlaces, reachedAt, type Publisher } from '../../../../cli/output/port-text.ts'
import type { PortBinding } from '../../../../cnm/types.ts'
import { endpoint, network } from '../../drivers/fixtures.ts'

const web: PortBinding = { protocol: 'tcp', host: { first: 8080, last: 8081 }, container: { first: 80, last: 81 } }
const routed = 'com.docker.network.bridge.gateway_mode_ipv4'

function publisher(options: Readonly<Record<string, string>>, ports: readonly PortBinding[] = [web]): Publisher {
  const on = network({ families: '46', options })
  return { network: { ...on, state: 'ready', owner: '', bootId: '', objects: [] },
    endpoint: { ...endpoint(on, { ports }), state: 'ready', owner: '', bootId: '', objects: [] } }
}

test('translated ports are at the host', t => {
  const at = [publisher({})]
  t.is(formatPorts(at, ['80/tcp', '443/tcp']), '0.0.0.0:8080-8081->80-81/tcp, [::]:8080-8081->80-81/tcp, 443/tcp')
  t.deepEqual(inspectPorts(at, [])['81/tcp'], [{ HostIp: '0.0.0.0', HostPort: '8081' }, { HostIp: '::', HostPort: '8081' }])
  t.deepEqual(reachedAt(at), { '80/tcp': ['0.0.0.0:8080', '[::]:8080'], '81/tcp': ['0.0.0.0:8081', '[::]:8081'] })
  t.deepEqual(portPlaces({ ...web, held: [4] }), ['80-81/tcp -> 0.0.0.0:8080-8081'])
})

test('where a family is routed, its ports are at the container\'s own address, and the host has none', t => {
  const at = [publisher({ [routed]: 'routed' })]
  const own = at[0]?.endpoint.addresses.find(({ family }) => family === 4)?.cidr.split('/')[0] ?? ''
  t.is(formatPorts(at, ['80/tcp']), '80-81/tcp, [::]:8080-8081->80-81/tcp')
  t.deepEqual(inspectPorts(at, [])['80/tcp'], [{ HostIp: '0.0.0.0', HostPort: '' }, { HostIp: '::', HostPort: '8080' }])
  t.deepEqual(reachedAt(at), { '80/tcp': [`${own}:80`, '[::]:8080'], '81/tcp': [`${own}:81`, '[::]:8081'] })
  t.deepEqual(portPlaces({ ...web, hostIp: '192.0.2.1', held: [] }), [])
})
